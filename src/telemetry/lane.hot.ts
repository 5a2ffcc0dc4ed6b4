// The write side of a lane: counters that a serving thread increments per request, plain adds in shared memory.
//
// One writer per lane, so no Atomics: a plain float64 store is one machine store on the platforms that we run on, and the
// reader (laneTotals.ts) wants a recent value, not an order between cells.
import { assert } from '../base/assert.ts';
import {
  BUCKET_COUNT,
  DURATION_CELLS,
  DURATIONS_START,
  LANE_CELLS,
  LANE_VERSION,
  METHOD_COUNT,
  REQUESTS_START,
  STATUS_COUNT,
  PROPAGATION_CELLS,
  PROPAGATION_START,
  durationBounds,
  namedCounterSlot,
  propagationBounds,
} from './laneLayout.ts';
import { methodValues, statusValues } from './metricCatalogue.ts';

const LOOKUP_HIT = namedCounterSlot('lookupHit');
const LOOKUP_MISS = namedCounterSlot('lookupMiss');
const SUM = BUCKET_COUNT + 1;

/** HTTP status → index of the label value. A power of two, so that a mask keeps every status inside. */
const statusIndexes = new Uint8Array(1_024).fill(statusValues.indexOf('other'));
for (let index = 0; index < statusValues.length - 1; index += 1) statusIndexes[Number(statusValues[index])] = index;

const METHOD_OTHER = methodValues.indexOf('other');

/** Index of a method as it stands in the request line (upper case); unknown ones are `other`. */
export function methodIndex(method: string): number {
  const index = (methodValues as readonly string[]).indexOf(method);
  return index === -1 ? METHOD_OTHER : index;
}

/** Made once per thread from its lane (createLane); the counts of the thread before it go on. */
export class LaneWriter {
  private readonly cells: Float64Array;

  constructor(lane: SharedArrayBuffer) {
    this.cells = new Float64Array(lane);
    assert(this.cells.length === LANE_CELLS && this.cells[0] === LANE_VERSION, 'layout of the lane');
  }

  /** `path`: index into pathValues (for the API that of routeTemplates); `method`: of methodIndex; `status`: the HTTP status. */
  incrementRequest(path: number, method: number, status: number): void {
    this.cells[REQUESTS_START + (path * METHOD_COUNT + method) * STATUS_COUNT + statusIndexes[status & 1_023]!]! += 1;
  }

  observeDuration(path: number, seconds: number): void {
    const cells = this.cells;
    const start = DURATIONS_START + path * DURATION_CELLS;
    let bucket = 0;
    // Nearly every answer is below the first bound: a search from below beats one by halves.
    while (bucket < BUCKET_COUNT && seconds > durationBounds[bucket]!) bucket += 1;
    cells[start + bucket]! += 1;
    cells[start + SUM]! += seconds;
  }

  /** A lookup that the snapshot answered. */
  countHit(): void {
    this.cells[LOOKUP_HIT]! += 1;
  }

  /** A lookup that must be computed. */
  countMiss(): void {
    this.cells[LOOKUP_MISS]! += 1;
  }

  /** `slot`: of pushedSlot. `bytes`: of all of them. */
  countPushed(slot: number, frames: number, bytes: number): void {
    this.cells[slot]! += frames;
    this.cells[slot + 1]! += bytes;
  }

  observePropagation(seconds: number): void {
    let bucket = 0;
    while (bucket < propagationBounds.length && seconds > propagationBounds[bucket]!) bucket += 1;
    this.cells[PROPAGATION_START + bucket]! += 1;
    this.cells[PROPAGATION_START + PROPAGATION_CELLS - 1]! += seconds;
  }

  /** `slot`: of namedCounterSlot. */
  increment(slot: number): void {
    this.cells[slot]! += 1;
  }
}
