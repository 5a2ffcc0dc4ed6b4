// Turns the events of the control plane, the workers and the drain into log lines and counters.
import { redactUrl } from '../base/redactUrl.ts';
import type { DrainReport } from '../cluster/drainDriver.ts';
import type { WorkerPool, WorkerReport } from '../cluster/workerPool.ts';
import { errorCodes } from '../model/errorCodes.ts';
import { Failure } from '../model/failure.ts';
import type { StalePolicy } from '../model/staleness.ts';
import type { EntryRequest } from '../model/request.ts';
import { BoundedSeries } from '../telemetry/boundedSeries.ts';
import type { Logger } from '../telemetry/logger.ts';
import { FETCH_SERIES_MAX } from '../telemetry/metricCatalogue.ts';
import type { PrimaryMetrics } from '../telemetry/primaryMetrics.ts';
import type { EntryFailure } from './compile/compileTask.ts';
import type { ControlPlaneEvents } from './controlPlane.ts';
import type { PublishedEpoch } from './publish/publisher.ts';
import type { PollResult, Source } from './sources/source.ts';

export interface SnapshotSize {
  readonly entries: number;
  readonly bytes: number;
}

const staleLevels = { serve: 'info', warn: 'warn', refuse: 'error' } as const;
const staleTexts = {
  serve: 'a source was not confirmed for too long: its answers carry their age',
  warn: 'a source was not confirmed for too long: its answers carry their age and a warning',
  refuse: 'a source was not confirmed for too long: its answers are refused',
} as const;

export class EventLog {
  /** Of the newest publish. */
  snapshot: SnapshotSize = { entries: 0, bytes: 0 };
  private readonly log: Logger;
  private readonly metrics: PrimaryMetrics;
  private readonly backend: string;
  private readonly fetchSeries = new BoundedSeries(FETCH_SERIES_MAX);
  /** Last problem per source, so that an outage is one line and not one per poll. */
  private readonly problems = new Map<string, string>();

  constructor(log: Logger, metrics: PrimaryMetrics, backend: string) {
    this.log = log;
    this.metrics = metrics;
    this.backend = backend;
  }

  controlPlaneEvents(): Omit<ControlPlaneEvents, 'postEpoch' | 'postAddendum' | 'postRefusal' | 'epochReleased'> {
    return {
      onPublished: (event) => this.published(event),
      onFailures: (failures) => this.failures(failures),
      onPoll: (source, result) => this.polled(source, result),
      onRestored: (epoch, path, reason) => {
        if (epoch === null) this.log.info('no epoch on disk to serve', { path, reason });
        else this.log.info('serving the epoch on disk until the sources are open', { path, epoch });
      },
      onUndecryptable: (values) => {
        this.metrics.increment('vortex_undecryptable_values_total', {}, values.length);
        this.log.warn('values cannot be decrypted with the keys of this server', { values });
      },
      onStored: (path, epoch) => this.log.debug('epoch stored', { path, epoch }),
      onRemote: (host, isOpen) => {
        if (isOpen) this.log.warn('a remote host failed several times in a row: one source at a time tries it', { host });
        else this.log.info('a remote host answers again', { host });
      },
      onStale: (repository, isStale, policy) => this.stale(redactUrl(repository), isStale, policy),
      onError: (doing, error) => this.log.error(`failed: ${redactUrl(doing)}`, { error }),
      onMissDone: (entry, durationMs) => this.missDone(entry, durationMs),
    };
  }

  worker(report: WorkerReport): void {
    const fields = { worker: report.worker, thread: report.thread };
    switch (report.kind) {
      case 'crashed':
        this.log.error('a worker caught an exception and ends', { ...fields, error: { message: report.message, stack: report.stack } });
        return;
      case 'finished':
        if (report.requestsCut + report.connectionsCut > 0) {
          this.log.warn('a worker had to cut something', { ...fields, requestsCut: report.requestsCut, connectionsCut: report.connectionsCut });
        }
        this.metrics.increment('vortex_drain_cut_total', { what: 'requests' }, report.requestsCut);
        this.metrics.increment('vortex_drain_cut_total', { what: 'connections' }, report.connectionsCut);
        return;
      case 'hung':
        this.log.error('a worker does not answer', { ...fields, silentMs: report.silentMs });
        return;
      case 'restarting':
        this.log.warn('a worker is started again', { ...fields, restartInMs: report.restartInMs });
        return;
      default:
        this.log.info(`worker ${report.kind}`, { ...fields, message: report.message });
    }
  }

  drain(report: DrainReport, pool: WorkerPool): void {
    switch (report.kind) {
      case 'kill':
        this.log.fatal('the drain passed its time-out', { code: 'DRAIN_TIMEOUT', exitCode: report.exitCode, tookMs: report.tookMs, left: pool.status() });
        return;
      case 'closeFailed':
        this.log.error('closing failed', { message: report.message });
        return;
      default:
        this.log.info(`drain: ${report.kind}`, { ...report });
    }
  }

  private published({ epoch, segment, result, durationMs }: PublishedEpoch): void {
    this.snapshot = { entries: result.entries, bytes: segment.byteLength };
    this.metrics.observe('vortex_publish_duration_seconds', {}, durationMs / 1_000);
    for (const what of ['rendered', 'patched', 'carried'] as const) {
      this.metrics.increment('cache_operations_total', { operation: 'publish', result: what }, result[what]);
    }
    this.metrics.increment('cache_operations_total', { operation: 'evict', result: 'ok' }, result.evicted);
    const { entries, rendered, patched, carried, evicted } = result;
    this.log.info('published', { epoch, entries, rendered, patched, carried, evicted, bytes: segment.byteLength, durationMs: Math.round(durationMs) });
  }

  private failures(failures: readonly EntryFailure[]): void {
    for (const { key, code, message, heldBack } of failures) {
      const text = heldBack ? 'the last good answer is kept: the new content cannot be resolved' : 'an answer cannot be resolved';
      this.log.log(heldBack ? 'warn' : errorCodes[code].level, text, { code, key, reason: message });
    }
  }

  private polled(source: Source, { problem }: PollResult): void {
    const name = redactUrl(source.repository);
    const isPaused = problem?.code === 'SOURCE_PAUSED';
    this.metrics.increment('vortex_source_polls_total', { source: name, result: problem === null ? 'ok' : isPaused ? 'paused' : 'failed' });
    if (isPaused) return;
    const before = this.problems.get(source.repository);
    if (problem === null) {
      if (before !== undefined) this.log.info('a source can be read again', { source: name });
      this.problems.delete(source.repository);
    } else if (before !== problem.message) {
      this.problems.set(source.repository, problem.message);
      this.log.log(new Failure(problem.code, problem.message).level, 'a source cannot be read', { source: name, code: problem.code, reason: problem.message });
    }
  }

  private stale(source: string, isStale: boolean, policy: StalePolicy): void {
    if (!isStale) this.log.info('a source is up to date again', { source });
    else this.log.log(staleLevels[policy], staleTexts[policy], { source, code: 'SOURCE_STALE' });
  }

  private missDone({ request }: EntryRequest, durationMs: number): void {
    this.metrics.increment('cache_operations_total', { operation: 'install', result: 'ok' });
    const labels = this.fetchSeries.labels(request.name, request.profiles, this.backend);
    this.metrics.observe('config_fetch_duration_seconds', labels, durationMs / 1_000);
  }
}
