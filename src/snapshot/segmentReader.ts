// Reads entries of a segment, one by index: views of the shared memory, nothing is copied but text.
import { unpack } from 'msgpackr/pack';
import { assert } from '../base/assert.ts';
import type { EntryRequest } from '../model/request.ts';
import type { PackedEntry } from './entry.ts';
import { FLAG_EMPTY_BODY, FLAG_HELD_BACK, FLAG_STANDS_IN, header, record, RECORD_WORDS, SEGMENT_FORMAT, SEGMENT_MAGIC } from './segmentLayout.ts';

/** Offsets in bytes from the start of the segment. */
interface EntryRun {
  readonly records: Uint32Array;
  readonly touches: Uint32Array;
  /** Of the first dependency, in words. */
  readonly dependencyIndex: number;
  readonly dependencies: Uint32Array;
  readonly textOffset: number;
  readonly texts: Uint8Array;
  readonly bodyOffset: number;
  readonly bodies: Uint8Array;
}

/** Throws when the buffer is no segment of this format (a file of another version, a torn file). */
export class SegmentReader {
  readonly segment: SharedArrayBuffer;
  readonly entries: number;
  private readonly words: Uint32Array;
  private readonly bytes: Buffer;
  private lastRevisionOffset = -1;
  private lastRevision = '';

  constructor(segment: SharedArrayBuffer) {
    this.segment = segment;
    this.words = new Uint32Array(segment);
    this.bytes = Buffer.from(segment);
    assert(this.words[header.magic] === SEGMENT_MAGIC, 'this buffer is no segment');
    assert(this.words[header.format] === SEGMENT_FORMAT, 'this segment has another format');
    this.entries = this.words[header.entries]!;
  }

  /** What the entries take up; the buffer may be larger. */
  get usedBytes(): number {
    return this.words[header.end]!;
  }

  key(index: number): string {
    return this.text(index, record.keyOffset);
  }

  /** Index into a slot's variants (segmentLayout.variantOf). */
  variant(index: number): number {
    return this.word(index, record.variant);
  }

  status(index: number): number {
    return this.word(index, record.status);
  }

  etag(index: number): string {
    return this.text(index, record.etagOffset);
  }

  revision(index: number): string {
    const offset = this.word(index, record.revisionOffset);
    if (offset !== this.lastRevisionOffset) {
      this.lastRevision = this.text(index, record.revisionOffset);
      this.lastRevisionOffset = offset;
    }
    return this.lastRevision;
  }

  /** A view: valid for as long as the segment is referenced, never written. */
  body(index: number): Uint8Array {
    return new Uint8Array(this.segment, this.word(index, record.bodyOffset), this.word(index, record.bodyLength));
  }

  bodyLength(index: number): number {
    return this.word(index, record.bodyLength);
  }

  lastModifiedSeconds(index: number): number {
    return this.word(index, record.lastModifiedSeconds);
  }

  /** -1 when the body holds no version. */
  versionOffset(index: number): number {
    return this.word(index, record.versionPosition) - 1;
  }

  versionLength(index: number): number {
    return this.word(index, record.versionLength);
  }

  repositorySlot(index: number): number {
    return this.word(index, record.repositorySlot);
  }

  heldBack(index: number): boolean {
    return (this.word(index, record.flags) & FLAG_HELD_BACK) !== 0;
  }

  standsIn(index: number): boolean {
    return (this.word(index, record.flags) & FLAG_STANDS_IN) !== 0;
  }

  emptyBody(index: number): boolean {
    return (this.word(index, record.flags) & FLAG_EMPTY_BODY) !== 0;
  }

  /** Index into routeTemplates. */
  template(index: number): number {
    return this.word(index, record.template);
  }

  request(index: number): EntryRequest {
    const offset = this.word(index, record.requestOffset);
    // A copy: msgpackr reads strings with Buffer methods that refuse shared memory.
    return unpack(Uint8Array.prototype.slice.call(this.bytes, offset, offset + this.word(index, record.requestLength))) as EntryRequest;
  }

  dependencies(index: number): Uint32Array {
    const at = this.words[header.dependencies]! + this.word(index, record.dependencyIndex) * 4;
    return new Uint32Array(this.segment, at, this.word(index, record.dependencyCount));
  }

  touchedSeconds(index: number): number {
    return this.words[this.touchIndex(index)]!;
  }

  /** Where a worker stores the second in which it served the entry: an index into `new Uint32Array(segment)`. */
  touchIndex(index: number): number {
    return this.words[header.touches]! / 4 + index;
  }

  /** The bytes of the entity tag, in the segment. */
  etagBytes(index: number): Uint8Array {
    return this.textBytes(index, record.etagOffset);
  }

  /** Everything there is, texts and body as views. */
  packed(index: number): PackedEntry {
    return {
      status: this.status(index),
      body: this.body(index),
      emptyBody: this.emptyBody(index),
      revision: this.revision(index),
      lastModifiedSeconds: this.lastModifiedSeconds(index),
      versionOffset: this.versionOffset(index),
      versionLength: this.versionLength(index),
      repositorySlot: this.repositorySlot(index),
      heldBack: this.heldBack(index),
      standsIn: this.standsIn(index),
      touchedSeconds: this.touchedSeconds(index),
      dependencies: this.dependencies(index),
      key: this.textBytes(index, record.keyOffset),
      etag: this.textBytes(index, record.etagOffset),
      request: this.textBytes(index, record.requestOffset),
      variant: this.variant(index),
      template: this.template(index),
    };
  }

  /** Key, entity tag and packed request: they lie one after the other. */
  textLength(index: number): number {
    return this.word(index, record.requestOffset) + this.word(index, record.requestLength) - this.word(index, record.keyOffset);
  }

  dependencyCount(index: number): number {
    return this.word(index, record.dependencyCount);
  }

  /** Neighbours as they lie in the segment: views for the writer of the next one. */
  run(first: number, count: number): EntryRun {
    const last = first + count - 1;
    const recordsAt = this.words[header.records]! / 4;
    const textOffset = this.word(first, record.keyOffset);
    const textEnd = this.word(last, record.keyOffset) + this.textLength(last);
    const bodyOffset = this.word(first, record.bodyOffset);
    const bodyEnd = this.word(last, record.bodyOffset) + this.bodyLength(last);
    const dependencyIndex = this.word(first, record.dependencyIndex);
    const dependencyEnd = this.word(last, record.dependencyIndex) + this.dependencyCount(last);
    const dependenciesAt = this.words[header.dependencies]! / 4;
    return {
      records: this.words.subarray(recordsAt + first * RECORD_WORDS, recordsAt + (last + 1) * RECORD_WORDS),
      touches: this.words.subarray(this.touchIndex(first), this.touchIndex(last) + 1),
      dependencyIndex,
      dependencies: this.words.subarray(dependenciesAt + dependencyIndex, dependenciesAt + dependencyEnd),
      textOffset,
      texts: new Uint8Array(this.segment, textOffset, textEnd - textOffset),
      bodyOffset,
      bodies: new Uint8Array(this.segment, bodyOffset, bodyEnd - bodyOffset),
    };
  }

  private word(index: number, field: number): number {
    return this.words[this.words[header.records]! / 4 + index * RECORD_WORDS + field]!;
  }

  private text(index: number, offsetField: number): string {
    const offset = this.word(index, offsetField);
    return this.bytes.toString('utf8', offset, offset + this.word(index, offsetField + 1));
  }

  /** A view. */
  private textBytes(index: number, offsetField: number): Uint8Array {
    return new Uint8Array(this.segment, this.word(index, offsetField), this.word(index, offsetField + 1));
  }
}
