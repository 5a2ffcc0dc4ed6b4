// Fifty drains of the real server under load, SIGTERM at random phases. Exits 1 when an answer was lost or an exit was wrong.
//
//   npm run soak:drain -- [RUNS] [SEED]
import { drainUnderLoad } from '../../test/fixtures/lifecycle/serverLoad.ts';

const runs = Number(process.argv[2] ?? 50);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const signalAfterMsMax = 600;

let random = seed;
let answered = 0;
let refused = 0;
let queued = 0;
let failed = 0;
let longestMs = 0;
for (let run = 0; run < runs; run += 1) {
  random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
  const signalAfterMs = Math.floor((random / 2 ** 32) * signalAfterMsMax);
  const { verdict, exit, statuses, tookMs, output, answered: answers } = await drainUnderLoad(signalAfterMs);
  answered += answers;
  refused += verdict.refused;
  queued += verdict.queued;
  longestMs = Math.max(longestMs, tookMs);
  if (verdict.lost.length === 0 && exit.code === 0 && statuses.every((status) => status === 200)) continue;
  failed += 1;
  console.log(`run ${run}, signal after ${signalAfterMs} ms: exit ${exit.code ?? exit.signal}, statuses ${statuses.join(' ')}`, verdict.lost, output);
}
console.log(`seed ${seed}: ${runs} drains, ${answered} answers, ${failed} runs with lost answers or a wrong exit, longest ${longestMs} ms`);
console.log(`${refused} clients refused after the listener was closed; ${queued} connections were in the kernel's queue at that instant`);
process.exitCode = failed === 0 ? 0 : 1;
