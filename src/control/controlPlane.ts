// The control plane of the primary: sources, polls, misses and epochs, put together; workers and ports are the caller's.
import { monotonicMs } from '../cluster/monotonicClock.ts';
import type { ControlBlock } from '../cluster/controlBlock.ts';
import type { WorkerAddress } from '../cluster/workerPool.ts';
import type { ToWorker } from '../cluster/messages.ts';
import type { ResolutionOptions } from '../model/backend.ts';
import type { EncryptionAnswer, EncryptionQuestion } from '../model/encryption.ts';
import { Failure } from '../model/failure.ts';
import type { StalePolicy } from '../model/staleness.ts';
import { REPOSITORY_SLOTS } from '../model/limits.ts';
import type { EntryRequest } from '../model/request.ts';
import type { StoredEpoch } from '../snapshot/epochFile.ts';
import type { Settings } from '../settings/options.ts';
import { CompilePool } from './compile/compilePool.ts';
import type { EntryFailure, ExplainTask } from './compile/compileTask.ts';
import { HELD_BACK, slotMembers } from './compile/entrySlots.ts';
import type { SourceReport } from './management/serverFacts.ts';
import { EncryptionQueue } from './encryption/encryptionQueue.ts';
import type { LoadedKeys } from './encryption/loadKeys.ts';
import { ContentRegistry } from './publish/contentRegistry.ts';
import { EpochStore, settingsFingerprint } from './publish/epochStore.ts';
import { Publisher, type PublishedEpoch, type PublisherPorts } from './publish/publisher.ts';
import { StalenessClock, staleSeconds, type StalenessFacts } from './publish/stalenessClock.ts';
import { SourceFactory } from './sourceFactory.ts';
import type { PollResult, Source, SourceProblem, SourceStatus } from './sources/source.ts';
import { SourcePoller } from './sources/sourcePoller.ts';

export interface ControlPlaneOptions {
  readonly settings: Settings;
  readonly resolution: ResolutionOptions;
  readonly keys: LoadedKeys;
  readonly version: string;
  readonly compileThreads: number;
  readonly controlBlock: ControlBlock;
}

export interface ControlPlaneEvents extends Pick<PublisherPorts, 'postEpoch' | 'postAddendum' | 'postRefusal' | 'epochReleased'> {
  readonly onPublished: (event: PublishedEpoch) => void;
  readonly onFailures: (failures: readonly EntryFailure[]) => void;
  readonly onPoll: (source: Source, result: PollResult, isRelayed: boolean) => void;
  readonly onRestored: (epoch: number | null, path: string, reason: string) => void;
  /** Keys and sources of values that no key of the server decrypts. */
  readonly onUndecryptable: (names: readonly string[]) => void;
  readonly onStored: (path: string, epoch: number) => void;
  /** A host failed several times in a row and is tried by one source at a time, or answers again. */
  readonly onRemote: (host: string, isOpen: boolean) => void;
  /** A source was not confirmed within its limit, or is again. */
  readonly onStale: (repository: string, isStale: boolean, policy: StalePolicy) => void;
  readonly onError: (doing: string, error: unknown) => void;
  /** An answer was computed, its content loaded where it had to be. */
  readonly onMissDone: (entry: EntryRequest, durationMs: number) => void;
}

/** Entries last asked for longer ago than the TTL are looked for this often within it. */
const SWEEPS_PER_TTL = 4;

export class ControlPlane {
  private readonly options: ControlPlaneOptions;
  private readonly events: ControlPlaneEvents;
  private readonly factory: SourceFactory;
  private readonly registry: ContentRegistry;
  private readonly publisher: Publisher;
  private readonly pool: CompilePool;
  private readonly encryptions: EncryptionQueue;
  private readonly store: EpochStore | null;
  private readonly pollers = new Map<string, SourcePoller>();
  private readonly staleness: StalenessClock;
  private readonly sweeper: NodeJS.Timeout;
  /** Labels of the restored epoch that no source has been asked about yet, by repository. */
  private readonly unconfirmed = new Map<string, StoredEpoch['labels'][number][]>();
  private readonly confirmedAtMs = new Map<string, number>();
  /** Polls that took longer than they may. */
  private readonly late = new Map<string, SourceProblem>();
  /** Sources that are stale now. */
  private readonly stale = new Set<string>();
  private heldSinceMs: number | null = null;
  private published: PublishedEpoch | null = null;
  private isClosing = false;

  constructor(options: ControlPlaneOptions, events: ControlPlaneEvents) {
    const { settings, resolution, controlBlock } = options;
    this.options = options;
    this.events = events;
    this.factory = new SourceFactory(settings, this.events.onRemote);
    this.pool = new CompilePool({ options: resolution, keys: options.keys.material }, options.compileThreads, {
      onError: (error) => this.events.onError('run a compile thread', error),
      onUndecryptable: (names) => this.events.onUndecryptable(names),
    });
    this.encryptions = new EncryptionQueue(
      async (questions) => (await this.pool.encryption({ questions })).answers,
      (error) => this.events.onError('encrypt or decrypt', error),
    );
    this.registry = new ContentRegistry({
      repositories: this.factory.static(),
      createSource: (repository) => this.factory.create(repository),
      onSource: (source) => this.onSource(source),
      repositoriesMax: settings.server.limits.repositoriesMax,
      labelsMax: settings.server.limits.labelsMax,
      keepsFormer: resolution.backends.length > 1,
    });
    this.publisher = new Publisher(this.registry, this.publisherPorts(), {
      cacheEnabled: settings.cache.enabled,
      ttlSeconds: settings.cache.ttlSeconds,
      entriesMax: settings.cache.maxCapacity,
      bytesMax: settings.cache.maxBytes,
      missQueueMax: settings.server.limits.missQueueMax,
      missTimeoutMs: settings.server.limits.missTimeoutMs,
      concurrency: options.compileThreads,
    });
    this.store = settings.storage.enabled ? this.createStore() : null;
    this.staleness = new StalenessClock(controlBlock, () => this.stalenessFacts(), Date.now);
    const sweepMs = Math.max(1_000, (settings.cache.ttlSeconds * 1_000) / SWEEPS_PER_TTL);
    this.sweeper = setInterval(() => void this.publisher.sweep(), sweepMs);
  }

  /** Serves the epoch on disk at once where there is one, then opens the sources. Resolves when each was tried once. */
  async start(): Promise<void> {
    await this.restore();
    const repositories = this.factory.static();
    // Repositories by placeholder only: there is nothing to wait for.
    if (repositories.length === 0 && this.epoch() === 0) await this.publisher.changed([]);
    await Promise.all(repositories.map((repository) => this.registry.open(repository)?.opened ?? Promise.resolve()));
  }

  /** For a worker thread that starts now. */
  welcome(): readonly ToWorker[] {
    const { epoch, segments, changes } = this.publisher.state();
    const [base, ...addenda] = epoch === 0 ? [undefined, ...segments] : segments;
    const messages: ToWorker[] = base === undefined ? [] : [{ kind: 'epoch', epoch, segment: base, changes, seenAtMs: 0 }];
    for (const segment of addenda) messages.push({ kind: 'addendum', epoch, segment: segment!, install: true, missIds: [] });
    return messages;
  }

  epoch(): number {
    return this.publisher.state().epoch;
  }

  miss(entry: EntryRequest, from: WorkerAddress, missId: number): void {
    this.publisher.miss(entry, { from, missId });
  }

  encryption(question: EncryptionQuestion): Promise<EncryptionAnswer> {
    return this.encryptions.ask(question);
  }

  /** The body of /explain, JSON. Failures as of the environment, and MISS_TIMEOUT when its content can't be loaded in time. */
  async explain(request: ExplainTask['request']): Promise<string> {
    const deadlineMs = monotonicMs() + this.options.settings.server.limits.missTimeoutMs;
    while (monotonicMs() < deadlineMs) {
      const result = await this.pool.explain({ content: this.registry.snapshot(), request });
      if (result.kind === 'explained') return result.body;
      if (result.kind === 'failed') throw new Failure(result.code, result.message);
      await this.registry.ensure(result.repository, result.label);
    }
    throw new Failure('MISS_TIMEOUT', 'the content was not loaded in time');
  }

  sources(): readonly SourceReport[] {
    return this.registry.sources().map((source) => {
      const { maxStalenessMs, onStale } = this.factory.times(source.repository);
      const isRequired = this.factory.isRequired(source.repository);
      return { repository: source.repository, status: this.withRestored(source), maxStalenessMs, onStale, isRequired };
    });
  }

  openSources(): readonly Source[] {
    return this.registry.sources();
  }

  /** A source that is still being opened is polled at the end of that anyway. */
  pollSoon(repository: string, delayMs: number): void {
    this.pollers.get(repository)?.soon(delayMs);
  }

  /** Because another server says so: SourcePoller.relayed. */
  pollRelayed(repository: string, delayMs: number, isNeeded: () => boolean): void {
    this.pollers.get(repository)?.relayed(delayMs, isNeeded);
  }

  heldBack(): readonly EntryFailure[] {
    return this.publisher.heldBack();
  }

  missQueueDepth(): number {
    return this.publisher.queueDepth();
  }

  /** Ends polls, then writes the hot set to disk, then closes sources and compile threads. */
  async close(): Promise<void> {
    this.isClosing = true;
    clearInterval(this.sweeper);
    this.staleness.stop();
    await Promise.all([...this.pollers.values()].map((poller) => poller.stop()));
    await this.publisher.settle(this.store !== null);
    await this.store?.flush();
    await this.registry.close();
    await this.factory.close();
    await this.pool.close();
  }

  private publisherPorts(): PublisherPorts {
    return {
      resolve: (task) => this.pool.resolve(task),
      publish: (task) => this.pool.publish(task),
      postEpoch: this.events.postEpoch,
      postAddendum: this.events.postAddendum,
      postRefusal: this.events.postRefusal,
      epochReleased: this.events.epochReleased,
      onPublished: (event) => {
        this.events.onPublished(event);
        this.published = event;
        // what is published when the write begins: the memory of an earlier epoch may hold a later one by then
        this.store?.store(() => this.storedEpoch(this.published ?? event));
      },
      onFailures: this.events.onFailures,
      onMissDone: this.events.onMissDone,
      unconfirmed: () => new Set(this.unconfirmed.keys()),
      onError: this.events.onError,
      nowMs: () => monotonicMs() - this.options.controlBlock.startedAtMs,
    };
  }

  private createStore(): EpochStore {
    const { resolution, settings, version, keys } = this.options;
    return new EpochStore(settings.storage.directory, settingsFingerprint(resolution, `${version} ${keys.fingerprint}`), keys.sealKey, {
      onError: (path, error) => this.events.onError(`store ${path}`, error),
      onStored: this.events.onStored,
    });
  }

  private async restore(): Promise<void> {
    if (this.store === null) return;
    const { stored, reason } = await this.store.read();
    this.events.onRestored(stored?.epoch ?? null, this.store.path, reason);
    if (stored === null) return;
    for (const [repository, atMs] of stored.confirmedAtMs) this.confirmedAtMs.set(repository, atMs);
    for (const [repository] of stored.slots) this.registry.slotOf(repository);
    for (const entry of stored.labels) this.unconfirmed.set(entry.repository, [...(this.unconfirmed.get(entry.repository) ?? []), entry]);
    this.publisher.restore(stored.epoch + 1, stored.segment);
    // Repositories made from placeholders: nobody else would open them before they are asked for.
    for (const repository of this.unconfirmed.keys()) this.registry.open(repository);
  }

  private onSource(source: Source): void {
    // It was still being opened when the end began: its first poll would only fail on what is closed by now.
    if (this.isClosing) return;
    const { pollIntervalMs, timeoutMs } = this.factory.times(source.repository);
    const poller = new SourcePoller(source, {
      intervalMs: pollIntervalMs,
      timeoutMs,
      random: Math.random,
      onPoll: (polled, result, isRelayed) => {
        this.events.onPoll(polled, result, isRelayed);
        if (result.problem?.code === 'SOURCE_TIMEOUT') this.late.set(polled.repository, result.problem);
        else this.late.delete(polled.repository);
        if (result.problem === null) this.contentMayHaveMoved(polled.repository);
      },
    });
    this.pollers.set(source.repository, poller);
    if (isReadable(source)) this.contentMayHaveMoved(source.repository);
    poller.start();
  }

  private contentMayHaveMoved(repository: string): void {
    this.registry
      .changesSince(this.unconfirmed.get(repository) ?? [])
      .then((changes) => {
        // Not before its labels are tracked: a publish in between would not find them and leave what it holds back for good.
        if (this.unconfirmed.delete(repository)) this.publisher.confirmed();
        return this.publisher.changed([repository], changes);
      })
      .catch((error: unknown) => this.events.onError(`look at ${repository}`, error));
  }

  private storedEpoch(event: PublishedEpoch): StoredEpoch {
    return {
      epoch: event.epoch,
      fingerprint: this.store?.fingerprint ?? '',
      savedAtMs: Date.now(),
      labels: event.content.labels.flatMap(({ repository, label, content }) =>
        content.kind === 'tree' ? [{ repository, label, treeId: content.treeId }] : [],
      ),
      slots: [...this.registry.slotKeys()],
      confirmedAtMs: this.sources().flatMap(({ repository, status }) =>
        status.lastSuccessAtMs === null ? [] : [[repository, status.lastSuccessAtMs] as const],
      ),
      segment: event.segment,
    };
  }

  private stalenessFacts(): readonly StalenessFacts[] {
    const sources: readonly SourceAge[] = this.sources().map(({ status, ...fact }) => ({ ...fact, confirmedAtMs: status.lastSuccessAtMs }));
    this.noteStale(sources);
    const isHolding = this.publisher.heldBack().length > 0;
    this.heldSinceMs = isHolding ? (this.heldSinceMs ?? Date.now()) : null;
    const held: SourceAge = { repository: HELD_BACK, confirmedAtMs: this.heldSinceMs, maxStalenessMs: -1, onStale: 'serve' };
    const facts = new Map([...sources, held].map((fact) => [fact.repository, fact]));
    const slots = [...this.registry.slotKeys()].flatMap(([key, slot]) => slotMembers(key).flatMap((member) => ({ slot, ...(facts.get(member) ?? never) })));
    return [...slots, ...sources.map((fact) => ({ ...fact, slot: REPOSITORY_SLOTS - 1 }))];
  }

  private noteStale(sources: readonly SourceAge[]): void {
    for (const source of sources) {
      const isStale = staleSeconds(source, Date.now()) > 0;
      if (isStale === this.stale.has(source.repository)) continue;
      if (isStale) this.stale.add(source.repository);
      else this.stale.delete(source.repository);
      this.events.onStale(source.repository, isStale, source.onStale);
    }
  }

  /**
   * A source that could not be opened has an age all the same: that of the epoch on disk. One whose poll does not end knows of no
   * error: the poller does.
   */
  private withRestored(source: Source): SourceStatus {
    const status = source.status();
    const lastError = status.lastError ?? this.late.get(source.repository) ?? null;
    const lastSuccessAtMs = status.lastSuccessAtMs ?? this.confirmedAtMs.get(source.repository) ?? null;
    return { ...status, lastError, lastSuccessAtMs };
  }
}

/** A repository of which nothing is known yet. */
const never: Omit<StalenessFacts, 'slot'> = { confirmedAtMs: null, maxStalenessMs: 0, onStale: 'serve' };

interface SourceAge extends Omit<StalenessFacts, 'slot'> {
  readonly repository: string;
}

function isReadable(source: Source): boolean {
  const { health } = source.status();
  return health === 'ok' || health === 'retrying';
}
