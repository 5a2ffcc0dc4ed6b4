// npm run simulate:autoscaling: real servers and a real Prometheus under a load that rises and falls, scaled by the HPA's algorithm with what the chart ships.
//
//   node simulate.js [--speed 10] [--svg FILE]      --speed: how much faster than in a cluster; scrapes, windows and policies alike
//
// Writes the picture to dist/autoscaling.svg, prints the bars, and exits non-zero when one falls short. Simulated are the controller, the scheduler and
// the balancer; the CPU and memory metrics are left out, they say nothing of ten pods on one machine.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { Prometheus } from '../../test/fixtures/prometheus/prometheus.ts';
import { decideReplicas, scalingInitial } from './horizontalPodAutoscaler.ts';
import { loadProfile, type LoadProfile } from './loadProfile.ts';
import { PodFleet } from './podFleet.ts';
import { scalingBars, type Moment } from './scalingVerdict.ts';
import { shippedScaling, syncSeconds } from './shippedScaling.ts';
import { timelineSvg } from './timelineSvg.ts';

const { values: options } = parseArgs({ options: { speed: { type: 'string', default: '10' }, svg: { type: 'string', default: 'dist/autoscaling.svg' } } });
const speed = Number(options.speed);
/** Requests per second and pod: low, because ten pods share this machine. What a pod can do is set, not measured, in the proportion of the chart's target. */
const target = 40;
const capacity = target / 0.65;
const loadStepMs = 20;
const podGoneUnnoticedSeconds = 5;

const { spec, scrapeSeconds, query } = shippedScaling(target, speed);
const profile = loadProfile(target);
const realMs = (seconds: number): number => (seconds * 1_000) / speed;
const fleet = new PodFleet({
  // a pod that ends, and one more for one that is gone, keep their slot for a while
  slots: spec.maxReplicas + 4,
  searchLocation: fileURLToPath(new URL('../../../docker/example/config', import.meta.url)),
  drain: { propagationDelay: `${realMs(5)}ms`, spread: `${realMs(10)}ms`, timeout: '10s' },
});
const prometheus = new Prometheus({ scrapeInterval: `${realMs(scrapeSeconds)}ms` });
const requests = { answered: 0, retried: 0, lost: 0 };

try {
  const pods = await fleet.reserve();
  await prometheus.start();
  prometheus.setTargets(pods.map(({ name, managementPort }) => ({ port: managementPort, labels: { namespace: 'platform', job: 'vortex-config', pod: name } })));
  fleet.scale(spec.minReplicas);
  while (fleet.readyCount < spec.minReplicas) await sleep(50);
  // Prometheus sees its targets, and the window fills
  await sleep(6_000 + realMs(60));
  const timeline = await run(profile);
  writeFileSync(options.svg, timelineSvg(timeline, profile, target, capacity));
  report(timeline);
} finally {
  await Promise.all([fleet.stop(), prometheus.stop()]);
}

async function run(load: LoadProfile): Promise<readonly Moment[]> {
  const startedAt = performance.now();
  const now = (): number => ((performance.now() - startedAt) / 1_000) * speed;
  const abort = new AbortController();
  const sending = send(load, now, abort.signal);
  const incidents = [
    { atSeconds: load.workerReplacedAtSeconds, happen: () => fleet.replaceWorkers() },
    { atSeconds: load.podGoneAtSeconds, happen: () => fleet.kill(realMs(podGoneUnnoticedSeconds)) },
  ];
  const timeline: Moment[] = [];
  let state = scalingInitial;
  let replicas = spec.minReplicas;
  for (let look = 0; now() < load.endSeconds; look += 1) {
    const atSeconds = now();
    while (incidents[0] !== undefined && atSeconds >= incidents[0].atSeconds) await incidents.shift()?.happen();
    const samples = new Map((await prometheus.query(query)).map(({ metric, value }) => [metric['pod'] ?? '', value]));
    const metrics = fleet.pods.map(({ name, isReady }) => (isReady ? (samples.get(name) ?? null) : null));
    // requests are counted per second of this machine: rates are not compressed
    const decision = decideReplicas(spec, state, replicas, metrics, atSeconds);
    ({ state } = decision);
    replicas = decision.desired;
    timeline.push({
      atSeconds,
      offered: load.rateAt(atSeconds),
      measured: metrics.reduce<number>((sum, value) => sum + (value ?? 0), 0),
      replicas,
      ready: fleet.readyCount,
    });
    fleet.scale(replicas);
    await sleep(Math.max(0, realMs((look + 1) * syncSeconds) - (performance.now() - startedAt)));
  }
  abort.abort();
  await sending;
  return timeline;
}

/** Sends at the rate of the profile whatever becomes of the answers. */
async function send(load: LoadProfile, now: () => number, signal: AbortSignal): Promise<void> {
  const open = new Set<Promise<void>>();
  let due = 0;
  let lastMs = performance.now();
  while (!signal.aborted) {
    await sleep(loadStepMs);
    const nowMs = performance.now();
    due += (load.rateAt(now()) * (nowMs - lastMs)) / 1_000;
    lastMs = nowMs;
    for (; due >= 1; due -= 1) {
      const asked = ask().finally(() => open.delete(asked));
      open.add(asked);
    }
  }
  await Promise.all(open);
}

async function ask(): Promise<void> {
  const outcome = await fleet.request('/orders/prod');
  if (outcome === 'lost') requests.lost += 1;
  else requests.answered += 1;
  if (outcome === 'retried') requests.retried += 1;
}

function report(timeline: readonly Moment[]): void {
  for (const { atSeconds, offered, measured, replicas, ready } of timeline) {
    const cells = [`${atSeconds.toFixed(0)} s`, `${offered.toFixed(0)}/s sent`, `${measured.toFixed(0)}/s measured`, `${replicas} wanted`, `${ready} ready`];
    process.stdout.write(`  ${cells.map((cell) => cell.padEnd(16)).join('')}\n`);
  }
  const bars = scalingBars(timeline, profile, spec, capacity, requests);
  for (const { name, seen, holds } of bars) process.stdout.write(`${holds ? 'ok  ' : 'MISS'} ${name}: ${seen}\n`);
  const missed = bars.filter(({ holds }) => !holds).length;
  process.stdout.write(`time ${speed} times as fast as in a cluster (scrapes, window, looks, policies and drain alike); ${options.svg}\n`);
  process.stdout.write(`${bars.length - missed} bars held, ${missed} missed\n`);
  process.exitCode = missed === 0 ? 0 : 1;
}
