// What health and the looked-up metrics are made from: the state of sources, workers and content at one moment.
import { redactUrl } from '../../base/redactUrl.ts';
import type { DrainPhase } from '../../cluster/controlBlock.ts';
import type { WorkerStatus } from '../../cluster/workerPool.ts';
import type { StalePolicy } from '../../model/staleness.ts';
import type { SourceProblem, SourceStatus } from '../sources/source.ts';
import type { BusState } from '../bus/natsConnection.ts';

export interface SourceState {
  /** Holds no credentials. */
  readonly name: string;
  readonly state: SourceCondition;
  /** What its labels point to; bounded. */
  readonly revisions: readonly { readonly label: string; readonly revision: string | null }[];
  /** Since the content was last confirmed to be the newest; null when never. */
  readonly ageSeconds: number | null;
  readonly maxStalenessSeconds: number;
  /** What its answers are once they are stale. */
  readonly onStale: StalePolicy;
  /** Wall clock, ISO 8601; null when never. */
  readonly lastSuccess: string | null;
  readonly consecutiveFailures: number;
  /** The newest failure since the last success. */
  readonly lastError: SourceProblem | null;
  /** No answer can be made without it, and there is nothing of it, not even from an earlier process. */
  readonly isMissing: boolean;
}

/**
 * - opening: not tried to the end yet.
 * - ok: confirmed within its limit, and the newest try succeeded.
 * - retrying: the newest try failed; confirmed within its limit all the same.
 * - stale: not confirmed within its limit.
 * - failed: nothing of it could be read so far.
 */
export const sourceConditions = ['opening', 'ok', 'retrying', 'stale', 'failed'] as const;
export type SourceCondition = (typeof sourceConditions)[number];

/** One worker index: the thread that serves; of a replacement both threads' connections. */
export interface WorkerState {
  readonly index: number;
  readonly state: WorkerStatus['phase'];
  readonly hung: boolean;
  readonly heartbeatAgeSeconds: number;
  /** 0: none yet. */
  readonly epochServed: number;
  readonly restarts: number;
  readonly connections: number;
  readonly requestsInFlight: number;
  /** WebSockets, event streams and waiting polls. */
  readonly subscribers: number;
  /** 0 to 1, of the last heartbeat interval. */
  readonly eventLoopUtilization: number;
}

export interface HeldBackEntry {
  readonly key: string;
  readonly code: string;
  readonly message: string;
}

export interface ServerFacts {
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly drainPhase: DrainPhase;
  /** Of the published epoch; 0 before the first. */
  readonly epoch: number;
  readonly snapshotEntries: number;
  readonly snapshotBytes: number;
  readonly missQueueDepth: number;
  readonly heldBack: readonly HeldBackEntry[];
  readonly sources: readonly SourceState[];
  readonly workers: readonly WorkerState[];
  /** null without a bus. */
  readonly bus: BusState | null;
}

const revisionsShownMax = 20;

/** What is known of a source, and what its settings ask for. `repository` is its key. */
export interface SourceReport {
  readonly repository: string;
  readonly status: SourceStatus;
  readonly maxStalenessMs: number;
  readonly onStale: StalePolicy;
  readonly isRequired: boolean;
}

/** `nowMs`: the wall clock, as in SourceStatus. */
export function sourceState({ repository, status, maxStalenessMs, onStale, isRequired }: SourceReport, nowMs: number): SourceState {
  const { revisions, lastSuccessAtMs, lastError, consecutiveFailures } = status;
  return {
    name: redactUrl(repository),
    state: sourceCondition(status, maxStalenessMs, nowMs),
    revisions: [...revisions].slice(0, revisionsShownMax).map(([label, revision]) => ({ label, revision })),
    // A clock that was set back does not make content younger than now.
    ageSeconds: lastSuccessAtMs === null ? null : Math.max(0, (nowMs - lastSuccessAtMs) / 1_000),
    maxStalenessSeconds: maxStalenessMs / 1_000,
    onStale,
    lastSuccess: lastSuccessAtMs === null ? null : new Date(lastSuccessAtMs).toISOString(),
    consecutiveFailures,
    lastError,
    isMissing: isRequired && lastSuccessAtMs === null && (status.health === 'failed' || status.health === 'opening'),
  };
}

function sourceCondition({ health, lastSuccessAtMs }: SourceStatus, maxStalenessMs: number, nowMs: number): SourceCondition {
  if (health === 'opening' || health === 'failed') return health;
  const isFresh = lastSuccessAtMs !== null && nowMs - lastSuccessAtMs <= maxStalenessMs;
  return isFresh ? health : 'stale';
}

/** From WorkerPool.status(): up to two threads per index become one state. */
export function workerStates(status: readonly WorkerStatus[]): readonly WorkerState[] {
  const byIndex = new Map<number, WorkerStatus[]>();
  for (const thread of status) {
    const known = byIndex.get(thread.worker);
    if (known === undefined) byIndex.set(thread.worker, [thread]);
    else known.push(thread);
  }
  return [...byIndex].map(([index, threads]) => workerState(index, threads)).toSorted((a, b) => a.index - b.index);
}

function workerState(index: number, threads: readonly WorkerStatus[]): WorkerState {
  const shown = threads.find(({ phase, hung }) => phase === 'serving' && !hung) ?? threads.find(({ phase }) => phase === 'serving') ?? threads[0];
  const total = (count: (thread: WorkerStatus) => number): number => threads.reduce((sum, thread) => sum + count(thread), 0);
  return {
    index,
    state: shown?.phase ?? 'down',
    // The old thread of a replacement that hangs still ends the process: it is not to be hidden by the new one.
    hung: threads.some(({ hung }) => hung),
    heartbeatAgeSeconds: (shown?.heartbeatAgeMs ?? 0) / 1_000,
    epochServed: shown?.epochServed ?? 0,
    restarts: Math.max(0, ...threads.map(({ restarts }) => restarts)),
    connections: total(({ gauges }) => gauges.connectionsOpen),
    requestsInFlight: total(({ gauges }) => gauges.requestsInFlight),
    subscribers: total(({ gauges }) => gauges.subscribersOpen),
    eventLoopUtilization: shown?.gauges.eventLoopUtilisation ?? 0,
  };
}
