// Owns the epoch: turns misses into addenda and changes of content into the next epoch, one publish at a time.
import { SharedGarbage } from '../../base/sharedGarbage.ts';
import { errorCodes } from '../../model/errorCodes.ts';
import { PushHistory } from '../../core/push/pushHistory.ts';
import type { EntryChange } from '../../model/push.ts';
import { ADDENDA_MAX, BATCH_ENTRIES_MAX, MISS_ATTEMPTS_MAX, PUSH_HISTORY } from '../../model/limits.ts';
import type { EntryRequest } from '../../model/request.ts';
import { SegmentReader } from '../../snapshot/segmentReader.ts';
import { placeEntry, writeSegment } from '../../snapshot/segmentWriter.ts';
import {
  indexBytes,
  type CompileFindings,
  type ContentSnapshot,
  type EntryFailure,
  type LabelChange,
  type PublishResult,
  type PublishTask,
  type ResolveResult,
  type ResolveTask,
} from '../compile/compileTask.ts';
import type { ContentRegistry, Refresh } from './contentRegistry.ts';
import { SegmentPool } from './segmentPool.ts';
import { MissQueue, type MissJob, type MissOrigin } from './missQueue.ts';

export interface PublisherPorts {
  /** The compile threads. */
  readonly resolve: (task: ResolveTask) => Promise<ResolveResult>;
  readonly publish: (task: PublishTask) => Promise<PublishResult>;
  /** To all workers. */
  /** `seenAtMs`: nowMs() when the change was seen; 0 when there was none. */
  readonly postEpoch: (epoch: number, segment: SharedArrayBuffer, changes: readonly EntryChange[], seenAtMs: number) => void;
  /** To all workers when `install`, else to those of the origins only. */
  readonly postAddendum: (epoch: number, segment: SharedArrayBuffer, install: boolean, origins: readonly MissOrigin[]) => void;
  /** No thread refers to the base segments of epochs before this one. */
  readonly epochReleased: () => number;
  readonly postRefusal: (origins: readonly MissOrigin[], code: 'OVERLOADED' | 'NOT_READY' | 'MISS_TIMEOUT') => void;
  readonly onPublished: (event: PublishedEpoch) => void;
  readonly onFailures: (failures: readonly EntryFailure[]) => void;
  readonly onMissDone: (entry: EntryRequest, durationMs: number) => void;
  /** Of the restored epoch: repositories that could not be read since. */
  readonly unconfirmed: () => ReadonlySet<string>;
  readonly onError: (doing: string, error: unknown) => void;
  readonly nowMs: () => number;
}

export interface PublisherOptions {
  readonly cacheEnabled: boolean;
  readonly ttlSeconds: number;
  readonly entriesMax: number;
  readonly bytesMax: number;
  readonly missQueueMax: number;
  readonly missTimeoutMs: number;
  /** Batches compiled at once: the number of compile threads. */
  readonly concurrency: number;
}

export interface PublishedEpoch {
  readonly epoch: number;
  readonly segment: SharedArrayBuffer;
  readonly content: ContentSnapshot;
  readonly result: Omit<PublishResult, 'segment'>;
  readonly durationMs: number;
}

/** What a worker that starts now must get: the base of the epoch, then its addenda. */
export interface EpochState {
  readonly epoch: number;
  readonly segments: readonly SharedArrayBuffer[];
  /** What changed before, as far as it is kept. */
  readonly changes: readonly EntryChange[];
}

/** The first epoch of a server that has not been asked anything: no reason to wait for a compile thread to start. */
function nothingHot(): PublishResult {
  const nothingFound: CompileFindings = { failures: [], unplaced: [], brokenLabels: [], undecryptable: [] };
  return { segment: writeSegment([]), entries: 0, rendered: 0, patched: 0, carried: 0, evicted: 0, changes: [], ...nothingFound };
}

export class Publisher {
  private readonly registry: ContentRegistry;
  private readonly ports: PublisherPorts;
  private readonly options: PublisherOptions;
  private readonly queue: MissQueue;
  private readonly garbage = new SharedGarbage();
  private readonly pool = new SegmentPool();
  private readonly history = new PushHistory(PUSH_HISTORY);
  private epoch = 0;
  /** Base first, then addenda. Before the first epoch: addenda only. */
  private segments: SharedArrayBuffer[] = [];
  private compiling = 0;
  private readonly dirty = new Set<string>();
  private readonly known: LabelChange[] = [];
  /** When the oldest change was seen that is not published. */
  private seenAtMs: number | null = null;
  private sweepDue = false;
  private due = false;
  private publishing: Promise<void> | null = null;
  private held: readonly EntryFailure[] = [];
  /** An epoch from disk says which entries are held back, not why: the first publish looks at them again. */
  private heldUnknown = false;
  /** A source that answers were held back for can be read now. */
  private isSourceBack = false;

  constructor(registry: ContentRegistry, ports: PublisherPorts, options: PublisherOptions) {
    this.registry = registry;
    this.ports = ports;
    this.options = options;
    this.queue = new MissQueue(options.missQueueMax);
  }

  state(): EpochState {
    return { epoch: this.epoch, segments: this.segments, changes: this.history.all() };
  }

  heldBack(): readonly EntryFailure[] {
    return this.held;
  }

  queueDepth(): number {
    return this.queue.depth;
  }

  /** An epoch from disk, served until the sources are open. Only before the first publish. */
  restore(epoch: number, segment: SharedArrayBuffer): void {
    this.epoch = epoch;
    this.segments = [segment];
    this.heldUnknown = holdsBack(segment);
    this.ports.postEpoch(epoch, segment, [], 0);
  }

  miss(entry: EntryRequest, origin: MissOrigin): void {
    if (!this.queue.add(entry, origin, this.ports.nowMs(), this.options.missTimeoutMs)) {
      this.ports.postRefusal([origin], 'OVERLOADED');
      return;
    }
    this.pump();
  }

  /**
   * Publishes the next epoch soon if these repositories point elsewhere now, or if there is no epoch yet. `changes` happened
   * while nobody looked: since the epoch that was restored. Calls while one is made are merged.
   */
  changed(repositories: readonly string[], changes: readonly LabelChange[] = []): Promise<void> {
    for (const repository of repositories) this.dirty.add(repository);
    this.seenAtMs ??= this.ports.nowMs();
    this.known.push(...changes);
    return this.publishSoon();
  }

  /** A repository of the restored epoch can be read for the first time: what was held back for it is looked at with the next change. */
  confirmed(): void {
    this.isSourceBack = true;
  }

  /** Lets go of entries that nobody asks for and merges addenda. Call every now and then. */
  sweep(): Promise<void> {
    if (this.segments.length === 0 || this.epoch === 0) return Promise.resolve();
    this.sweepDue = true;
    return this.publishSoon();
  }

  /** Waits for what is being published; with `merge` addenda become part of a last epoch, for the disk. Before the process ends. */
  async settle(merge: boolean): Promise<void> {
    await this.publishing;
    if (merge && this.segments.length > 1) await this.sweep();
  }

  private publishSoon(): Promise<void> {
    this.due = true;
    this.publishing ??= this.publishWhileDue().finally(() => {
      this.publishing = null;
    });
    return this.publishing;
  }

  private async publishWhileDue(): Promise<void> {
    while (this.due) {
      this.due = false;
      const repositories = new Set(this.dirty);
      this.dirty.clear();
      try {
        await this.publishOnce(repositories);
      } catch (error) {
        this.ports.onError('publish', error);
      }
    }
  }

  private async publishOnce(repositories: ReadonlySet<string>): Promise<void> {
    const seenAtMs = this.seenAtMs ?? this.ports.nowMs();
    this.seenAtMs = null;
    const sweep = this.sweepDue;
    this.sweepDue = false;
    const known = this.known.splice(0);
    const looksAgain = this.heldUnknown || (this.isSourceBack && this.held.length > 0);
    this.isSourceBack = false;
    try {
      const refresh = await this.registry.refresh(repositories);
      const changes = [...known, ...refresh.changes];
      if (changes.length === 0 && this.epoch > 0 && !sweep && !looksAgain) return;
      const isOnlySweep = sweep && changes.length === 0 && !looksAgain;
      await this.makeEpoch({ ...refresh, changes }, seenAtMs, isOnlySweep);
    } catch (error) {
      // The registry shows them again by itself, these it does not know of.
      this.known.unshift(...known);
      this.isSourceBack = true;
      throw error;
    }
  }

  private async makeEpoch({ content: contentNow, changes, commit }: Refresh, seenAtMs: number, isOnlySweep: boolean): Promise<void> {
    let content = contentNow();
    const before = this.segments;
    const keepSinceSeconds = Math.max(0, Math.floor(seenAtMs / 1000) - this.options.ttlSeconds);
    const taskOf = (segments: readonly SharedArrayBuffer[], memory: SharedArrayBuffer | null): PublishTask => ({
      content,
      segments,
      memory,
      changes,
      unconfirmed: this.ports.unconfirmed(),
      keepSinceSeconds,
      entriesMax: this.options.entriesMax,
      bytesMax: this.options.bytesMax,
    });
    const base = before.slice();
    const result = base.length === 0 ? nothingHot() : await this.ports.publish(taskOf(base, this.pool.take(this.ports.epochReleased())));
    if (isOnlySweep && result.evicted === 0 && base.length <= 1) return this.pool.retire(result.segment, 0);
    // What was asked for meanwhile goes through the same change, so that it is held back by the same rule.
    const meanwhile = before.slice(base.length);
    // It may be made from labels that were not tracked yet when the base was.
    content = contentNow();
    const later = meanwhile.length === 0 ? null : await this.ports.publish(taskOf(meanwhile, null));
    const last = before.slice(base.length + meanwhile.length);
    this.heldUnknown = false;
    for (const made of later === null ? [result] : [result, later]) this.act(made, content);
    commit();
    const wasServed = this.epoch > 0;
    this.epoch += 1;
    if (wasServed) this.pool.retire(before[0]!, this.epoch);
    this.segments = [result.segment];
    this.garbage.add(indexBytes(changes));
    this.ports.postEpoch(this.epoch, result.segment, this.remember([...result.changes, ...(later?.changes ?? [])]), seenAtMs);
    if (later !== null) {
      this.segments.push(later.segment);
      this.ports.postAddendum(this.epoch, later.segment, true, []);
    }
    const failures = [...result.failures, ...(later?.failures ?? [])];
    this.held = failures.filter((failure) => failure.heldBack);
    if (failures.length > 0) this.ports.onFailures(failures);
    this.ports.onPublished({ epoch: this.epoch, segment: result.segment, content, result, durationMs: this.ports.nowMs() - seenAtMs });
    this.keepHot(last);
  }

  /** What only the owner of the registry can do about what a compile thread found, before anybody is served from the segment. */
  private act({ segment, unplaced, brokenLabels }: CompileFindings & { readonly segment: SharedArrayBuffer }, content: ContentSnapshot): void {
    for (const { key, entries } of unplaced) {
      const slot = this.registry.slotOf(key);
      for (const index of entries) placeEntry(segment, index, slot);
    }
    this.registry.noteBroken(content, brokenLabels);
  }

  private remember(changes: readonly EntryChange[]): readonly EntryChange[] {
    for (const change of changes) this.history.add(change);
    return changes;
  }

  /** The very last entries are computed again for the new epoch, so that they are no misses. */
  private keepHot(late: readonly SharedArrayBuffer[]): void {
    for (const segment of late) {
      const reader = new SegmentReader(segment);
      for (let index = 0; index < reader.entries; index += 1) {
        this.queue.add(reader.request(index), null, this.ports.nowMs(), this.options.missTimeoutMs);
      }
    }
    this.pump();
  }

  private pump(): void {
    while (this.compiling < this.options.concurrency) {
      const jobs = this.queue.take(BATCH_ENTRIES_MAX);
      if (jobs.length === 0) return;
      this.compiling += 1;
      void this.compile(jobs)
        .catch((error: unknown) => {
          this.ports.onError('compile', error);
          for (const job of jobs) this.refuse(job, 'MISS_TIMEOUT');
        })
        .finally(() => {
          this.compiling -= 1;
          this.pump();
        });
    }
  }

  private async compile(jobs: readonly MissJob[]): Promise<void> {
    const alive = jobs.filter((job) => this.stillWanted(job));
    if (alive.length === 0) return;
    const { generation } = this.registry;
    const content = this.registry.snapshot();
    const result = await this.ports.resolve({
      content,
      entries: alive.map((job) => job.entry),
      nowSeconds: Math.floor(this.ports.nowMs() / 1000),
    });
    if (generation !== this.registry.generation) {
      for (const job of alive) this.queue.requeue(job);
      return;
    }
    this.act(result, content);
    const pending = new Map(result.pending.map((entry) => [entry.index, entry]));
    const finished = alive.filter((_job, index) => !pending.has(index));
    if (finished.length > 0) this.finish(finished, result);
    for (const [index, { repository, label }] of pending) this.load(alive[index]!, repository, label);
  }

  private finish(jobs: readonly MissJob[], result: ResolveResult): void {
    const nowMs = this.ports.nowMs();
    for (const job of jobs) {
      this.queue.done(job);
      this.ports.onMissDone(job.entry, nowMs - job.askedAtMs);
    }
    const origins = jobs.flatMap((job) => job.origins);
    this.garbage.add(result.segment.byteLength);
    const install = this.options.cacheEnabled;
    if (install) this.segments.push(result.segment);
    this.ports.postAddendum(this.epoch, result.segment, install, origins);
    const worth = result.failures.filter((failure) => errorCodes[failure.code].level !== 'debug');
    if (worth.length > 0) this.ports.onFailures(worth);
    // Until the next epoch counts them anew; without a snapshot there is none that would.
    if (install) this.held = [...this.held, ...result.failures.filter((failure) => failure.heldBack)];
    if (this.segments.length > ADDENDA_MAX || this.addendaBytes() > this.options.bytesMax / 4) void this.sweep();
  }

  /** What came since the last epoch was made: a large answer may be worth a merge of its own. */
  private addendaBytes(): number {
    return this.segments.slice(1).reduce((sum, segment) => sum + segment.byteLength, 0);
  }

  /** Loading may take a first fetch: other misses go on meanwhile. */
  private load(job: MissJob, repository: string, label: string): void {
    this.registry
      .ensure(repository, label)
      .then(() => {
        this.queue.requeue(job);
        this.pump();
      })
      .catch((error: unknown) => {
        this.ports.onError(`load ${repository} ${label}`, error);
        this.refuse(job, 'MISS_TIMEOUT');
      });
  }

  private stillWanted(job: MissJob): boolean {
    job.attempts += 1;
    if (job.attempts <= MISS_ATTEMPTS_MAX && this.ports.nowMs() <= job.deadlineMs) return true;
    this.refuse(job, 'MISS_TIMEOUT');
    return false;
  }

  private refuse(job: MissJob, code: 'MISS_TIMEOUT'): void {
    this.queue.done(job);
    if (job.origins.length > 0) this.ports.postRefusal(job.origins, code);
  }
}

function holdsBack(segment: SharedArrayBuffer): boolean {
  const reader = new SegmentReader(segment);
  for (let index = 0; index < reader.entries; index += 1) if (reader.heldBack(index)) return true;
  return false;
}
