// Makes the index of a pack: every object is inflated, its deltas resolved and its id computed, so that nothing is taken on trust.
//
// Pass 1 goes through the file once: whole objects get their id, deltas are remembered by their base.
// Pass 2 walks down from each whole object that has deltas, depth first, so that memory holds one chain and not the repository.
// What is known of each entry is in columns: an object per entry would cost more memory than the pack.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Failure } from '../../../model/failure.ts';
import { crc32 } from './crc32.ts';
import { objectIdOf, type ObjectType } from './gitObject.ts';
import { applyDelta, readPackEntry } from './packEntry.ts';
import { encodePackIndex } from './packIndex.ts';
import { PackReader } from './packReader.ts';

/** Fetches of other repositories share this thread: they must not time out meanwhile. */
const sliceMs = 20;
/** Deltas kept from pass 1 so that pass 2 need not inflate them again. */
const keptBytesMax = 4 * 1_048_576;
/** The shortest entry: a header byte and an empty zlib stream. */
const entryBytesMin = 9;
const none = -1;

/** `path` is a pack whose checksum was verified. Answers the bytes of the index. Throws SOURCE_DAMAGED or LIMIT_EXCEEDED. */
export async function indexPack(path: string, objectBytesMax: number): Promise<Buffer> {
  const reader = new PackReader(path);
  try {
    const indexer = new Indexer(reader, objectBytesMax);
    await indexer.scan();
    await indexer.resolveDeltas();
    return indexer.encode();
  } finally {
    reader.close();
  }
}

class Indexer {
  private readonly reader: PackReader;
  private readonly objectBytesMax: number;
  private readonly count: number;
  private readonly offsets: Uint32Array;
  private readonly crcs: Uint32Array;
  private readonly ids: Buffer;
  private readonly isWhole: Uint8Array;
  /** The next delta with the same base. */
  private readonly siblings: Int32Array;
  private readonly keptAt: Int32Array;
  private readonly keptLengths: Int32Array;
  private readonly kept: Buffer;
  private keptBytes = 0;
  /** First delta by its base. */
  private readonly byOffset = new Map<number, number>();
  private readonly byId = new Map<string, number>();
  private resolved = 0;
  private sliceEndMs = performance.now() + sliceMs;

  constructor(reader: PackReader, objectBytesMax: number) {
    this.reader = reader;
    this.objectBytesMax = objectBytesMax;
    this.count = readCount(reader);
    this.offsets = new Uint32Array(this.count);
    this.crcs = new Uint32Array(this.count);
    this.ids = Buffer.alloc(this.count * 20);
    this.isWhole = new Uint8Array(this.count);
    this.siblings = new Int32Array(this.count).fill(none);
    this.keptAt = new Int32Array(this.count).fill(none);
    this.keptLengths = new Int32Array(this.count);
    this.kept = Buffer.allocUnsafe(Math.min(keptBytesMax, reader.sizeBytes));
  }

  async scan(): Promise<void> {
    let offset = 12;
    for (let position = 0; position < this.count; position += 1) {
      const { base, data, endOffset } = readPackEntry(this.reader, offset, this.objectBytesMax);
      this.offsets[position] = offset;
      this.crcs[position] = crc32(this.reader.read(offset, endOffset - offset));
      if (base.kind === 'none') {
        this.isWhole[position] = 1;
        this.identify(position, base.type, data);
      } else {
        this.keep(position, data);
        if (base.kind === 'offset') this.link(this.byOffset, base.offset, position);
        else this.link(this.byId, base.id, position);
      }
      offset = endOffset;
      await this.pause();
    }
    if (offset !== this.reader.sizeBytes - 20) throw new Failure('SOURCE_DAMAGED', 'a pack holds more than it states');
  }

  async resolveDeltas(): Promise<void> {
    for (let position = 0; position < this.count; position += 1) {
      if (this.isWhole[position] === 0 || !this.hasChildren(position)) continue;
      const whole = readPackEntry(this.reader, this.offsets[position]!, this.objectBytesMax);
      if (whole.base.kind === 'none') await this.resolveBelow(position, whole.base.type, whole.data);
    }
    if (this.resolved !== this.count) throw new Failure('SOURCE_DAMAGED', `a pack has ${this.count - this.resolved} deltas without a base`);
  }

  encode(): Buffer {
    return encodePackIndex({ ids: this.ids, crcs: this.crcs, offsets: this.offsets }, this.reader.trailer());
  }

  private async resolveBelow(root: number, type: ObjectType, data: Buffer): Promise<void> {
    const stack = this.takeChildren(root).map((position) => ({ base: data, position }));
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const object = applyDelta(top.base, this.deltaOf(top.position), this.objectBytesMax);
      this.identify(top.position, type, object);
      for (const position of this.takeChildren(top.position)) stack.push({ base: object, position });
      await this.pause();
    }
  }

  private hasChildren(position: number): boolean {
    return this.byOffset.has(this.offsets[position]!) || (this.byId.size > 0 && this.byId.has(this.idOf(position)));
  }

  /** Each delta is handed out once: a pack may hold its base twice. */
  private takeChildren(position: number): readonly number[] {
    const children: number[] = [];
    const collect = (first: number | undefined): void => {
      for (let child = first ?? none; child !== none; child = this.siblings[child]!) children.push(child);
    };
    collect(this.byOffset.get(this.offsets[position]!));
    this.byOffset.delete(this.offsets[position]!);
    if (this.byId.size > 0) {
      const id = this.idOf(position);
      collect(this.byId.get(id));
      this.byId.delete(id);
    }
    return children;
  }

  private link<Key>(firstByBase: Map<Key, number>, base: Key, position: number): void {
    this.siblings[position] = firstByBase.get(base) ?? none;
    firstByBase.set(base, position);
  }

  private identify(position: number, type: ObjectType, data: Buffer): void {
    this.ids.write(objectIdOf(type, data), position * 20, 'hex');
    this.resolved += 1;
  }

  private idOf(position: number): string {
    return this.ids.toString('hex', position * 20, position * 20 + 20);
  }

  private keep(position: number, delta: Buffer): void {
    if (this.keptBytes + delta.length > this.kept.length) return;
    delta.copy(this.kept, this.keptBytes);
    this.keptAt[position] = this.keptBytes;
    this.keptLengths[position] = delta.length;
    this.keptBytes += delta.length;
  }

  private deltaOf(position: number): Buffer {
    const at = this.keptAt[position]!;
    if (at !== none) return this.kept.subarray(at, at + this.keptLengths[position]!);
    return readPackEntry(this.reader, this.offsets[position]!, this.objectBytesMax).data;
  }

  private async pause(): Promise<void> {
    if (performance.now() < this.sliceEndMs) return;
    await nextTurn();
    this.sliceEndMs = performance.now() + sliceMs;
  }
}

function readCount(reader: PackReader): number {
  const head = reader.read(0, 12);
  const version = head.length === 12 ? head.readUInt32BE(4) : 0;
  if (head.toString('latin1', 0, 4) !== 'PACK' || (version !== 2 && version !== 3)) throw new Failure('SOURCE_DAMAGED', 'a pack does not begin like one');
  const count = head.readUInt32BE(8);
  // the columns are as long as it says: it must be possible
  if (count * entryBytesMin > reader.sizeBytes) throw new Failure('SOURCE_DAMAGED', 'a pack states more entries than it can hold');
  return count;
}
