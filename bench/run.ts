// npm run bench: every bar of the README, measured side by side in interleaved rounds; exits non-zero when one falls short.
//
//   node run.js [--quick] [--json FILE] [--html FILE] [--only WORD]      --quick: a second per round, to see that it still works
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { BenchPlan } from './lib/benchPlan.ts';
import { barText, holds, type Figure } from './lib/figures.ts';
import { htmlReport, type Distribution } from './lib/htmlReport.ts';
import { gitPushFigures } from './gitPush.ts';
import { memoryFigures } from './memory.ts';
import { publishFigures } from './publish.ts';
import { pushFigures } from './push.ts';
import { readFigures } from './reads.ts';
import { s3Figures } from './s3.ts';
import { sqlFigures } from './sql.ts';
import { startFigures } from './start.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string', default: 'dist/bench.json' },
    html: { type: 'string', default: 'dist/bench.html' },
    only: { type: 'string', default: '' },
  },
});

const distributions: Distribution[] = [];
const hasTwoCores = cpus().length >= 2 && process.platform === 'linux';
const plan: BenchPlan = {
  rounds: options.quick ? 1 : 5,
  seconds: options.quick ? 1 : 4,
  starts: options.quick ? 3 : 15,
  publishes: options.quick ? 3 : 20,
  serverCpu: hasTwoCores ? 0 : null,
  loadCpu: hasTwoCores ? 1 : null,
  note: (line) => process.stderr.write(`${line}\n`),
  distribution: (distribution) => distributions.push(distribution),
};

const parts = {
  reads: readFigures,
  start: startFigures,
  publish: publishFigures,
  push: pushFigures,
  gitPush: gitPushFigures,
  memory: memoryFigures,
  s3: s3Figures,
  sql: sqlFigures,
};
const figures: Figure[] = [];
for (const [name, measure] of Object.entries(parts)) {
  if (!name.includes(options.only)) continue;
  plan.note(`measuring ${name} ...`);
  figures.push(...(await measure(plan)));
}

for (const figure of figures) {
  const verdict = holds(figure) ? 'ok  ' : 'MISS';
  process.stdout.write(`${verdict} ${figure.ratio.toFixed(2).padStart(6)}x  bar ${barText(figure).padEnd(16)} ${figure.name}: ${figure.measured}\n`);
}
const missed = figures.filter((figure) => !holds(figure));
process.stdout.write(`${figures.length - missed.length} bars held, ${missed.length} missed\n`);
const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cpus: cpus().length, quick: options.quick };
await writeFile(options.json, `${JSON.stringify({ machine, figures, distributions }, null, 2)}\n`);
await writeFile(options.html, htmlReport(machine, figures, distributions));
// A quick run shows that the bench works; its rounds are too short to judge by.
if (missed.length > 0 && !options.quick) process.exitCode = 1;
