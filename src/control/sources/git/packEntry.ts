// One entry of a pack file: its header, its inflated data, and deltas. (gitformat-pack)
import { inflateSync, type Inflate } from 'node:zlib';
import { Failure } from '../../../model/failure.ts';
import type { ObjectType } from './gitObject.ts';

/** Where the bytes of a pack come from: a view of at least `bytes` at `offset`, shorter only at the end of the file. */
export interface PackBytes {
  read(offset: number, bytes: number): Buffer;
}

export type EntryBase =
  | { readonly kind: 'none'; readonly type: ObjectType }
  | { readonly kind: 'offset'; readonly offset: number }
  | { readonly kind: 'id'; readonly id: string };

export interface PackEntry {
  readonly base: EntryBase;
  /** The object, or the delta where there is a base. */
  readonly data: Buffer;
  /** Offset of the first byte after the entry. */
  readonly endOffset: number;
}

/** The longest header: 10 bytes of size, and a base id or a distance. */
const headerBytesMax = 32;
const types: readonly (ObjectType | null)[] = [null, 'commit', 'tree', 'blob', 'tag'];

/** Throws SOURCE_DAMAGED, or LIMIT_EXCEEDED when the entry inflates to more than `objectBytesMax`. */
export function readPackEntry(pack: PackBytes, offset: number, objectBytesMax: number): PackEntry {
  const head = pack.read(offset, headerBytesMax);
  let at = 0;
  const next = (): number => {
    const byte = head[at];
    if (byte === undefined) throw damaged('ends within an entry');
    at += 1;
    return byte;
  };
  let byte = next();
  const typeNumber = (byte >> 4) & 7;
  let size = byte & 15;
  for (let factor = 16; byte >= 0x80; factor *= 128) {
    byte = next();
    size += (byte & 0x7f) * factor;
  }
  if (size > objectBytesMax) throw new Failure('LIMIT_EXCEEDED', `an object of the repository has ${size} bytes; the limit is ${objectBytesMax}`);
  const base = readBase(typeNumber, offset, next, (bytes) => head.toString('hex', at, (at += bytes)));
  const { data, consumed } = inflate(pack, offset + at, size);
  return { base, data, endOffset: offset + at + consumed };
}

function readBase(typeNumber: number, offset: number, next: () => number, nextHex: (bytes: number) => string): EntryBase {
  if (typeNumber === 6) {
    let byte = next();
    let distance = byte & 0x7f;
    while (byte >= 0x80) {
      byte = next();
      distance = (distance + 1) * 128 + (byte & 0x7f);
    }
    if (distance <= 0 || distance >= offset) throw damaged('has a delta whose base lies outside');
    return { kind: 'offset', offset: offset - distance };
  }
  if (typeNumber === 7) return { kind: 'id', id: nextHex(20) };
  const type = types[typeNumber];
  if (type === null || type === undefined) throw damaged(`has an entry of type ${typeNumber}`);
  return { kind: 'none', type };
}

function inflate(pack: PackBytes, offset: number, size: number): { readonly data: Buffer; readonly consumed: number } {
  // what zlib itself assumes at most, and some slack; an odd encoder may need more
  for (let bytes = size + (size >> 12) + (size >> 14) + 64; ; bytes *= 2) {
    const input = pack.read(offset, bytes);
    try {
      const options = { info: true, maxOutputLength: Math.max(size, 1), chunkSize: Math.max(size + 1, 64) };
      const { buffer, engine } = inflateSync(input, options) as unknown as { readonly buffer: Buffer; readonly engine: Inflate };
      if (buffer.length !== size) throw damaged('has an entry of another size than stated');
      return { data: buffer, consumed: engine.bytesWritten };
    } catch (error) {
      if (error instanceof Failure) throw error;
      const isCut = (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
      if (!isCut || input.length < bytes) throw damaged('has an entry that cannot be inflated', error);
    }
  }
}

/** Throws SOURCE_DAMAGED, or LIMIT_EXCEEDED. */
export function applyDelta(base: Buffer, delta: Buffer, objectBytesMax: number): Buffer {
  let at = 0;
  const next = (): number => {
    const byte = delta[at];
    if (byte === undefined) throw damaged('has a delta that is cut');
    at += 1;
    return byte;
  };
  const nextSize = (): number => {
    let size = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = next();
      size += (byte & 0x7f) * factor;
      if (byte < 0x80) return size;
    }
  };
  if (nextSize() !== base.length) throw damaged('has a delta for another base');
  const size = nextSize();
  if (size > objectBytesMax) throw new Failure('LIMIT_EXCEEDED', `an object of the repository has ${size} bytes; the limit is ${objectBytesMax}`);
  const result = Buffer.allocUnsafe(size);
  let filled = 0;
  while (at < delta.length) {
    const command = next();
    if (command >= 0x80) {
      let from = 0;
      let length = 0;
      for (let bit = 0; bit < 4; bit += 1) if (command & (1 << bit)) from += next() * 256 ** bit;
      for (let bit = 0; bit < 3; bit += 1) if (command & (16 << bit)) length += next() * 256 ** bit;
      if (length === 0) length = 0x10000;
      if (from + length > base.length || filled + length > size) throw damaged('has a delta that copies too much');
      base.copy(result, filled, from, from + length);
      filled += length;
    } else {
      if (command === 0 || at + command > delta.length || filled + command > size) throw damaged('has a delta that inserts too much');
      delta.copy(result, filled, at, at + command);
      at += command;
      filled += command;
    }
  }
  if (filled !== size) throw damaged('has a delta that yields too little');
  return result;
}

function damaged(problem: string, cause?: unknown): Failure {
  return new Failure('SOURCE_DAMAGED', `a pack ${problem}`, { cause });
}
