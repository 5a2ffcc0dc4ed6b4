// The exposition: totals over lanes, primary counters and looked-up values in the text format, for every metric of the catalogue.
import t from 'tap';
import type { GaugeSamples } from '../../../src/telemetry/gaugeSamples.ts';
import { stateSamples } from '../../../src/telemetry/gaugeSamples.ts';
import { createLanes } from '../../../src/telemetry/lane.ts';
import { LaneWriter, methodIndex } from '../../../src/telemetry/lane.hot.ts';
import { namedCounterSlot } from '../../../src/telemetry/laneLayout.ts';
import { metricCatalogue, pathValues, type MetricEntry } from '../../../src/telemetry/metricCatalogue.ts';
import { PrimaryMetrics } from '../../../src/telemetry/primaryMetrics.ts';
import { Scraper } from '../../../src/telemetry/scraper.ts';

const samples: GaugeSamples = {
  vortex_source_age_seconds: [
    { labels: { source: 'git https://host/a "quoted"\n' }, value: 12.5 },
    { labels: { source: 'never' }, value: Infinity },
  ],
  vortex_source_state: stateSamples(['ok', 'failed'], 'ok', (state) => ({ source: 'git', state })),
  vortex_bus_connected: [{ labels: {}, value: 1 }],
  vortex_epoch: [{ labels: {}, value: 7 }],
  vortex_snapshot_entries: [{ labels: {}, value: 100 }],
  vortex_snapshot_bytes: [{ labels: {}, value: 150_000 }],
  vortex_held_back_entries: [{ labels: {}, value: 0 }],
  vortex_miss_queue_depth: [{ labels: {}, value: 3 }],
  ws_connections_active: [{ labels: { worker: '0' }, value: 4 }],
  vortex_worker_heartbeat_age_seconds: [{ labels: { worker: '0' }, value: 0.1 }],
  vortex_worker_event_loop_utilization: [{ labels: { worker: '0' }, value: Number.NaN }],
  vortex_worker_connections: [{ labels: { worker: '0' }, value: 12 }],
  vortex_worker_requests_in_flight: [{ labels: { worker: '0' }, value: 1 }],
  vortex_worker_restarts_total: [{ labels: { worker: '0' }, value: 2 }],
  vortex_drain_phase: stateSamples(['running', 'lameDuck'], 'running', (phase) => ({ phase })),
};

/** Line without its value → value. */
function valuesOf(body: string): ReadonlyMap<string, string> {
  const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const entries = lines.map((line): [string, string] => [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)]);
  const values = new Map(entries);
  if (values.size !== entries.length) throw new Error('a series is written twice');
  return values;
}

async function scrape(lanes = createLanes(2), primary = new PrimaryMetrics()): Promise<string> {
  const { body } = await new Scraper({ lanes, primary, samples: () => samples, version: '1.2.3' }).scrape();
  return body;
}

t.test('every metric of the catalogue is in the exposition, with its help and its type', async (t) => {
  const body = await scrape();
  for (const [name, { help, type }] of Object.entries<MetricEntry>(metricCatalogue)) {
    t.ok(body.includes(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`), name);
  }
  const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  t.same(
    lines.filter((line) => !/^[a-z0-9_]+(\{([a-z_]+="([^"\\\n]|\\.)*",?)*\})? (-?[0-9.e+-]+|[+-]Inf|NaN)$/i.test(line)),
    [],
    'well-formed lines',
  );
});

t.test('requests of all lanes are added up by method, route template and status', async (t) => {
  const lanes = createLanes(3);
  const path = pathValues.indexOf('/{name}/{profiles}');
  for (const [index, lane] of lanes.entries()) {
    const writer = new LaneWriter(lane);
    for (let times = 0; times <= index; times += 1) writer.incrementRequest(path, methodIndex('GET'), 200);
    writer.incrementRequest(pathValues.indexOf('probe'), methodIndex('HEAD'), 503);
  }
  const values = valuesOf(await scrape(lanes));
  t.equal(values.get('http_requests_total{method="GET",path="/{name}/{profiles}",status="200"}'), '6');
  t.equal(values.get('http_requests_total{method="HEAD",path="probe",status="503"}'), '3');
  t.equal(values.get('http_requests_total{method="GET",path="/{name}/{profiles}/{label}",status="200"}'), '0');
});

t.test('durations are cumulative buckets that end in the count', async (t) => {
  const lanes = createLanes(2);
  const path = pathValues.indexOf('/{name}/{profiles}');
  const [first, second] = lanes.map((lane) => new LaneWriter(lane));
  first?.observeDuration(path, 0.000_02);
  second?.observeDuration(path, 0.000_3);
  second?.observeDuration(path, 60);
  const values = valuesOf(await scrape(lanes));
  const bucket = (le: string): string | undefined => values.get(`http_request_duration_seconds_bucket{path="/{name}/{profiles}",le="${le}"}`);
  t.same(['0.00005', '0.00025', '0.0005', '5', '+Inf'].map(bucket), ['1', '1', '2', '2', '3']);
  t.equal(values.get('http_request_duration_seconds_count{path="/{name}/{profiles}"}'), '3');
  t.ok(Math.abs(Number(values.get('http_request_duration_seconds_sum{path="/{name}/{profiles}"}')) - 60.000_32) < 1e-9);
  t.notOk(
    [...values.keys()].some((key) => key.startsWith('http_request_duration_seconds_bucket{path="probe"')),
    'no series of unused paths',
  );
});

t.test('a counter that lanes and primary both write is one series per label set', async (t) => {
  const lanes = createLanes(2);
  const primary = new PrimaryMetrics();
  for (const lane of lanes) {
    const writer = new LaneWriter(lane);
    writer.countHit();
    writer.increment(namedCounterSlot('missRefusedOverloaded'));
  }
  primary.increment('vortex_miss_refused_total', { code: 'OVERLOADED' }, 5);
  primary.increment('cache_operations_total', { operation: 'publish', result: 'rendered' }, 40);
  primary.increment('cache_operations_total', { result: 'rendered', operation: 'publish' }, 2);
  primary.increment('cache_operations_total', { operation: 'evict', result: 'ok' }, 0);
  const values = valuesOf(await scrape(lanes, primary));
  t.equal(values.get('vortex_miss_refused_total{code="OVERLOADED"}'), '7');
  t.equal(values.get('cache_operations_total{operation="lookup",result="hit"}'), '2');
  t.equal(values.get('cache_operations_total{operation="lookup",result="miss"}'), '0');
  t.equal(values.get('cache_operations_total{operation="publish",result="rendered"}'), '42');
  t.equal(values.get('cache_operations_total{operation="evict",result="ok"}'), '0');
});

t.test('histograms of the primary keep their labels apart', async (t) => {
  const primary = new PrimaryMetrics();
  primary.observe('config_fetch_duration_seconds', { app: 'cart', profile: 'dev', backend: 'git' }, 0.001);
  primary.observe('config_fetch_duration_seconds', { app: 'cart', profile: 'dev', backend: 'git' }, 100);
  primary.observe('config_fetch_duration_seconds', { app: 'shop', profile: 'dev', backend: 'git' }, 0.2);
  primary.observe('vortex_publish_duration_seconds', {}, 0.06);
  const values = valuesOf(await scrape(createLanes(1), primary));
  const cart = 'app="cart",profile="dev",backend="git"';
  t.equal(values.get(`config_fetch_duration_seconds_bucket{${cart},le="0.001"}`), '1');
  t.equal(values.get(`config_fetch_duration_seconds_bucket{${cart},le="30"}`), '1');
  t.equal(values.get(`config_fetch_duration_seconds_count{${cart}}`), '2');
  t.equal(values.get('config_fetch_duration_seconds_count{app="shop",profile="dev",backend="git"}'), '1');
  t.equal(values.get('vortex_publish_duration_seconds_bucket{le="0.05"}'), '0');
  t.equal(values.get('vortex_publish_duration_seconds_bucket{le="0.1"}'), '1');
});

t.test('looked-up values are shown as they are: text escaped, infinity as +Inf, no number at all left out', async (t) => {
  const values = valuesOf(await scrape());
  t.equal(values.get('vortex_source_age_seconds{source="git https://host/a \\"quoted\\"\\n"}'), '12.5');
  t.equal(values.get('vortex_source_age_seconds{source="never"}'), '+Inf');
  t.equal(values.get('vortex_worker_event_loop_utilization{worker="0"}'), undefined);
  t.equal(values.get('vortex_drain_phase{phase="running"}'), '1');
  t.equal(values.get('vortex_drain_phase{phase="lameDuck"}'), '0');
  t.equal(values.get(`vortex_build_info{version="1.2.3",node="${process.versions.node}"}`), '1');
  t.ok(Number(values.get('process_resident_memory_bytes')) > 0, 'process metrics are there');
});

t.test('scrapes that come while one runs share its answer', async (t) => {
  let asked = 0;
  const counting = (): GaugeSamples => {
    asked += 1;
    return samples;
  };
  const scraper = new Scraper({ lanes: createLanes(1), primary: new PrimaryMetrics(), samples: counting, version: '1' });
  await scraper.warmUp();
  const [first, second] = await Promise.all([scraper.scrape(), scraper.scrape()]);
  t.equal(first, second);
  t.equal(asked, 1);
  await scraper.scrape();
  t.equal(asked, 2);
  t.match(first.contentType, /^text\/plain; version=0\.0\.4/);
});
