// Publish: a changed file until every worker serves it, with 100 and 1,000 hot applications, and what readers feel meanwhile.
import { setTimeout as sleep } from 'node:timers/promises';
import { exampleRepository, type ExampleRepository } from './lib/exampleRepository.ts';
import { median, type Figure } from './lib/figures.ts';
import { startVortex, type Vortex } from './lib/vortex.ts';
import { openLoadProcess } from './reads.ts';
import type { BenchPlan } from './lib/benchPlan.ts';
import { askForAll } from './start.ts';

export async function publishFigures(plan: BenchPlan): Promise<readonly Figure[]> {
  const small = await exampleRepository(100);
  const large = await exampleRepository(1_000);
  const servers = [await hotServer(small, plan), await hotServer(large, plan)] as const;
  try {
    const smallMs: number[] = [];
    const largeMs: number[] = [];
    for (let round = 0; round < plan.publishes; round += 1) {
      smallMs.push(await changeSeen(servers[0], small, round));
      largeMs.push(await changeSeen(servers[1], large, round));
    }
    const largeMedian = median(largeMs);
    return [
      {
        name: 'publish of one changed file, 1,000 against 100 hot applications',
        measured: `${Math.round(largeMedian)} ms against ${Math.round(median(smallMs))} ms`,
        ratio: largeMedian / median(smallMs),
        bar: { kind: 'atMost', value: 2 },
        absolute: { text: '< 250 ms', holds: largeMedian < 250 },
      },
      await readsMeanwhile('p99 of reads while files change, 1,000 applications, against steady state', servers[1], large, plan),
    ];
  } finally {
    for (const server of servers) await server.process.stop();
  }
}

async function hotServer(repository: ExampleRepository, plan: BenchPlan): Promise<Vortex> {
  const vortex = await startVortex({ searchLocation: repository.directory, cpu: plan.serverCpu, storageDirectory: null });
  await askForAll(vortex.port, repository.applications);
  return vortex;
}

/** From the write to the first answer that shows it: the look at the directories is part of it. */
async function changeSeen(vortex: Vortex, repository: ExampleRepository, round: number): Promise<number> {
  const application = repository.applications[round % repository.applications.length]!;
  const marker = `round-${round}-${Date.now()}`;
  const startedAt = performance.now();
  await repository.change(application, marker);
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${vortex.port}/${application}/prod`, { headers: { accept: 'application/json' } });
    if ((await answer.text()).includes(marker)) return performance.now() - startedAt;
    if (performance.now() - startedAt > 10_000) throw new Error(`the change of ${application} was not served within 10 s`);
    await sleep(1);
  }
}

export async function readsMeanwhile(name: string, vortex: Vortex, repository: ExampleRepository, plan: BenchPlan): Promise<Figure> {
  const path = `/${repository.applications[7]}/prod`;
  const load = { port: vortex.port, path, headers: { accept: 'application/json' }, connections: 32, seconds: Math.max(2, plan.seconds) };
  const rate = (await openLoadProcess({ ...load, rate: 0 }, plan)).rate / 3;
  const steady: number[] = [];
  const changing: number[] = [];
  for (let round = 0; round < plan.rounds; round += 1) {
    const calm = await openLoadProcess({ ...load, rate }, plan);
    steady.push(calm.latency.p99);
    const running = { yes: true };
    const writer = keepChanging(repository, running);
    const busy = await openLoadProcess({ ...load, rate }, plan);
    running.yes = false;
    await writer;
    changing.push(busy.latency.p99);
    if (round === plan.rounds - 1) {
      plan.distribution({ name: 'steady reads', points: calm.distribution });
      plan.distribution({ name: 'reads while files change', points: busy.distribution });
    }
  }
  return {
    name,
    measured: `${Math.round(median(changing))} µs against ${Math.round(median(steady))} µs at ${Math.round(rate)}/s`,
    ratio: median(changing) / median(steady),
    bar: { kind: 'atMost', value: 2 },
  };
}

async function keepChanging(repository: ExampleRepository, running: { readonly yes: boolean }): Promise<void> {
  for (let index = 0; running.yes; index += 1) {
    await repository.change(repository.applications[index % 50]!, `change-${index}-${Date.now()}`);
    await sleep(500);
  }
}
