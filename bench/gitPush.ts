// From `git push` over HTTP to the last of 1,000 subscribers, with nothing but the poll interval to notice it.
import { join } from 'node:path';
import { GitFixture } from '../test/integration/git/gitFixture.ts';
import { startGitHttpServer } from '../test/integration/git/gitHttpServer.ts';
import type { BenchPlan } from './lib/benchPlan.ts';
import { median, type Figure } from './lib/figures.ts';
import { Fleet } from './lib/fleet.ts';
import { startVortex } from './lib/vortex.ts';

const pollIntervalMs = 1_000;
const subscribers = 1_000;

export async function gitPushFigures(plan: BenchPlan): Promise<readonly Figure[]> {
  const fixture = new GitFixture();
  const files = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`service-${index}.yml`, `feature: {marker: initial, index: ${index}}\n`]));
  fixture.push(files);
  const remote = await startGitHttpServer({ root: fixture.served });
  const vortex = await startVortex({
    searchLocation: null,
    cpu: plan.serverCpu,
    storageDirectory: join(fixture.root, 'server'),
    environment: {
      VORTEX_BACKENDS_GIT_URI: `${remote.url}/origin.git`,
      VORTEX_BACKENDS_GIT_POLL_INTERVAL: `${pollIntervalMs}ms`,
      VORTEX_PUSH_ADMISSIONS_PER_SECOND: '1000000',
    },
  });
  const fleet = await Fleet.open(vortex.port, '/ws/service-7/prod', subscribers, plan);
  try {
    const lastMs: number[] = [];
    for (let turn = 0; turn < Math.max(3, plan.publishes / 2); turn += 1) {
      fixture.work.commit({ 'service-7.yml': `feature: {marker: turn-${turn}, index: 7}\n` });
      // The clock starts before the push: what it takes is part of the figure.
      lastMs.push((await fleet.fanOut(() => Promise.resolve(fixture.pushAll()))).last);
    }
    const last = median(lastMs);
    return [
      {
        name: `git push over HTTP until the last of ${subscribers} WebSockets has it, against a second and the poll interval`,
        measured: `${last.toFixed(0)} ms (longest ${Math.max(...lastMs).toFixed(0)} ms) with an interval of ${pollIntervalMs} ms`,
        ratio: last / (1_000 + pollIntervalMs),
        bar: { kind: 'atMost', value: 1 },
      },
    ];
  } finally {
    fleet.close();
    await vortex.process.stop();
    await remote.close();
    await fixture.close();
  }
}
