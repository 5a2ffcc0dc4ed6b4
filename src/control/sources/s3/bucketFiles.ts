// The last good content of a bucket on disk: what a restart serves while the bucket is away, and what it need not read again.
//
//   index.bin              SHA-256 of the rest, msgpack of objects, labels and the pool's index; written last, fsynced, renamed
//   <SHA-256>.segment      one for each segment of the pool: a change writes its own bytes and the index
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Packr } from 'msgpackr/pack';
import type { TreeImage } from '../../../snapshot/treeImage.ts';
import type { KnownObject } from './bucketContent.ts';

const fileFormat = 1;
const digestBytes = 32;
/** The time of the index says when the bucket was last confirmed: to the minute is enough. */
const confirmEveryMs = 60_000;

export interface StoredBucket {
  /** By path, bytes in the pool. */
  readonly objects: readonly (readonly [path: string, object: KnownObject])[];
  readonly labels: readonly string[];
  readonly pool: TreeImage;
  readonly confirmedAtMs: number;
}

interface Envelope {
  readonly format: number;
  readonly repository: string;
  readonly objects: readonly (readonly [path: string, stamp: string, blobId: string, modifiedAtMs: number])[];
  readonly labels: readonly string[];
  readonly segments: readonly string[];
  readonly index: Uint8Array;
  readonly pool: Omit<TreeImage, 'index' | 'segments'>;
}

const packr = new Packr({ useRecords: false });

export class BucketFiles {
  private readonly directory: string;
  private readonly repository: string;
  /** Segments that are on disk already, by memory. */
  private readonly written = new WeakMap<SharedArrayBuffer, string>();
  private waiting: StoredBucket | null = null;
  private writing: Promise<void> = Promise.resolve();
  private confirmedAtMs = 0;
  private problem: string | null = null;

  constructor(directory: string, repository: string) {
    this.directory = directory;
    this.repository = repository;
  }

  /** What keeps content from being kept. */
  notices(): readonly string[] {
    return this.problem === null ? [] : [this.problem];
  }

  /** null when there is nothing that can be used; then it is read from the bucket. */
  async read(): Promise<StoredBucket | null> {
    try {
      return await this.readAll();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.problem = `content on disk cannot be used: ${messageOf(error)}`;
      return null;
    }
  }

  /** Behind the caller's back, the newest one only; what goes wrong is a notice. */
  store(bucket: StoredBucket): void {
    const isWaiting = this.waiting !== null;
    this.waiting = bucket;
    if (!isWaiting) this.writing = this.writing.then(() => this.write());
  }

  confirm(atMs: number): void {
    if (atMs - this.confirmedAtMs < confirmEveryMs) return;
    this.confirmedAtMs = atMs;
    this.writing = this.writing.then(() => this.guarded(() => utimes(this.indexPath(), atMs / 1_000, atMs / 1_000)));
  }

  settle(): Promise<void> {
    return this.writing;
  }

  private async readAll(): Promise<StoredBucket> {
    const file = await readFile(this.indexPath());
    const packed = file.subarray(digestBytes);
    if (!digestOf(packed).equals(file.subarray(0, digestBytes))) throw new Error('the index is damaged');
    const envelope = packr.unpack(packed) as Envelope;
    if (envelope.format !== fileFormat || envelope.repository !== this.repository) throw new Error('the index is of another format or bucket');
    const segments: SharedArrayBuffer[] = [];
    for (const name of envelope.segments) segments.push(await this.readSegment(name));
    const pool: TreeImage = { ...envelope.pool, index: shared(envelope.index), segments };
    const objects = envelope.objects.map(([path, stamp, blobId, modifiedAtMs]) => [path, { stamp, blobId, modifiedAtMs, bytes: null }] as const);
    const { mtimeMs } = await stat(this.indexPath());
    return { objects, labels: envelope.labels, pool, confirmedAtMs: Math.trunc(mtimeMs) };
  }

  private async readSegment(name: string): Promise<SharedArrayBuffer> {
    const bytes = await readFile(join(this.directory, segmentFile(name)));
    if (digestOf(bytes).toString('hex') !== name) throw new Error(`segment ${name} is damaged`);
    const segment = shared(bytes);
    this.written.set(segment, name);
    return segment;
  }

  private write(): Promise<void> {
    return this.guarded(async () => {
      const bucket = this.waiting;
      this.waiting = null;
      if (bucket === null) return;
      await mkdir(this.directory, { recursive: true, mode: 0o700 });
      const names: string[] = [];
      for (const segment of bucket.pool.segments) names.push(await this.writeSegment(segment));
      const packed = packr.pack(this.envelope(bucket, names));
      await writeWhole(this.indexPath(), [digestOf(packed), packed]);
      await utimes(this.indexPath(), bucket.confirmedAtMs / 1_000, bucket.confirmedAtMs / 1_000);
      this.confirmedAtMs = bucket.confirmedAtMs;
      await this.removeOthers(new Set(names.map(segmentFile)));
    });
  }

  private envelope({ objects, labels, pool }: StoredBucket, segments: readonly string[]): Envelope {
    const { id, revision, fileCount, liveBytes, totalBytes } = pool;
    return {
      format: fileFormat,
      repository: this.repository,
      objects: objects.map(([path, { stamp, blobId, modifiedAtMs }]) => [path, stamp, blobId, modifiedAtMs] as const),
      labels,
      segments,
      index: new Uint8Array(pool.index),
      pool: { id, revision, fileCount, liveBytes, totalBytes },
    };
  }

  private async writeSegment(segment: SharedArrayBuffer): Promise<string> {
    const known = this.written.get(segment);
    if (known !== undefined) return known;
    const bytes = new Uint8Array(segment);
    const name = digestOf(bytes).toString('hex');
    await writeWhole(join(this.directory, segmentFile(name)), [bytes]);
    this.written.set(segment, name);
    return name;
  }

  private async removeOthers(kept: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.directory)) {
      if (name !== indexName && !kept.has(name)) await rm(join(this.directory, name), { force: true });
    }
  }

  private async guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.problem = null;
    } catch (error) {
      this.problem = `content cannot be kept on disk: ${messageOf(error)}`;
    }
  }

  private indexPath(): string {
    return join(this.directory, indexName);
  }
}

const indexName = 'index.bin';

function segmentFile(name: string): string {
  return `${name}.segment`;
}

async function writeWhole(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    for (const piece of pieces) await file.writeFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

function digestOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function shared(bytes: Uint8Array): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(bytes.length);
  new Uint8Array(memory).set(bytes);
  return memory;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
