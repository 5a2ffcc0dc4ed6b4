// The read side of the lanes: the sums over all of them, in the shape that the exposition wants (primary only).
import { assert } from '../base/assert.ts';
import {
  BUCKET_COUNT,
  DURATION_CELLS,
  DURATIONS_START,
  LANE_CELLS,
  LANE_VERSION,
  PROPAGATION_CELLS,
  PROPAGATION_START,
  REQUESTS_START,
  namedCounterSlot,
  namedCounters,
  pushedSlot,
  type NamedCounter,
  type NamedCounterName,
} from './laneLayout.ts';
import { methodValues, pathValues, pushCarriers, pushKinds, statusValues, type LabelsOf } from './metricCatalogue.ts';

export interface RequestCount {
  readonly labels: LabelsOf<'http_requests_total'>;
  readonly value: number;
}

export interface DurationCounts {
  readonly labels: LabelsOf<'http_request_duration_seconds'>;
  /** Not cumulative; one more than there are bounds. */
  readonly buckets: readonly number[];
  readonly sumSeconds: number;
}

export interface PushedCount {
  readonly labels: LabelsOf<'vortex_push_frames_total'>;
  readonly frames: number;
  readonly bytes: number;
}

export interface NamedCount {
  readonly counter: NamedCounter;
  readonly value: number;
}

/** Sums of one moment. Lanes are written meanwhile: a bucket may be ahead of its sum by the requests of some nanoseconds. */
export class LaneTotals {
  private readonly cells: Float64Array;

  constructor(lanes: readonly SharedArrayBuffer[]) {
    this.cells = new Float64Array(LANE_CELLS);
    for (const lane of lanes) {
      const cells = new Float64Array(lane);
      assert(cells.length === LANE_CELLS && cells[0] === LANE_VERSION, 'layout of the lane');
      for (let index = REQUESTS_START; index < LANE_CELLS; index += 1) this.cells[index]! += cells[index]!;
    }
  }

  /** Those that ever happened, and for every path `GET` 200 from the start: a rate needs the zero before the first request. */
  requests(): readonly RequestCount[] {
    const counts: RequestCount[] = [];
    let index = REQUESTS_START;
    for (const path of pathValues) {
      for (const method of methodValues) {
        for (const status of statusValues) {
          const value = this.cells[index]!;
          if (value > 0 || (method === 'GET' && status === '200')) counts.push({ labels: { method, path, status }, value });
          index += 1;
        }
      }
    }
    assert(index === DURATIONS_START, 'order of the request counters');
    return counts;
  }

  /** Of the paths that were ever asked for. */
  durations(): readonly DurationCounts[] {
    return pathValues.flatMap((path, pathIndex) => {
      const start = DURATIONS_START + pathIndex * DURATION_CELLS;
      const buckets = Array.from(this.cells.subarray(start, start + BUCKET_COUNT + 1));
      return buckets.some((count) => count > 0) ? [{ labels: { path }, buckets, sumSeconds: this.cells[start + BUCKET_COUNT + 1]! }] : [];
    });
  }

  /** Those that were ever pushed, and changes over WebSockets from the start. */
  pushed(): readonly PushedCount[] {
    return pushCarriers.flatMap((carrier) =>
      pushKinds.flatMap((kind) => {
        const slot = pushedSlot(carrier, kind);
        const frames = this.cells[slot]!;
        const isShown = frames > 0 || (carrier === 'websocket' && kind === 'change');
        return isShown ? [{ labels: { carrier, kind }, frames, bytes: this.cells[slot + 1]! }] : [];
      }),
    );
  }

  propagation(): Omit<DurationCounts, 'labels'> {
    const end = PROPAGATION_START + PROPAGATION_CELLS - 1;
    return { buckets: Array.from(this.cells.subarray(PROPAGATION_START, end)), sumSeconds: this.cells[end]! };
  }

  named(): readonly NamedCount[] {
    return (Object.keys(namedCounters) as NamedCounterName[]).map((name) => ({
      counter: namedCounters[name],
      value: this.cells[namedCounterSlot(name)]!,
    }));
  }
}
