// What one scrape costs the primary: 8 lanes with every path in use, in milliseconds and bytes.
//
//   node dist/bench/micro/scrape.bench.js
import { performance } from 'node:perf_hooks';
import type { GaugeSamples } from '../../src/telemetry/gaugeSamples.ts';
import { createLanes } from '../../src/telemetry/lane.ts';
import { LaneWriter, methodIndex } from '../../src/telemetry/lane.hot.ts';
import { pathValues } from '../../src/telemetry/metricCatalogue.ts';
import { PrimaryMetrics } from '../../src/telemetry/primaryMetrics.ts';
import { Scraper } from '../../src/telemetry/scraper.ts';

const workers = ['0', '1', '2', '3', '4', '5', '6', '7'];
const lanes = createLanes(workers.length);
for (const lane of lanes) {
  const writer = new LaneWriter(lane);
  for (const [path] of pathValues.entries()) {
    for (const status of [200, 304, 404, 503]) writer.incrementRequest(path, methodIndex('GET'), status);
    writer.observeDuration(path, 0.000_01);
  }
}
const perWorker = workers.map((worker) => ({ labels: { worker }, value: 1 }));
const one = [{ labels: {}, value: 1 }];
const samples: GaugeSamples = {
  vortex_source_age_seconds: [{ labels: { source: 'git' }, value: 1 }],
  vortex_source_state: [{ labels: { source: 'git', state: 'ok' }, value: 1 }],
  vortex_bus_connected: one,
  vortex_epoch: one,
  vortex_snapshot_entries: one,
  vortex_snapshot_bytes: one,
  vortex_held_back_entries: one,
  vortex_miss_queue_depth: one,
  ws_connections_active: perWorker,
  vortex_worker_heartbeat_age_seconds: perWorker,
  vortex_worker_event_loop_utilization: perWorker,
  vortex_worker_connections: perWorker,
  vortex_worker_requests_in_flight: perWorker,
  vortex_worker_restarts_total: perWorker,
  vortex_drain_phase: [{ labels: { phase: 'running' }, value: 1 }],
};

const scraper = new Scraper({ lanes, primary: new PrimaryMetrics(), samples: () => samples, version: '0' });
const loadStartedMs = performance.now();
await scraper.warmUp();
const loadMs = performance.now() - loadStartedMs;

const timesMs: number[] = [];
let bytes = 0;
for (let round = 0; round < 200; round += 1) {
  const startedMs = performance.now();
  bytes = Buffer.byteLength((await scraper.scrape()).body);
  timesMs.push(performance.now() - startedMs);
}
timesMs.sort((a, b) => a - b);
console.log(`load of prom-client  ${loadMs.toFixed(0)} ms, once, after the start`);
console.log(`scrape, 8 lanes      median ${timesMs[100]!.toFixed(2)} ms, p99 ${timesMs[197]!.toFixed(2)} ms, ${bytes} bytes`);
