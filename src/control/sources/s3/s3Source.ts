// A bucket as a source: the trees of its labels in memory, all work in the S3 thread.
//
//   open ─► content on disk ─► ok           poll ─► list, read what changed ─► labels that moved
//        └► none: first look                a label asked for the first time ─► read by the listing at hand
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Failure } from '../../../model/failure.ts';
import type { TreeImage } from '../../../snapshot/treeImage.ts';
import type { LabelState, PollResult, Source, SourceStatus } from '../source.ts';
import { SourceProgress } from '../sourceProgress.ts';
import type { S3SourceOptions } from './s3Options.ts';
import type { BucketContent, BucketPlace, S3Outcome } from './s3Task.ts';
import type { S3Thread } from './s3Thread.ts';

/** Labels that nothing begins with, remembered until the next poll; further ones are asked for each time, which costs no request. */
const absentMax = 1_000;

export class S3Source implements Source {
  readonly kind = 's3';
  readonly repository: string;
  private readonly options: S3SourceOptions;
  private readonly thread: S3Thread;
  private readonly progress: SourceProgress;
  private readonly place: BucketPlace;
  private trees: ReadonlyMap<string, TreeImage> = new Map();
  /** Those before: a caller may have resolved just before a poll. */
  private earlier: ReadonlyMap<string, TreeImage> = new Map();
  private readonly absent = new Set<string>();
  private opening: Promise<void> | null = null;
  private polling: Promise<PollResult> | null = null;

  constructor(options: S3SourceOptions, thread: S3Thread, nowMs: () => number = Date.now) {
    this.options = options;
    this.thread = thread;
    this.repository = options.repository;
    this.progress = new SourceProgress(nowMs);
    this.place = placeOf(options);
  }

  open(): Promise<void> {
    this.opening ??= this.load().finally(() => this.progress.opened());
    return this.opening;
  }

  async resolve(label: string): Promise<LabelState> {
    await this.open();
    if (!this.trees.has(label) && !this.absent.has(label)) {
      const outcome = await this.thread.run({ kind: 'follow', place: this.place, label });
      if (outcome.kind !== 'content') {
        this.progress.leaveUnanswered(label);
        return { kind: 'unavailable', reason: outcome.kind === 'failed' ? outcome.problem.message : this.progress.reason() };
      }
      this.take(outcome.content);
    }
    const revision = this.revisionOf(label);
    if (revision === null && !this.absent.has(label)) {
      if (this.absent.size >= absentMax) return { kind: 'noSuchLabel' };
      this.absent.add(label);
    }
    this.progress.follow(label, revision);
    return revision === null ? { kind: 'noSuchLabel' } : { kind: 'revision', revision };
  }

  poll(): Promise<PollResult> {
    this.polling ??= this.pollOnce().finally(() => {
      this.polling = null;
    });
    return this.polling;
  }

  async tree(revision: string): Promise<TreeImage> {
    for (const trees of [this.trees, this.earlier]) for (const image of trees.values()) if (image.revision === revision) return image;
    throw new Failure('LABEL_UNKNOWN', `the bucket has moved on from revision ${revision}`);
  }

  status(): SourceStatus {
    return this.progress.status();
  }

  /** A bucket tells of no change by itself. */
  onHint(): void {}

  /** The thread stays: other sources use it. A look that runs is not waited for; closing the thread ends it. */
  async close(): Promise<void> {
    await this.thread.run({ kind: 'close', repository: this.repository });
  }

  private async load(): Promise<void> {
    const outcome = await this.thread.run({ kind: 'open', place: this.place });
    if (outcome.kind === 'content') {
      this.progress.loadedFromDisk(outcome.content.confirmedAtMs);
      this.take(outcome.content);
    } else {
      // nothing usable on disk: the only time that opening waits for the network
      await this.poll();
    }
  }

  private async pollOnce(): Promise<PollResult> {
    const followed = this.progress.followed().map(([label]) => label);
    const labels = [...new Set([...this.options.firstLabels, ...followed, ...this.trees.keys()])];
    const outcome: S3Outcome = await this.thread.run({ kind: 'poll', place: this.place, labels });
    if (outcome.kind !== 'content') {
      const problem = outcome.kind === 'failed' ? outcome.problem : ({ code: 'INTERNAL', message: `${outcome.kind} is no outcome of a poll` } as const);
      this.progress.failed(problem);
      return { problem, movedLabels: [] };
    }
    this.take(outcome.content);
    this.absent.clear();
    for (const label of labels) if (!this.trees.has(label) && this.absent.size < absentMax) this.absent.add(label);
    this.progress.succeeded(outcome.content.notices);
    return { problem: null, movedLabels: this.moveLabels() };
  }

  private take({ trees }: BucketContent): void {
    const next = new Map<string, TreeImage>();
    for (const [label, image] of trees) {
      const known = this.trees.get(label);
      // each message brings copies of the handles: one of them is enough
      next.set(label, known?.id === image.id ? known : image);
    }
    if ([...next].some(([label, image]) => image !== this.trees.get(label))) this.earlier = this.trees;
    this.trees = next;
  }

  private moveLabels(): string[] {
    const moved: string[] = [];
    for (const [label, before] of this.progress.followed()) {
      const revision = this.revisionOf(label);
      // one that was asked for during the poll is not known yet
      if (revision === null && !this.absent.has(label)) continue;
      if (revision === before && !this.progress.isUnanswered(label)) continue;
      this.progress.follow(label, revision);
      moved.push(label);
    }
    return moved;
  }

  private revisionOf(label: string): string | null {
    return this.trees.get(label)?.revision ?? null;
  }
}

function placeOf(options: S3SourceOptions): BucketPlace {
  const { repository, bucket, region, endpoint, pathStyle, accessKeyId, secretAccessKey, sessionToken, timeoutMs, limits, storageDirectory } = options;
  const prefix = options.prefix === '' || options.prefix.endsWith('/') ? options.prefix : `${options.prefix}/`;
  const name = createHash('sha256')
    .update(JSON.stringify([repository, endpoint, bucket, prefix]))
    .digest('hex')
    .slice(0, 32);
  return {
    repository,
    access: {
      bucket,
      region,
      endpoint,
      pathStyle,
      accessKeyId,
      secretAccessKey: secretAccessKey === null ? null : secretAccessKey.reveal(),
      sessionToken: sessionToken === null ? null : sessionToken.reveal(),
    },
    prefix,
    directory: storageDirectory === null ? null : join(storageDirectory, 's3', name),
    timeoutMs,
    limits,
  };
}
