// The native source: directories of this machine, read as a whole, watched and scanned.
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../../model/failure.ts';
import { buildTree, type TreeImage } from '../../../snapshot/treeImage.ts';
import type { LabelState, PollResult, Source, SourceStatus } from '../source.ts';
import { problemOf, SourceProgress } from '../sourceProgress.ts';
import { DirectoryWatch } from '../directoryWatch.ts';
import type { NativeSourceOptions } from './nativeOptions.ts';
import { readFiles, type HashedFile } from './readFiles.ts';
import { rescanHinted, WatchHints } from './rescanHinted.ts';
import { isAsScanned, scanDirectories, type Scan } from './scanDirectories.ts';
import { scanRoots } from './scanRoots.ts';

/** Scans until two in a row agree; a directory that never rests is reported. */
const settleTriesMax = 8;
const settlePauseMs = 40;
/** A watch may miss an event: a look at what it named only is good for this long after a look at everything. */
const hintedForMs = 10_000;
/** A stat time this close to now may hide a second write of the same size. */
const racyMs = 50;

export class NativeSource implements Source {
  readonly kind = 'native';
  readonly repository: string;
  private readonly options: NativeSourceOptions;
  private readonly nowMs: () => number;
  private readonly progress: SourceProgress;
  private readonly roots: readonly string[];
  private readonly skipped: readonly string[];
  private readonly watch: DirectoryWatch;
  private hint: () => void = () => undefined;
  private readonly hints = new WatchHints();
  /** The files of the last scan that rest: untouched ones are not read again. */
  private known: ReadonlyMap<string, HashedFile> = new Map();
  private lastScan: Scan | null = null;
  private walkedAtMs = -Infinity;
  private image: TreeImage | null = null;
  /** The one before: a caller may have resolved just before a poll. */
  private earlier: TreeImage | null = null;
  private polling: Promise<PollResult> | null = null;
  private opening: Promise<void> | null = null;
  private isClosed = false;

  constructor(options: NativeSourceOptions, nowMs: () => number = Date.now) {
    this.options = options;
    this.nowMs = nowMs;
    this.repository = options.repository;
    this.progress = new SourceProgress(nowMs);
    const { roots, skipped } = scanRoots(options.searchLocations, options.workingDirectory);
    this.roots = roots;
    this.skipped = skipped;
    this.watch = new DirectoryWatch((directory, name) => {
      this.hints.add(directory, name);
      this.hint();
    });
  }

  open(): Promise<void> {
    this.opening ??= this.poll().then(() => this.progress.opened());
    return this.opening;
  }

  /** Every label is the same content: the native backend looks labels up as directories. */
  async resolve(label: string): Promise<LabelState> {
    await this.open();
    if (this.image === null) {
      this.progress.leaveUnanswered(label);
      return { kind: 'unavailable', reason: this.progress.reason() };
    }
    this.progress.follow(label, this.image.revision);
    return { kind: 'revision', revision: this.image.revision };
  }

  poll(): Promise<PollResult> {
    this.polling ??= this.scanOnce().finally(() => {
      this.polling = null;
    });
    return this.polling;
  }

  async tree(revision: string): Promise<TreeImage> {
    for (const image of [this.image, this.earlier]) if (image?.revision === revision) return image;
    throw new Failure('LABEL_UNKNOWN', `the directories have moved on from revision ${revision}`);
  }

  status(): SourceStatus {
    return this.progress.status();
  }

  onHint(listener: () => void): void {
    this.hint = listener;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.watch.close();
    await this.polling;
    this.watch.close();
  }

  private async scanOnce(): Promise<PollResult> {
    try {
      const moved = await this.scanUntilSettled();
      return { problem: null, movedLabels: moved ? this.moveLabels() : [] };
    } catch (error) {
      const problem = problemOf(error);
      this.progress.failed(problem);
      return { problem, movedLabels: [] };
    }
  }

  /** Several files that are written together, or a volume that is swapped, must be seen as one change. */
  private async scanUntilSettled(): Promise<boolean> {
    let scan = (await this.rescan()) ?? (await this.walk());
    for (let tries = 1; tries <= settleTriesMax && !this.isClosed; tries += 1) {
      const hashed = await readFiles(scan.files, this.known);
      const isUntouched = hashed !== null && hashed.every(({ bytes }) => bytes === null) && hashed.length === this.known.size;
      if (isUntouched) return this.accept(scan, hashed);
      const read = hashed?.flatMap(({ file, bytes }) => (bytes === null ? [] : [file])) ?? [];
      if (hashed !== null && (await isAsScanned(scan, read))) return this.accept(scan, hashed);
      await sleep(settlePauseMs * Math.min(tries, 4));
      scan = await this.walk();
    }
    throw new Failure('SOURCE_UNREADABLE', `${this.roots.join(', ')} changed while it was read, ${settleTriesMax} times in a row`);
  }

  /** null: everything must be looked at. */
  private async rescan(): Promise<Scan | null> {
    const hints = this.hints.take();
    const last = this.lastScan;
    // only a scan that is accepted counts for the next
    this.lastScan = null;
    if (hints === null || last === null || this.nowMs() - this.walkedAtMs > hintedForMs) return null;
    return rescanHinted(last, hints, this.options.limits, this.roots.join(', '));
  }

  private walk(): Promise<Scan> {
    this.walkedAtMs = this.nowMs();
    return scanDirectories(this.roots, this.options.limits);
  }

  private accept(scan: Scan, hashed: readonly HashedFile[]): boolean {
    const revision = revisionOf(hashed);
    this.lastScan = scan;
    if (this.options.isWatching && !this.isClosed) this.watch.follow(scan.directories);
    const isMoved = revision !== this.image?.revision;
    if (isMoved) {
      this.earlier = this.image;
      this.image = buildTree(this.image, entriesOf(hashed, this.image), `${this.repository} ${revision}`, revision);
    }
    const settledBeforeMs = this.nowMs() - racyMs;
    this.known = new Map(hashed.filter(({ file }) => file.modifiedAtMs < settledBeforeMs).map((entry) => [entry.file.path, withoutBytes(entry)]));
    this.progress.succeeded([
      ...this.skipped,
      ...scan.notices,
      ...(this.watch.isPartial() ? ['too many directories to watch: some changes are seen at the next scan only'] : []),
    ]);
    return isMoved;
  }

  private moveLabels(): string[] {
    const revision = this.image?.revision ?? null;
    const moved = this.progress
      .followed()
      .filter(([label, before]) => before !== revision || this.progress.isUnanswered(label))
      .map(([label]) => label);
    for (const label of moved) this.progress.follow(label, revision);
    return moved;
  }
}

function revisionOf(hashed: readonly HashedFile[]): string {
  const names = hashed.map(({ file, blobId }) => `${blobId} ${file.path}\0`).join('');
  return createHash('sha256').update(names).digest('hex').slice(0, 40);
}

function withoutBytes(entry: HashedFile): HashedFile {
  return entry.bytes === null ? entry : { ...entry, bytes: null };
}

function* entriesOf(
  hashed: readonly HashedFile[],
  previous: TreeImage | null,
): Generator<Parameters<typeof buildTree>[1] extends Iterable<infer Entry> ? Entry : never> {
  for (const { file, blobId, bytes } of hashed) {
    yield {
      path: file.path.slice(1),
      blobId,
      modifiedAtMs: file.modifiedAtMs,
      bytes: () => {
        if (bytes === null) throw new Error(`assertion failed: ${file.path} is untouched but not in ${previous?.id}`);
        return bytes;
      },
    };
  }
}
