// What health and the looked-up metrics are made from: the state of sources, workers and content at one moment.
import { redactUrl } from '../../base/redactUrl.ts';
import type { DrainPhase } from '../../cluster/controlBlock.ts';
import type { WorkerStatus } from '../../cluster/workerPool.ts';
import type { SourceHealth, SourceProblem, SourceStatus } from '../sources/source.ts';

export interface SourceState {
  /** Holds no credentials. */
  readonly name: string;
  readonly state: SourceHealth;
  /** What its labels point to; bounded. */
  readonly revisions: readonly { readonly label: string; readonly revision: string | null }[];
  /** Since the content was last confirmed to be the newest; null when never. */
  readonly ageSeconds: number | null;
  readonly maxStalenessSeconds: number;
  readonly lastError: SourceProblem | null;
}

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
}

const revisionsShownMax = 20;

/** `repository` is the source's key; `nowMs` the wall clock, as in SourceStatus. */
export function sourceState(repository: string, status: SourceStatus, maxStalenessMs: number, nowMs: number): SourceState {
  const { health, revisions, lastSuccessAtMs, lastError } = status;
  return {
    name: redactUrl(repository),
    state: health,
    revisions: [...revisions].slice(0, revisionsShownMax).map(([label, revision]) => ({ label, revision })),
    // A clock that was set back does not make content younger than now.
    ageSeconds: lastSuccessAtMs === null ? null : Math.max(0, (nowMs - lastSuccessAtMs) / 1_000),
    maxStalenessSeconds: maxStalenessMs / 1_000,
    lastError,
  };
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
