// Memory: one worker with the example repository, after some load, against a bare uWS server in one worker thread.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MeasuredProcess } from './lib/child.ts';
import { closedLoad } from './lib/closedLoad.ts';
import type { Figure } from './lib/figures.ts';
import { freePort, startVortex } from './lib/vortex.ts';
import type { BenchPlan } from './lib/benchPlan.ts';

/** After this the compile thread of the start has ended. */
const settleMs = 35_000;

export async function memoryFigures(plan: BenchPlan): Promise<readonly Figure[]> {
  const example = fileURLToPath(new URL('../../docker/example/config', import.meta.url));
  const vortex = await startVortex({ searchLocation: example, cpu: plan.serverCpu, storageDirectory: null });
  const bodyFile = join(await mkdtemp(join(tmpdir(), 'vortex-bench-body-')), 'body.json');
  await writeFile(bodyFile, '{}');
  const port = await freePort();
  const program = fileURLToPath(new URL('./servers/bareUws.js', import.meta.url));
  const bare = MeasuredProcess.start({ command: [process.execPath, program, String(port), bodyFile, 'application/json', 'thread'], cpu: plan.serverCpu });
  try {
    await bare.ready(`http://127.0.0.1:${port}/a/b`);
    const load = { headers: {}, connections: 16, seconds: 1, cpu: plan.loadCpu };
    await closedLoad('autocannon', { ...load, url: `http://127.0.0.1:${vortex.port}/orders/prod` });
    await closedLoad('autocannon', { ...load, url: `http://127.0.0.1:${port}/orders/prod` });
    await sleep(plan.rounds > 1 ? settleMs : 1_000);
    const [ours, theirs] = [await vortex.process.residentBytes(), await bare.residentBytes()];
    const mebibytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MiB`;
    return [
      {
        name: 'resident memory, one worker, example repository, against a bare uWS server with one worker thread',
        measured: `${mebibytes(ours)} against ${mebibytes(theirs)}`,
        ratio: ours / theirs,
        bar: { kind: 'atMost', value: 1.6 },
      },
    ];
  } finally {
    await Promise.all([vortex.process.stop(), bare.stop()]);
  }
}
