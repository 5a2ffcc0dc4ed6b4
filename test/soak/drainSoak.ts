// Fifty drains under load with SIGTERM at random phases: `node dist/test/soak/drainSoak.js [runs] [seed]`. Exits 1 when an answer was lost.
import { drainUnderLoad } from '../fixtures/cluster/scenarios.ts';

const runs = Number(process.argv[2] ?? 50);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const paths = ['/', '/slow/5', '/slow/40', '/slow/150'];

let random = seed;
let answered = 0;
let queued = 0;
let refused = 0;
let failed = 0;
let longestMs = 0;
for (let run = 0; run < runs; run += 1) {
  random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
  const outcome = await drainUnderLoad(paths[run % paths.length]!, Math.floor((random / 2 ** 32) * 600));
  answered += outcome.answered;
  queued += outcome.verdict.queued;
  refused += outcome.verdict.refused;
  longestMs = Math.max(longestMs, outcome.tookMs);
  if (outcome.verdict.lost.length > 0 || outcome.exit.code !== 0) {
    failed += 1;
    console.log(`run ${run}: exit ${outcome.exit.code ?? outcome.exit.signal}`, outcome.verdict.lost, outcome.stderr);
  }
}
console.log(`seed ${seed}: ${runs} drains, ${answered} answers, ${failed} runs with lost answers or a wrong exit, longest ${longestMs} ms`);
console.log(`${refused} clients refused after the listener was closed; ${queued} connections were in the kernel's queue at that instant`);
process.exitCode = failed === 0 ? 0 : 1;
