// A database as a source: a table as one tree for all labels, or statements as a tree for each request.
//
//   open ─► copy of the table on disk ─► ok            poll ─► read what changed ─► labels that moved
//        └► none: first read                           watch ─► the database says so ─► hint ─► poll
import { basename, dirname } from 'node:path';
import { parseSqlTriplesLabel } from '../../../core/resolve/sqlTriple.ts';
import { Failure } from '../../../model/failure.ts';
import type { TreeImage } from '../../../snapshot/treeImage.ts';
import { DirectoryWatch } from '../directoryWatch.ts';
import type { LabelState, PollResult, Source, SourceProblem, SourceStatus } from '../source.ts';
import { SourceProgress } from '../sourceProgress.ts';
import type { SqlOutcome, SqlSetup } from './sqlTask.ts';
import type { SqlThread } from './sqlThread.ts';

export interface SqlSourceOptions extends SqlSetup {
  /** Requests whose statements are carried out at each poll; above, the one unused for longest is asked anew when it is wanted. */
  readonly labelsMax: number;
}

export class SqlSource implements Source {
  readonly kind = 'sql';
  readonly repository: string;
  private readonly options: SqlSourceOptions;
  private readonly setup: SqlSetup;
  private readonly thread: SqlThread;
  private readonly progress: SourceProgress;
  private readonly nowMs: () => number;
  private readonly watch: DirectoryWatch;
  /** By label; the table as a whole is under every label. Least recently wanted first. */
  private readonly images = new Map<string, TreeImage>();
  private table: TreeImage | null = null;
  /** The one before: a caller may have resolved just before a poll. */
  private readonly earlier = new Map<string, TreeImage>();
  private opening: Promise<void> | null = null;
  private polling: Promise<PollResult> | null = null;
  private isWatching = false;
  private isClosed = false;
  private hint: () => void = () => undefined;

  constructor(options: SqlSourceOptions, thread: SqlThread, nowMs: () => number = Date.now) {
    const { labelsMax: _, ...setup } = options;
    this.options = options;
    this.setup = setup;
    this.repository = options.repository;
    this.thread = thread;
    this.nowMs = nowMs;
    this.progress = new SourceProgress(nowMs);
    const file = options.access.engine === 'sqlite' ? basename(options.access.path) : '';
    // its journal and write-ahead log are beside it
    this.watch = new DirectoryWatch((_directory, name) => {
      if (name === null || name.startsWith(file)) this.hint();
    });
  }

  open(): Promise<void> {
    this.opening ??= this.load().finally(() => this.progress.opened());
    return this.opening;
  }

  async resolve(label: string): Promise<LabelState> {
    await this.open();
    if (this.isTable()) return this.stateOf(label, this.table);
    if (parseSqlTriplesLabel(label) === null) return { kind: 'noSuchLabel' };
    const known = this.images.get(label);
    if (known !== undefined) {
      this.images.delete(label);
      this.images.set(label, known);
      return this.stateOf(label, known);
    }
    const problem = await this.ask([label]);
    const image = this.images.get(label);
    return image === undefined ? { kind: 'unavailable', reason: problem?.message ?? this.progress.reason() } : this.stateOf(label, image);
  }

  poll(): Promise<PollResult> {
    this.polling ??= this.pollOnce().finally(() => {
      this.polling = null;
    });
    return this.polling;
  }

  async tree(revision: string): Promise<TreeImage> {
    const known = this.table?.revision === revision ? this.table : (findRevision(this.images, revision) ?? this.earlier.get(revision));
    if (known === undefined) throw new Failure('LABEL_UNKNOWN', `${revision} is no revision that was read lately`);
    return known;
  }

  status(): SourceStatus {
    return this.progress.status();
  }

  onHint(listener: () => void): void {
    this.hint = listener;
  }

  /** The thread stays: other sources use it. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.watch.close();
    await this.thread.run({ kind: 'close', repository: this.repository });
    await this.polling;
  }

  private isTable(): boolean {
    return this.options.content.kind === 'table';
  }

  private async load(): Promise<void> {
    const outcome = await this.thread.run({ kind: 'load', setup: this.setup });
    if (outcome.kind === 'loaded' && outcome.image !== null && this.isTable()) {
      this.table = outcome.image;
      this.progress.loadedFromDisk(outcome.confirmedAtMs);
      return;
    }
    await this.poll();
  }

  private stateOf(label: string, image: TreeImage | null): LabelState {
    if (image === null) {
      this.progress.leaveUnanswered(label);
      return { kind: 'unavailable', reason: this.progress.reason() };
    }
    this.progress.follow(label, image.revision);
    return { kind: 'revision', revision: image.revision };
  }

  private async pollOnce(): Promise<PollResult> {
    const problem = this.isTable() ? await this.readTable() : await this.askAll();
    if (problem !== null) {
      this.progress.failed(problem);
      return { problem, movedLabels: [] };
    }
    this.followChanges();
    return { problem: null, movedLabels: this.moveLabels() };
  }

  private async readTable(): Promise<SourceProblem | null> {
    const outcome = await this.thread.run({ kind: 'readTable', setup: this.setup, previous: this.table, nowMs: this.nowMs() });
    if (outcome.kind !== 'table') return problemIn(outcome);
    if (outcome.image !== null) {
      this.earlier.clear();
      if (this.table !== null) this.earlier.set(this.table.revision, this.table);
      this.table = outcome.image;
    }
    this.progress.succeeded(outcome.notices);
    return null;
  }

  private askAll(): Promise<SourceProblem | null> {
    this.earlier.clear();
    return this.ask([...this.images.keys()]);
  }

  private async ask(labels: readonly string[]): Promise<SourceProblem | null> {
    const known = new Map([...this.images].map(([label, image]) => [label, image.revision]));
    const outcome = await this.thread.run({ kind: 'ask', setup: this.setup, labels, known, nowMs: this.nowMs() });
    if (outcome.kind !== 'answers') return problemIn(outcome);
    for (const [label, image] of outcome.images) {
      const before = this.images.get(label);
      if (before !== undefined) this.earlier.set(before.revision, before);
      this.images.set(label, image);
    }
    this.forgetUnused();
    this.progress.succeeded([]);
    return null;
  }

  private forgetUnused(): void {
    for (const label of this.images.keys()) {
      if (this.images.size <= this.options.labelsMax) return;
      this.images.delete(label);
      this.progress.forget(label);
    }
  }

  private moveLabels(): readonly string[] {
    const moved: string[] = [];
    for (const [label, before] of this.progress.followed()) {
      const image = this.isTable() ? this.table : (this.images.get(label) ?? null);
      if (image === null || (before === image.revision && !this.progress.isUnanswered(label))) continue;
      this.progress.follow(label, image.revision);
      moved.push(label);
    }
    return moved;
  }

  /** PostgreSQL says when something changed; of SQLite the system says when the file did. */
  private followChanges(): void {
    const { access } = this.options;
    if (this.isClosed) return;
    if (access.engine === 'sqlite') this.watch.follow([dirname(access.path)]);
    if (access.engine === 'postgres' && !this.isWatching) void this.awaitChange();
  }

  private async awaitChange(): Promise<void> {
    this.isWatching = true;
    const outcome = await this.thread.run({ kind: 'watch', repository: this.repository });
    this.isWatching = false;
    // the poll that the hint brings watches again
    if (outcome.kind === 'changed' && !this.isClosed) this.hint();
  }
}

function findRevision(images: ReadonlyMap<string, TreeImage>, revision: string): TreeImage | undefined {
  for (const image of images.values()) if (image.revision === revision) return image;
  return undefined;
}

function problemIn(outcome: SqlOutcome): SourceProblem {
  if (outcome.kind === 'failed') return outcome.problem;
  return { code: 'SOURCE_UNREACHABLE', message: 'the source is being closed' };
}
