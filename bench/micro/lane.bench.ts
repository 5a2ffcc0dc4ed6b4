// What counting one request costs: nanoseconds per incrementRequest, observeDuration and countHit, best of several rounds.
//
//   node dist/bench/micro/lane.bench.js
import { performance } from 'node:perf_hooks';
import { createLane } from '../../src/telemetry/lane.ts';
import { LaneWriter, methodIndex } from '../../src/telemetry/lane.hot.ts';

const rounds = 7;
const calls = 5_000_000;

/** Best of the rounds: the least disturbed one. */
function nanosecondsPerCall(run: (calls: number) => void): number {
  run(calls / 10);
  let best = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    const startedMs = performance.now();
    run(calls);
    best = Math.min(best, ((performance.now() - startedMs) * 1e6) / calls);
  }
  return best;
}

const writer = new LaneWriter(createLane());
const GET = methodIndex('GET');
/** Varied, so that nothing is computed once for all calls. */
const seconds = Float64Array.from({ length: 1_024 }, (_, index) => ((index * 7_919) % 1_024) / 50_000_000);
const statuses = Int32Array.from({ length: 1_024 }, (_, index) => (index % 4 === 0 ? 304 : 200));

const empty = nanosecondsPerCall((count) => {
  let sum = 0;
  for (let index = 0; index < count; index += 1) sum += statuses[index & 1_023]! * seconds[index & 1_023]!;
  if (Number.isNaN(sum)) throw new Error('unreachable');
});
const request = nanosecondsPerCall((count) => {
  for (let index = 0; index < count; index += 1) writer.incrementRequest(index & 7, GET, statuses[index & 1_023]!);
});
const duration = nanosecondsPerCall((count) => {
  for (let index = 0; index < count; index += 1) writer.observeDuration(index & 7, seconds[index & 1_023]!);
});
const all = nanosecondsPerCall((count) => {
  for (let index = 0; index < count; index += 1) {
    writer.incrementRequest(index & 7, GET, statuses[index & 1_023]!);
    writer.countHit();
    writer.observeDuration(index & 7, seconds[index & 1_023]!);
  }
});

console.log(`loop alone        ${empty.toFixed(2)} ns`);
console.log(`incrementRequest  ${request.toFixed(2)} ns`);
console.log(`observeDuration   ${duration.toFixed(2)} ns`);
console.log(`all of a request  ${all.toFixed(2)} ns`);
