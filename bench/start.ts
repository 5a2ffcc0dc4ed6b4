// Starts: the process from nothing to its first 200 on /health/ready, cold and from an epoch on disk, against `node -e 0`.
import { spawnSync } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { exampleRepository } from './lib/exampleRepository.ts';
import { median, medianRatio, type Figure } from './lib/figures.ts';
import { startVortex } from './lib/vortex.ts';
import type { BenchPlan } from './lib/benchPlan.ts';

const example = fileURLToPath(new URL('../../docker/example/config', import.meta.url));

export async function startFigures(plan: BenchPlan): Promise<readonly Figure[]> {
  // The first fetch of this process loads its client: not the server's time.
  await fetch('http://127.0.0.1:1/').catch((error: unknown) => {
    if (!(error instanceof TypeError)) throw error;
  });
  const cold = await starts(plan, example, null);
  const repository = await exampleRepository(1_000);
  const storage = await mkdtemp(join(tmpdir(), 'vortex-bench-storage-'));
  await fillEpoch(repository.directory, repository.applications, storage);
  const warm = await starts(plan, repository.directory, storage);
  const coldMedian = median(cold.vortexMs);
  return [
    {
      name: 'cold start with the example repository to the first 200 on /health/ready, against node -e 0',
      measured: `${Math.round(coldMedian)} ms against ${Math.round(median(cold.nodeMs))} ms`,
      ratio: medianRatio(cold.vortexMs, cold.nodeMs),
      bar: { kind: 'atMost', value: 4 },
      absolute: { text: '< 2 s', holds: coldMedian < 2_000 },
    },
    {
      name: 'warm start from the epoch on disk, 1,000 applications, against node -e 0',
      measured: `${Math.round(median(warm.vortexMs))} ms against ${Math.round(median(warm.nodeMs))} ms`,
      ratio: medianRatio(warm.vortexMs, warm.nodeMs),
      bar: { kind: 'atMost', value: 6 },
    },
  ];
}

async function starts(
  plan: BenchPlan,
  searchLocation: string,
  storageDirectory: string | null,
): Promise<{ readonly vortexMs: number[]; readonly nodeMs: number[] }> {
  const vortexMs: number[] = [];
  const nodeMs: number[] = [];
  for (let round = 0; round < plan.starts; round += 1) {
    const startedAt = performance.now();
    spawnSync(process.execPath, ['-e', '0']);
    nodeMs.push(performance.now() - startedAt);
    const vortex = await startVortex({ searchLocation, cpu: null, storageDirectory });
    vortexMs.push(vortex.readyMs);
    await vortex.process.stop();
  }
  return { vortexMs, nodeMs };
}

async function fillEpoch(searchLocation: string, applications: readonly string[], storageDirectory: string): Promise<void> {
  const vortex = await startVortex({ searchLocation, cpu: null, storageDirectory });
  await askForAll(vortex.port, applications);
  // Addenda are merged and stored with the next epoch: a drain stores what is hot.
  await sleep(1_000);
  await vortex.process.stop();
}

export async function askForAll(port: number, applications: readonly string[]): Promise<void> {
  for (let first = 0; first < applications.length; first += 50) {
    const batch = applications.slice(first, first + 50);
    const answers = await Promise.all(batch.map((name) => fetch(`http://127.0.0.1:${port}/${name}/prod`, { headers: { accept: 'application/json' } })));
    for (const answer of answers) {
      await answer.arrayBuffer();
      if (answer.status !== 200) throw new Error(`${answer.url} answered ${answer.status}`);
    }
  }
}
