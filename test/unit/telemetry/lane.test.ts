// The lanes: what writers count is what the totals show, in every cell, over threads and replacements.
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { createLane, createLanes } from '../../../src/telemetry/lane.ts';
import { LaneWriter, methodIndex } from '../../../src/telemetry/lane.hot.ts';
import {
  BUCKET_COUNT,
  durationBounds,
  namedCounters,
  namedCounterSlot,
  propagationBounds,
  pushedSlot,
  type NamedCounterName,
} from '../../../src/telemetry/laneLayout.ts';
import { LaneTotals } from '../../../src/telemetry/laneTotals.ts';
import { methodValues, pathValues, pushCarriers, pushKinds, statusValues } from '../../../src/telemetry/metricCatalogue.ts';

const httpStatus = (value: string): number => (value === 'other' ? 599 : Number(value));

t.test('every combination of path, method and status has a counter of its own', (t) => {
  const lane = createLane();
  const writer = new LaneWriter(lane);
  let expected = 0;
  for (const [path] of pathValues.entries()) {
    for (const method of methodValues) {
      for (const status of statusValues) {
        expected += 1;
        for (let times = 0; times < expected; times += 1) writer.incrementRequest(path, methodIndex(method), httpStatus(status));
      }
    }
  }
  const counts = new LaneTotals([lane]).requests();
  t.equal(counts.length, expected);
  let index = 0;
  const mismatches: string[] = [];
  for (const path of pathValues) {
    for (const method of methodValues) {
      for (const status of statusValues) {
        const count = counts[index];
        index += 1;
        if (count?.value !== index || count.labels.path !== path || count.labels.method !== method || count.labels.status !== status) {
          mismatches.push(`${path} ${method} ${status}: ${JSON.stringify(count)}`);
        }
      }
    }
  }
  t.same(mismatches, []);
  t.equal(new LaneTotals([lane]).durations().length, 0, 'requests do not touch durations');
  t.ok(
    new LaneTotals([lane]).named().every(({ value }) => value === 0),
    'nor the named counters',
  );
  t.end();
});

t.test('methods and statuses that nobody foresaw are counted as other', (t) => {
  const lane = createLane();
  const writer = new LaneWriter(lane);
  for (const method of ['DELETE', 'get', '', 'PROPFIND']) writer.incrementRequest(0, methodIndex(method), 418);
  for (const status of [0, 199, 599, 999]) writer.incrementRequest(0, methodIndex('GET'), status);
  const other = new LaneTotals([lane]).requests().filter(({ value }) => value > 0);
  t.same(
    other.map(({ labels, value }) => [labels.method, labels.status, value]),
    [
      ['GET', 'other', 4],
      ['other', 'other', 4],
    ],
  );
  t.end();
});

t.test('a duration falls into the first bucket whose bound is not below it', (t) => {
  const lane = createLane();
  const writer = new LaneWriter(lane);
  writer.observeDuration(1, 0);
  for (const bound of durationBounds) {
    writer.observeDuration(1, bound);
    writer.observeDuration(1, bound * 1.000_001);
  }
  const [counts, ...rest] = new LaneTotals([lane]).durations();
  t.same(rest, []);
  t.equal(counts?.labels.path, pathValues[1]);
  t.same(counts?.buckets, [2, ...Array.from({ length: BUCKET_COUNT - 1 }, () => 2), 1]);
  const sum = durationBounds.reduce((total, bound) => total + bound * 2.000_001, 0);
  t.ok(Math.abs((counts?.sumSeconds ?? 0) - sum) < 1e-9);
  t.end();
});

t.test('a request that nobody ever made shows as zero for GET and 200 only', (t) => {
  const counts = new LaneTotals(createLanes(2)).requests();
  t.equal(counts.length, pathValues.length);
  t.ok(counts.every(({ labels, value }) => value === 0 && labels.method === 'GET' && labels.status === '200'));
  t.end();
});

t.test('named counters have cells of their own', (t) => {
  const lane = createLane();
  const writer = new LaneWriter(lane);
  const names = Object.keys(namedCounters) as NamedCounterName[];
  for (const [index, name] of names.entries()) for (let times = 0; times <= index; times += 1) writer.increment(namedCounterSlot(name));
  writer.countHit();
  writer.countMiss();
  const values = new LaneTotals([lane]).named().map(({ value }) => value);
  t.same(
    values,
    names.map((name, index) => index + 1 + (name === 'lookupHit' || name === 'lookupMiss' ? 1 : 0)),
  );
  t.end();
});

t.test('frames and their bytes are told apart by carrier and kind, and lie beside all other counters', (t) => {
  const lane = createLane();
  const writer = new LaneWriter(lane);
  let turn = 0;
  for (const carrier of pushCarriers) for (const kind of pushKinds) writer.countPushed(pushedSlot(carrier, kind), (turn += 1), turn * 1_000);
  const totals = new LaneTotals([lane]);
  t.same(
    totals.pushed().map(({ labels, frames, bytes }) => [labels.carrier, labels.kind, frames, bytes]),
    pushCarriers.flatMap((carrier, outer) =>
      pushKinds.map((kind, inner) => {
        const count = outer * pushKinds.length + inner + 1;
        return [carrier, kind, count, count * 1_000];
      }),
    ),
  );
  t.same(totals.durations(), []);
  t.ok(totals.named().every(({ value }) => value === 0));
  t.ok(totals.propagation().buckets.every((count) => count === 0));
  t.same(
    new LaneTotals([createLane()]).pushed().map(({ labels, frames }) => [labels.carrier, labels.kind, frames]),
    [['websocket', 'change', 0]],
    'a rate needs the zero before the first change',
  );
  t.end();
});

t.test('the time that a change took falls into the first bucket whose bound is not below it', (t) => {
  const lane = createLane();
  const writer = new LaneWriter(lane);
  for (const bound of propagationBounds) writer.observePropagation(bound);
  writer.observePropagation(1_000);
  const { buckets, sumSeconds } = new LaneTotals([lane, lane]).propagation();
  t.same(
    buckets,
    [...propagationBounds, 0].map(() => 2),
  );
  t.ok(Math.abs(sumSeconds - 2 * (1_000 + propagationBounds.reduce((sum, bound) => sum + bound, 0))) < 1e-9);
  t.ok(new LaneTotals([lane]).named().every(({ value }) => value === 0));
  t.end();
});

t.test('a lane of another layout is refused', (t) => {
  t.throws(() => new LaneWriter(new SharedArrayBuffer(64)), /layout of the lane/);
  const foreign = createLane();
  new Float64Array(foreign)[0] = 99;
  t.throws(() => new LaneWriter(foreign), /layout of the lane/);
  t.throws(() => new LaneTotals([foreign]), /layout of the lane/);
  t.end();
});

t.test('threads count at once in lanes of their own, and a replaced thread goes on where the one before it stopped', async (t) => {
  const lanes = createLanes(2);
  const module = new URL('../../../src/telemetry/lane.hot.js', import.meta.url).href;
  const code = `
    const { workerData } = require('node:worker_threads');
    import(${JSON.stringify(module)}).then(({ LaneWriter }) => {
      const writer = new LaneWriter(workerData.lane);
      for (let i = 0; i < 100_000; i += 1) { writer.incrementRequest(0, 0, 200); writer.observeDuration(0, 0.01); }
    });`;
  const run = (lane: SharedArrayBuffer): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(code, { eval: true, workerData: { lane } });
      worker.once('error', reject);
      worker.once('exit', () => resolve());
    });
  await Promise.all(lanes.map(run));
  await run(lanes[0]!);
  const totals = new LaneTotals(lanes);
  const request = totals.requests().find(({ value }) => value > 0);
  t.equal(request?.value, 300_000);
  t.equal(
    totals.durations()[0]?.buckets.reduce((sum, count) => sum + count, 0),
    300_000,
  );
});
