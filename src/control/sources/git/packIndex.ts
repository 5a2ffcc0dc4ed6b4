// The index of a pack, version 2: object ids in order, and where each is. (gitformat-pack)
//
//   "\377tOc" 2 | fan-out 256 x u32 | ids n x 20 | CRC n x u32 | offsets n x u32 | long offsets | SHA-1 of the pack | SHA-1 of this
import { createHash } from 'node:crypto';
import { Failure } from '../../../model/failure.ts';

/** Columns: entry n has 20 bytes of id at 20 n. */
export interface IndexedEntries {
  readonly ids: Buffer;
  readonly crcs: Uint32Array;
  /** Below 2 GiB. */
  readonly offsets: Uint32Array;
}

const magic = Buffer.from([0xff, 0x74, 0x4f, 0x63, 0, 0, 0, 2]);
const idsAt = 8 + 256 * 4;

export function encodePackIndex({ ids, crcs, offsets }: IndexedEntries, packChecksum: Buffer): Buffer {
  const count = crcs.length;
  const order = Uint32Array.from(crcs, (_, position) => position).sort((a, b) => ids.compare(ids, b * 20, b * 20 + 20, a * 20, a * 20 + 20));
  const file = Buffer.alloc(idsAt + count * 28 + 40);
  magic.copy(file);
  const crcsAt = idsAt + count * 20;
  const offsetsAt = crcsAt + count * 4;
  const fanOut = new Uint32Array(256);
  for (const [index, position] of order.entries()) {
    ids.copy(file, idsAt + index * 20, position * 20, position * 20 + 20);
    file.writeUInt32BE(crcs[position]!, crcsAt + index * 4);
    file.writeUInt32BE(offsets[position]!, offsetsAt + index * 4);
    fanOut[ids[position * 20]!]! += 1;
  }
  let total = 0;
  for (const [first, entries] of fanOut.entries()) file.writeUInt32BE((total += entries), 8 + first * 4);
  packChecksum.copy(file, file.length - 40);
  createHash('sha1')
    .update(file.subarray(0, -20))
    .digest()
    .copy(file, file.length - 20);
  return file;
}

export class PackIndex {
  readonly count: number;
  private readonly file: Buffer;

  /** `file` is the whole index. Throws SOURCE_DAMAGED. */
  constructor(file: Buffer) {
    if (file.length < idsAt + 40 || !file.subarray(0, 8).equals(magic)) throw damaged('is no index of version 2');
    this.file = file;
    this.count = file.readUInt32BE(8 + 255 * 4);
    if (file.length < idsAt + this.count * 28 + 40) throw damaged('is cut');
  }

  packChecksum(): Buffer {
    return this.file.subarray(-40, -20);
  }

  /** Throws SOURCE_DAMAGED when the index is not what was written. */
  verify(): void {
    const sum = createHash('sha1').update(this.file.subarray(0, -20)).digest();
    if (!sum.equals(this.file.subarray(-20))) throw damaged('does not match its checksum');
  }

  /** Offset in the pack, or -1. */
  find(id: Buffer): number {
    const position = this.lowerBound(id);
    return position < this.count && this.idAt(position).equals(id) ? this.offsetAt(position) : -1;
  }

  /** Ids that start with the hexadecimal digits, at most `max`. */
  findPrefix(prefix: string, max: number): readonly string[] {
    const found: string[] = [];
    const start = Buffer.from(prefix.padEnd(40, '0'), 'hex');
    for (let position = this.lowerBound(start); position < this.count && found.length < max; position += 1) {
      const id = this.idAt(position).toString('hex');
      if (!id.startsWith(prefix)) break;
      found.push(id);
    }
    return found;
  }

  private lowerBound(id: Buffer): number {
    const first = id[0] ?? 0;
    let low = first === 0 ? 0 : this.file.readUInt32BE(8 + (first - 1) * 4);
    let high = this.file.readUInt32BE(8 + first * 4);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (Buffer.compare(this.idAt(middle), id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private idAt(position: number): Buffer {
    return this.file.subarray(idsAt + position * 20, idsAt + position * 20 + 20);
  }

  private offsetAt(position: number): number {
    const offsetsAt = idsAt + this.count * 24;
    const offset = this.file.readUInt32BE(offsetsAt + position * 4);
    if (offset < 0x8000_0000) return offset;
    return Number(this.file.readBigUInt64BE(offsetsAt + this.count * 4 + (offset - 0x8000_0000) * 8));
  }
}

function damaged(problem: string): Failure {
  return new Failure('SOURCE_DAMAGED', `a pack index ${problem}`);
}
