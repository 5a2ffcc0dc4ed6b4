// What the three health endpoints say: pure, from the facts of one moment.
import type { ServerFacts, SourceState, WorkerState } from './serverFacts.ts';

/**
 * - live: the process runs. Looks at nothing that another system can break.
 * - ready: every worker can serve from a snapshot and the server is not draining. Stale sources don't count.
 * - full: ready, and every source is confirmed within its limit, and nothing is held back, and the bus is connected.
 */
export type HealthQuestion = 'live' | 'ready' | 'full';

export type HealthStatus = 'ok' | 'degraded' | 'unavailable';

export interface HealthCheck {
  readonly name: string;
  readonly kind: 'process' | 'snapshot' | 'worker' | 'source' | 'content' | 'bus';
  readonly status: 'ok' | 'failing';
  readonly details: Readonly<Record<string, unknown>>;
}

export interface HealthBody {
  readonly status: HealthStatus;
  readonly version: string;
  /** Whole seconds since the start of the process. */
  readonly uptime_secs: number;
  readonly checks: readonly HealthCheck[];
}

export interface HealthVerdict {
  readonly status: HealthStatus;
  readonly httpStatus: 200 | 503;
  readonly body: HealthBody;
}

const heldBackShownMax = 10;

/** 200 with `ok`; 503 with `unavailable` when it can't serve, with `degraded` when it serves and a check of `full` fails. */
export function healthVerdict(question: HealthQuestion, facts: ServerFacts): HealthVerdict {
  const serving = [processCheck(facts), snapshotCheck(facts), ...facts.workers.map((worker) => workerCheck(worker, facts))];
  switch (question) {
    case 'live':
      return verdict('ok', facts, []);
    case 'ready':
      return verdict(allOk(serving) ? 'ok' : 'unavailable', facts, serving);
    case 'full': {
      const content = [...facts.sources.map(sourceCheck), contentCheck(facts), ...busCheck(facts)];
      const status = !allOk(serving) ? 'unavailable' : allOk(content) ? 'ok' : 'degraded';
      return verdict(status, facts, [...serving, ...content]);
    }
  }
}

function verdict(status: HealthStatus, facts: ServerFacts, checks: readonly HealthCheck[]): HealthVerdict {
  const body = { status, version: facts.version, uptime_secs: Math.floor(facts.uptimeSeconds), checks };
  return { status, httpStatus: status === 'ok' ? 200 : 503, body };
}

function allOk(checks: readonly HealthCheck[]): boolean {
  return checks.every(({ status }) => status === 'ok');
}

function statusOf(isOk: boolean): HealthCheck['status'] {
  return isOk ? 'ok' : 'failing';
}

function processCheck({ drainPhase }: ServerFacts): HealthCheck {
  return { name: 'process', kind: 'process', status: statusOf(drainPhase === 'running'), details: { phase: drainPhase } };
}

function snapshotCheck({ epoch, snapshotEntries, snapshotBytes, sources }: ServerFacts): HealthCheck {
  const details = { epoch, entries: snapshotEntries, bytes: snapshotBytes };
  const missing = sources.filter(({ isMissing }) => isMissing);
  if (epoch > 0 && missing.length === 0) return { name: 'snapshot', kind: 'snapshot', status: 'ok', details };
  // A server that starts with nothing on disk waits for its sources: what is known of them is why.
  const awaited = epoch > 0 ? missing : sources.filter(({ state }) => state === 'opening' || state === 'failed');
  const waitingFor = awaited.map(({ name, state, lastError }) => ({ source: name, state, lastError }));
  const reason = epoch > 0 ? 'every answer needs a backend that was never read' : 'no snapshot was published yet';
  return { name: 'snapshot', kind: 'snapshot', status: 'failing', details: { ...details, reason, waitingFor } };
}

function workerCheck(worker: WorkerState, { epoch }: ServerFacts): HealthCheck {
  const { index, state, hung, heartbeatAgeSeconds, epochServed, restarts } = worker;
  const serves = state === 'serving' && !hung && (epochServed > 0 || epoch === 0);
  const details = { state, hung, heartbeatAgeSeconds: rounded(heartbeatAgeSeconds), epochServed, restarts };
  return { name: `worker-${index}`, kind: 'worker', status: statusOf(serves), details };
}

function sourceCheck(source: SourceState): HealthCheck {
  const { name, state, ageSeconds, maxStalenessSeconds, onStale, lastSuccess, revisions, consecutiveFailures, lastError } = source;
  const stale = ageSeconds === null || ageSeconds > maxStalenessSeconds;
  const age = { ageSeconds: ageSeconds === null ? null : rounded(ageSeconds), maxStalenessSeconds, stale, onStale, lastSuccess };
  return {
    name,
    kind: 'source',
    status: statusOf(!stale && (state === 'ok' || state === 'retrying')),
    details: { state, revisions, ...age, consecutiveFailures, lastError },
  };
}

function contentCheck({ heldBack }: ServerFacts): HealthCheck {
  const details = { heldBack: heldBack.length, entries: heldBack.slice(0, heldBackShownMax) };
  return { name: 'content', kind: 'content', status: statusOf(heldBack.length === 0), details };
}

/** Without the bus servers poll: nothing is wrong with what they serve. */
function busCheck({ bus }: ServerFacts): readonly HealthCheck[] {
  if (bus === null) return [];
  const { isConnected, sinceMs, server, lastError } = bus;
  const details = { connected: isConnected, since: new Date(sinceMs).toISOString(), server, lastError };
  return [{ name: 'bus', kind: 'bus', status: statusOf(isConnected), details }];
}

/** To milliseconds. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1_000) / 1_000;
}
