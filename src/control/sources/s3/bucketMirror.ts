// What is known of one bucket, and the looks at it. Runs in the S3 thread.
//
//   list ─► read what changed below the labels, by ETag ─► changed meanwhile? list again ─► trees ─► disk
import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { objectBlobId } from '../../../core/resolve/objectVersion.ts';
import { Failure } from '../../../model/failure.ts';
import { TreeBudget } from '../treeLimits.ts';
import { bucketTrees, type BucketTrees, type KnownObject } from './bucketContent.ts';
import type { BucketFiles } from './bucketFiles.ts';
import { isBelowLabel, isSameListing, listBucket, objectStamp, type BucketListing } from './bucketListing.ts';
import { requestsAtOnce, type ListedObject, type ObjectClient } from './objectClient.ts';
import type { BucketContent, BucketPlace } from './s3Task.ts';

/** Looks until one finds the bucket at rest; one that never rests is reported. */
const looksMax = 6;
/** The first look reads everything. */
const firstLookFactor = 10;

export class BucketMirror {
  private readonly place: BucketPlace;
  private readonly client: ObjectClient;
  private readonly files: BucketFiles | null;
  private listing: BucketListing | null = null;
  /** Objects that were read: those of the trees, and what a look that failed has read so far. */
  private known = new Map<string, KnownObject>();
  private trees: BucketTrees | null = null;
  private confirmedAtMs = 0;
  /** One look at a time. */
  private looking: Promise<unknown> = Promise.resolve();
  private isClosed = false;

  constructor(place: BucketPlace, client: ObjectClient, files: BucketFiles | null) {
    this.place = place;
    this.client = client;
    this.files = files;
  }

  /** Content from disk; null when there is none. */
  async load(): Promise<BucketContent | null> {
    const stored = (await this.files?.read()) ?? null;
    if (stored === null) return null;
    this.known = new Map(stored.objects);
    this.trees = bucketTrees(this.place.repository, this.known, stored.labels, { pool: stored.pool, byLabel: new Map() });
    this.confirmedAtMs = stored.confirmedAtMs;
    return this.content();
  }

  /** Throws a Failure; everything is as before then, but what was read need not be read again. */
  poll(labels: readonly string[]): Promise<BucketContent> {
    return this.inTurn(() => this.look([...labels, ...this.followed()], null));
  }

  async follow(label: string): Promise<BucketContent> {
    // Only what the bucket holds is asked for: the label comes from a request.
    if (this.trees?.byLabel.has(label) === true || (this.listing !== null && !this.isLabel(label, this.listing))) return this.content();
    return this.inTurn(() => this.look([...this.followed(), label], this.listing));
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.files?.settle();
    this.client.close();
  }

  /** Asked when its turn comes: a label that was followed meanwhile must not be dropped by a poll that does not know it yet. */
  private followed(): readonly string[] {
    return [...(this.trees?.byLabel.keys() ?? [])];
  }

  private inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.looking.then(task, task);
    this.looking = result.catch(() => undefined);
    return result;
  }

  private async look(labels: readonly string[], at: BucketListing | null): Promise<BucketContent> {
    const timeoutMs = this.place.timeoutMs * (this.trees === null || at !== null ? firstLookFactor : 1);
    const signal = AbortSignal.timeout(timeoutMs);
    // every request that runs listens
    setMaxListeners(0, signal);
    let listing = at ?? (await this.list(signal));
    for (let look = 1; look <= looksMax && !this.isClosed; look += 1) {
      const read = await this.readBelow(labels, listing, signal);
      if (read === 'nothing' || (read === 'all' && listing.pages === 1)) return this.accept(labels, listing, look > 1 || at === null);
      const next = await this.list(signal);
      if (read === 'all' && isSameListing(listing, next)) return this.accept(labels, next, true);
      listing = next;
    }
    throw new Failure('SOURCE_UNREADABLE', `bucket ${this.place.access.bucket} changed while it was read, ${looksMax} times in a row`);
  }

  private list(signal: AbortSignal): Promise<BucketListing> {
    return listBucket(this.client, this.place.prefix, this.place.limits, signal);
  }

  private isLabel(label: string, listing: BucketListing): boolean {
    return label === '' || listing.directories.has(label);
  }

  /** 'partly': some objects are not any more what was listed. */
  private async readBelow(labels: readonly string[], listing: BucketListing, signal: AbortSignal): Promise<'nothing' | 'all' | 'partly'> {
    const wanted = objectsBelow(labels, listing);
    const budget = new TreeBudget(this.place.limits, `bucket ${this.place.access.bucket}`);
    for (const [path, object] of wanted) budget.addFile(path, object.sizeBytes);
    const queue = [...wanted].filter(([path, object]) => this.known.get(path)?.stamp !== objectStamp(object)).reverse();
    if (queue.length === 0) return 'nothing';
    let isWhole = true;
    const workers = Array.from({ length: requestsAtOnce }, async () => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        if (!(await this.read(...next, signal))) isWhole = false;
      }
    });
    const outcomes = await Promise.allSettled(workers.map((worker) => worker.catch((error: unknown) => stop(queue, error))));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    return isWhole ? 'all' : 'partly';
  }

  private async read(path: string, object: ListedObject, signal: AbortSignal): Promise<boolean> {
    const read = await this.client.read(object, signal);
    if (read === null) return false;
    const blobId = objectBlobId(createHash('sha256').update(read.bytes).digest('hex'), read.version);
    this.known.set(path, { stamp: objectStamp(object), blobId, modifiedAtMs: object.modifiedAtMs, bytes: read.bytes });
    return true;
  }

  private accept(labels: readonly string[], listing: BucketListing, isConfirmed: boolean): BucketContent {
    const wanted = objectsBelow(labels, listing);
    const objects = new Map<string, KnownObject>();
    for (const path of wanted.keys()) {
      const object = this.known.get(path);
      if (object !== undefined) objects.set(path, object);
    }
    const before = this.trees;
    const followed = [...new Set(labels)].filter((label) => this.isLabel(label, listing));
    this.trees = bucketTrees(this.place.repository, objects, followed, before);
    // the bytes are in the pool now
    for (const [path, object] of objects) if (object.bytes !== null) objects.set(path, { ...object, bytes: null });
    this.known = objects;
    this.listing = listing;
    if (isConfirmed) this.confirmedAtMs = Date.now();
    const isMoved = before?.pool !== this.trees.pool || !hasSameKeys(before.byLabel, this.trees.byLabel);
    if (isMoved) this.files?.store({ objects: [...objects], labels: followed, pool: this.trees.pool, confirmedAtMs: this.confirmedAtMs });
    else this.files?.confirm(this.confirmedAtMs);
    return this.content();
  }

  private content(): BucketContent {
    const notices = [...(this.listing?.notices ?? []), ...(this.files?.notices() ?? [])];
    return { trees: this.trees?.byLabel ?? new Map(), confirmedAtMs: this.confirmedAtMs, notices };
  }
}

function objectsBelow(labels: readonly string[], listing: BucketListing): ReadonlyMap<string, ListedObject> {
  if (labels.includes('')) return listing.objects;
  const found = labels.filter((label) => listing.directories.has(label));
  return new Map([...listing.objects].filter(([path]) => found.some((label) => isBelowLabel(path, label))));
}

/** One request that fails ends the others at their next object. */
function stop(queue: unknown[], error: unknown): never {
  queue.length = 0;
  throw error;
}

function hasSameKeys(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  return a.size === b.size && [...a.keys()].every((key) => b.has(key));
}
