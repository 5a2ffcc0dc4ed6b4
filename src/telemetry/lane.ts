// A lane: the block of shared memory that one serving thread counts in; it belongs to a slot and survives the thread.
import { LANE_CELLS, LANE_VERSION } from './laneLayout.ts';

/** All counters zero. Made once per slot, by the primary; WorkerData.lane hands it to each thread of the slot in turn. */
export function createLane(): SharedArrayBuffer {
  const lane = new SharedArrayBuffer(LANE_CELLS * Float64Array.BYTES_PER_ELEMENT);
  new Float64Array(lane)[0] = LANE_VERSION;
  return lane;
}

export function createLanes(count: number): readonly SharedArrayBuffer[] {
  return Array.from({ length: count }, createLane);
}
