// The only list of metrics: name, type, labels with their bounds, buckets, unit, who writes. README's table is made from it.
import { routeTemplates } from '../model/routes.ts';

/** The values that a label takes: all of them, or what bounds their number. */
export type LabelValues = readonly string[] | { readonly boundedBy: string };

export interface MetricEntry {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly unit: 'seconds' | 'bytes' | 'ratio' | 'state' | 'number';
  readonly labels: Readonly<Record<string, LabelValues>>;
  /** Upper bounds in the unit of the metric, ascending, without +Inf. Histograms only. */
  readonly buckets?: readonly number[];
  /**
   * - lanes: threads that answer HTTP, in shared memory; the sum over all lanes is exposed.
   * - primary: the primary, when it happens.
   * - both: lanes and primary, added up.
   * - scrape: looked up by the primary at each scrape.
   */
  readonly writer: 'lanes' | 'primary' | 'both' | 'scrape';
}

/** Label `path`: `probe` and `metrics` are left out of autoscaling; `management` is what else the management port answers. */
export const pathValues = [...routeTemplates, 'management'] as const;

/** Label `method`; `other` takes the rest, so that a client can't add series. */
export const methodValues = ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS', 'other'] as const;

/** Label `status`; `other` takes the rest. */
export const statusValues = [
  '101',
  '200',
  '204',
  '304',
  '400',
  '401',
  '403',
  '404',
  '405',
  '406',
  '409',
  '412',
  '413',
  '414',
  '415',
  '429',
  '431',
  '500',
  '503',
  'other',
] as const;

/** Label `carrier` of push. */
export const pushCarriers = ['websocket', 'events', 'poll'] as const;

/** Label `kind` of push: the types of frames. */
export const pushKinds = ['snapshot', 'current', 'change', 'resync', 'heartbeat', 'unavailable', 'drain', 'error'] as const;

/** 50 µs to 5 s: a lookup is far below the first bound, a first fetch near the last. */
const requestBuckets = [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] as const;

const sourceNames = { boundedBy: 'configured repositories, at most server.limits.repositoriesMax made from placeholders' } as const;
const workerIndexes = { boundedBy: 'server.workers' } as const;

/** Applications, profiles and backends that config_fetch_duration_seconds tells apart; later ones are counted as `other`. */
export const FETCH_SERIES_MAX = 200;

export const metricCatalogue = {
  http_requests_total: {
    type: 'counter',
    help: 'Answered requests by route template.',
    unit: 'number',
    labels: { method: methodValues, path: pathValues, status: statusValues },
    writer: 'lanes',
  },
  http_request_duration_seconds: {
    type: 'histogram',
    help: 'Time from the request to the end of its answer, by route template. Of lookups one in 16 is timed and stands for the others.',
    unit: 'seconds',
    labels: { path: pathValues },
    buckets: requestBuckets,
    writer: 'lanes',
  },
  http_requests_aborted_total: {
    type: 'counter',
    help: 'Requests whose client went away before the answer.',
    unit: 'number',
    labels: {},
    writer: 'lanes',
  },
  cache_operations_total: {
    type: 'counter',
    help: 'Lookups in the snapshot (hit, miss) and what became of its entries: installed, rendered, patched, carried over, evicted, held back.',
    unit: 'number',
    labels: {
      operation: ['lookup', 'install', 'publish', 'evict'],
      result: ['hit', 'miss', 'ok', 'failed', 'rendered', 'patched', 'carried'],
    },
    writer: 'both',
  },
  config_fetch_duration_seconds: {
    type: 'histogram',
    help: 'Time to compute an answer that was not in the snapshot, loading of its content included.',
    unit: 'seconds',
    labels: {
      app: { boundedBy: `the first ${FETCH_SERIES_MAX} combinations, then other` },
      profile: { boundedBy: `the first ${FETCH_SERIES_MAX} combinations, then other` },
      backend: { boundedBy: 'configured backends' },
    },
    buckets: [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    writer: 'primary',
  },
  vortex_source_age_seconds: {
    type: 'gauge',
    help: 'Time since the content of a source was last confirmed to be the newest; +Inf when never.',
    unit: 'seconds',
    labels: { source: sourceNames },
    writer: 'scrape',
  },
  vortex_source_state: {
    type: 'gauge',
    help: '1 for the state that a source is in, 0 for the others.',
    unit: 'state',
    labels: { source: sourceNames, state: { boundedBy: 'states of a source' } },
    writer: 'scrape',
  },
  vortex_source_polls_total: {
    type: 'counter',
    help: 'Fetches and scans of a source; paused ones were left to another source of the same host, which is down.',
    unit: 'number',
    labels: { source: sourceNames, result: ['ok', 'failed', 'paused'] },
    writer: 'primary',
  },
  vortex_webhook_deliveries_total: {
    type: 'counter',
    help: 'Webhooks by who sent them and what became of them.',
    unit: 'number',
    labels: {
      provider: ['github', 'gitlab', 'gitea', 'gogs', 'gitee', 'bitbucket', 'generic'],
      outcome: ['polled', 'unmatched', 'ignored', 'repeated', 'refused', 'invalid', 'overloaded'],
    },
    writer: 'primary',
  },
  vortex_bus_connected: {
    type: 'gauge',
    help: '1 while the bus between servers is connected; none without a bus.',
    unit: 'state',
    labels: {},
    writer: 'scrape',
  },
  vortex_bus_messages_total: {
    type: 'counter',
    help: 'Messages between servers: sent or not, and what came of received ones: a poll, or nothing because the revision was known, the source or the text unknown.',
    unit: 'number',
    labels: { outcome: ['sent', 'unsent', 'polled', 'known', 'unknown', 'invalid', 'own'] },
    writer: 'primary',
  },
  vortex_epoch: { type: 'gauge', help: 'Number of the published epoch, 0 before the first.', unit: 'number', labels: {}, writer: 'scrape' },
  vortex_snapshot_entries: { type: 'gauge', help: 'Answers in the published snapshot.', unit: 'number', labels: {}, writer: 'scrape' },
  vortex_snapshot_bytes: { type: 'gauge', help: 'Size of the published snapshot.', unit: 'bytes', labels: {}, writer: 'scrape' },
  vortex_undecryptable_values_total: {
    type: 'counter',
    help: 'Encrypted values that no key of the server decrypts, each counted once by every compile thread that meets it.',
    unit: 'number',
    labels: {},
    writer: 'primary',
  },
  vortex_held_back_entries: {
    type: 'gauge',
    help: 'Answers of an earlier revision that are served because the new one cannot be rendered.',
    unit: 'number',
    labels: {},
    writer: 'scrape',
  },
  vortex_publish_duration_seconds: {
    type: 'histogram',
    help: 'Time from a change seen to the epoch handed to all workers.',
    unit: 'seconds',
    labels: {},
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    writer: 'primary',
  },
  vortex_miss_queue_depth: { type: 'gauge', help: 'Answers that wait to be computed.', unit: 'number', labels: {}, writer: 'scrape' },
  vortex_miss_refused_total: {
    type: 'counter',
    help: 'Requests answered 503 because their answer could not be computed.',
    unit: 'number',
    labels: { code: ['OVERLOADED', 'NOT_READY', 'MISS_TIMEOUT'] },
    writer: 'both',
  },
  ws_connections_total: {
    type: 'counter',
    help: 'WebSockets opened and closed, and subscribers of any kind that were told to come later.',
    unit: 'number',
    labels: { action: ['opened', 'closed', 'refused'] },
    writer: 'lanes',
  },
  vortex_push_frames_total: {
    type: 'counter',
    help: 'Frames handed to subscribers, each counted once per subscriber.',
    unit: 'number',
    labels: { carrier: pushCarriers, kind: pushKinds },
    writer: 'lanes',
  },
  vortex_push_bytes_total: {
    type: 'counter',
    help: 'Payload of these frames, before framing.',
    unit: 'bytes',
    labels: { carrier: pushCarriers, kind: pushKinds },
    writer: 'lanes',
  },
  vortex_push_resyncs_total: {
    type: 'counter',
    help: 'Subscribers brought up to date after they had missed something: too slow to take it, or asked for it.',
    unit: 'number',
    labels: { reason: ['slow', 'asked'] },
    writer: 'lanes',
  },
  vortex_propagation_seconds: {
    type: 'histogram',
    help: 'Time from a change seen by the server to its frame handed to the last socket of the answer, once per answer and worker.',
    unit: 'seconds',
    labels: {},
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    writer: 'lanes',
  },
  vortex_push_dropped_total: {
    type: 'counter',
    help: 'Frames that a slow subscriber could not take; it gets one change over all of them when it can.',
    unit: 'number',
    labels: {},
    writer: 'lanes',
  },
  ws_connections_active: {
    type: 'gauge',
    help: 'WebSockets, event streams and waiting polls of a worker.',
    unit: 'number',
    labels: { worker: workerIndexes },
    writer: 'scrape',
  },
  vortex_worker_heartbeat_age_seconds: {
    type: 'gauge',
    help: 'Time since the last heartbeat of a worker.',
    unit: 'seconds',
    labels: { worker: workerIndexes },
    writer: 'scrape',
  },
  vortex_worker_event_loop_utilization: {
    type: 'gauge',
    help: 'Share of the last heartbeat interval that the event loop of a worker was busy.',
    unit: 'ratio',
    labels: { worker: workerIndexes },
    writer: 'scrape',
  },
  vortex_worker_connections: { type: 'gauge', help: 'Open connections of a worker.', unit: 'number', labels: { worker: workerIndexes }, writer: 'scrape' },
  vortex_worker_requests_in_flight: {
    type: 'gauge',
    help: 'Requests of a worker that wait for their answer.',
    unit: 'number',
    labels: { worker: workerIndexes },
    writer: 'scrape',
  },
  vortex_worker_restarts_total: {
    type: 'counter',
    help: 'Threads of a worker that failed and were replaced.',
    unit: 'number',
    labels: { worker: workerIndexes },
    writer: 'scrape',
  },
  vortex_drain_phase: {
    type: 'gauge',
    help: '1 for the phase of the process, 0 for the others.',
    unit: 'state',
    labels: { phase: { boundedBy: 'phases of the drain' } },
    writer: 'scrape',
  },
  vortex_drain_cut_total: {
    type: 'counter',
    help: 'What a worker had to cut when it ended.',
    unit: 'number',
    labels: { what: ['requests', 'connections'] },
    writer: 'primary',
  },
  vortex_build_info: {
    type: 'gauge',
    help: 'Always 1; the labels say what runs.',
    unit: 'number',
    labels: { version: { boundedBy: 'one' }, node: { boundedBy: 'one' } },
    writer: 'scrape',
  },
} as const satisfies Record<string, MetricEntry>;

type Catalogue = typeof metricCatalogue;

export type MetricName = keyof Catalogue;

/** Names of the metrics with one of these types and writers. */
export type MetricNameOf<Type extends MetricEntry['type'], Writer extends MetricEntry['writer']> = {
  [Name in MetricName]: Catalogue[Name]['type'] extends Type ? (Catalogue[Name]['writer'] extends Writer ? Name : never) : never;
}[MetricName];

/** The labels of a metric: literals where the catalogue lists the values, any text where something else bounds them. */
export type LabelsOf<Name extends MetricName> = {
  readonly [Label in keyof Catalogue[Name]['labels']]: Catalogue[Name]['labels'][Label] extends readonly (infer Value extends string)[] ? Value : string;
};
