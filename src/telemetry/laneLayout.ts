// Where each counter of a lane is: computed once from the metric catalogue.
//
//   float64 cells
//   0        LANE_VERSION, so that a lane of another layout is noticed
//   8        requests   [path][method][status]
//   ..       durations  [path][bucket 0 .. bucket n-1, above all bounds, sum of seconds]
//   ..       pushed     [carrier][kind][frames, bytes]
//   ..       propagation [bucket 0 .. above all bounds, sum of seconds]
//   ..       named      one per entry of `namedCounters`
import { methodValues, metricCatalogue, pathValues, pushCarriers, pushKinds, statusValues, type LabelsOf } from './metricCatalogue.ts';

export const LANE_VERSION = 3;

export const METHOD_COUNT = methodValues.length;
export const STATUS_COUNT = statusValues.length;
export const PATH_COUNT = pathValues.length;

/** Ascending, in seconds. */
export const durationBounds = Float64Array.from(metricCatalogue.http_request_duration_seconds.buckets);
export const BUCKET_COUNT = durationBounds.length;
/** Ascending, in seconds. */
export const propagationBounds = Float64Array.from(metricCatalogue.vortex_propagation_seconds.buckets);
/** Buckets, the one above all bounds, the sum. */
export const DURATION_CELLS = BUCKET_COUNT + 2;

/** A counter with fixed labels that serving threads increment by its index. */
export type NamedCounter =
  | { readonly metric: 'http_requests_aborted_total'; readonly labels: Readonly<Record<string, never>> }
  | { readonly metric: 'cache_operations_total'; readonly labels: LabelsOf<'cache_operations_total'> }
  | { readonly metric: 'vortex_miss_refused_total'; readonly labels: LabelsOf<'vortex_miss_refused_total'> }
  | { readonly metric: 'ws_connections_total'; readonly labels: LabelsOf<'ws_connections_total'> }
  | { readonly metric: 'vortex_push_resyncs_total'; readonly labels: LabelsOf<'vortex_push_resyncs_total'> }
  | { readonly metric: 'vortex_push_dropped_total'; readonly labels: Readonly<Record<string, never>> };

export const namedCounters = {
  lookupHit: { metric: 'cache_operations_total', labels: { operation: 'lookup', result: 'hit' } },
  lookupMiss: { metric: 'cache_operations_total', labels: { operation: 'lookup', result: 'miss' } },
  requestAborted: { metric: 'http_requests_aborted_total', labels: {} },
  missRefusedOverloaded: { metric: 'vortex_miss_refused_total', labels: { code: 'OVERLOADED' } },
  missRefusedNotReady: { metric: 'vortex_miss_refused_total', labels: { code: 'NOT_READY' } },
  missRefusedTimeout: { metric: 'vortex_miss_refused_total', labels: { code: 'MISS_TIMEOUT' } },
  socketOpened: { metric: 'ws_connections_total', labels: { action: 'opened' } },
  socketClosed: { metric: 'ws_connections_total', labels: { action: 'closed' } },
  socketRefused: { metric: 'ws_connections_total', labels: { action: 'refused' } },
  pushResyncSlow: { metric: 'vortex_push_resyncs_total', labels: { reason: 'slow' } },
  pushResyncAsked: { metric: 'vortex_push_resyncs_total', labels: { reason: 'asked' } },
  pushDropped: { metric: 'vortex_push_dropped_total', labels: {} },
} as const satisfies Record<string, NamedCounter>;

export type NamedCounterName = keyof typeof namedCounters;

const headerCells = 8;

export const REQUESTS_START = headerCells;
export const DURATIONS_START = REQUESTS_START + PATH_COUNT * METHOD_COUNT * STATUS_COUNT;
export const PUSHED_START = DURATIONS_START + PATH_COUNT * DURATION_CELLS;
export const PROPAGATION_START = PUSHED_START + pushCarriers.length * pushKinds.length * 2;
export const PROPAGATION_CELLS = propagationBounds.length + 2;
export const NAMED_START = PROPAGATION_START + PROPAGATION_CELLS;
export const LANE_CELLS = NAMED_START + Object.keys(namedCounters).length;

/** The cell of the frames of a carrier and kind; their bytes are in the next one. */
export function pushedSlot(carrier: (typeof pushCarriers)[number], kind: (typeof pushKinds)[number]): number {
  return PUSHED_START + (pushCarriers.indexOf(carrier) * pushKinds.length + pushKinds.indexOf(kind)) * 2;
}

/** Index for LaneWriter.increment. Look it up once, not per request. */
export function namedCounterSlot(name: NamedCounterName): number {
  return NAMED_START + Object.keys(namedCounters).indexOf(name);
}
