// The p99 of reads while 10,000 entries change at once, against that of steady state: prints both and their ratio.
//
//   npm run soak:switch -- [SWITCHES] [ENTRIES]
import { switchUnderLoad } from '../../test/fixtures/lifecycle/epochSwitchRun.ts';

const switches = Number(process.argv[2] ?? 10);
const entries = Number(process.argv[3] ?? 10_000);

const run = await switchUnderLoad({ entries, switches, pauseMs: 2, steadyMs: 2_000 });
const steady = percentile(run.steady, 0.99);
const switching = percentile(run.switching, 0.99);
console.log(
  `${switches} switches of ${entries} entries, ${run.reads} reads, ${run.misses} misses, median publish ${percentile(run.publishMs, 0.5).toFixed(0)} ms`,
);
console.log(`p50 steady ${percentile(run.steady, 0.5).toFixed(2)} ms, switching ${percentile(run.switching, 0.5).toFixed(2)} ms`);
console.log(`p99 steady ${steady.toFixed(2)} ms, switching ${switching.toFixed(2)} ms: ${(switching / steady).toFixed(2)}x`);
console.log(`${run.failed.length} failed, ${run.mixed.length} of mixed or earlier epochs`);
if (run.failed.length + run.mixed.length > 0) console.log(run.failed.slice(0, 10), run.mixed.slice(0, 10));
process.exitCode = run.failed.length + run.mixed.length === 0 ? 0 : 1;

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
