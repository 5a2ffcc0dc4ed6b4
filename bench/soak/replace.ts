// 100,000 requests, nearly all on connections of their own, while all workers are replaced every second. Exits 1 when one failed.
//
//   npm run soak:replace -- [REQUESTS] [EVERY_MS]
import { replaceUnderLoad } from '../../test/fixtures/lifecycle/serverLoad.ts';

const requests = Number(process.argv[2] ?? 100_000);
const everyMs = Number(process.argv[3] ?? 1_000);

const startedMs = performance.now();
const { result, replaced, output } = await replaceUnderLoad(requests, everyMs);
const seconds = (performance.now() - startedMs) / 1_000;
const wrong = [...result.statuses].filter(([status]) => status !== 200);
console.log(`${result.answered} answers on ${result.connections} connections in ${seconds.toFixed(1)} s, ${replaced} workers replaced`);
console.log(`${result.failures.length} failed, ${wrong.reduce((sum, [, count]) => sum + count, 0)} with a status other than 200`);
const ok = result.failures.length === 0 && wrong.length === 0 && replaced > 0;
if (!ok) console.log(result.failures.slice(0, 20), wrong, output);
process.exitCode = ok ? 0 : 1;
