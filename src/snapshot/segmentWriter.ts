// Packs compiled entries into a segment: one SharedArrayBuffer that workers serve from without a copy.
import { pack } from 'msgpackr/pack';
import { assert } from '../base/assert.ts';
import { routeTemplates } from '../model/routes.ts';
import type { CompiledEntry, PackedEntry } from './entry.ts';
import type { SegmentReader } from './segmentReader.ts';
import {
  FLAG_EMPTY_BODY,
  FLAG_HELD_BACK,
  FLAG_STANDS_IN,
  header,
  HEADER_WORDS,
  record,
  RECORD_WORDS,
  SEGMENT_FORMAT,
  SEGMENT_MAGIC,
  variantOf,
} from './segmentLayout.ts';

const encoder = new TextEncoder();

/** An entry of an earlier segment that goes on as it is, but for the two fields given here. */
export interface CarriedEntry {
  readonly reader: SegmentReader;
  readonly index: number;
  readonly revision: string;
  readonly heldBack: boolean;
}

export function packEntry({ entry, etag, ...fields }: CompiledEntry): PackedEntry {
  return {
    ...fields,
    key: encoder.encode(entry.key),
    etag: encoder.encode(etag),
    request: pack(entry),
    variant: variantOf(entry.representation.kind, entry.encoding),
    template: routeTemplates.indexOf(entry.template),
  };
}

/**
 * Entries keep their order. Costs one pass over the bodies; call it off the primary's loop. What is carried over is copied, not
 * decoded: neighbours of one segment in one go. `memory` is overwritten and returned when it fits; none of the entries may lie in it.
 */
export function writeSegment(entries: readonly (PackedEntry | CarriedEntry)[], memory: SharedArrayBuffer | null = null): SharedArrayBuffer {
  const revisions = new RevisionTexts();
  let textBytes = 0;
  let bodyBytes = 0;
  let dependencyCount = 0;
  for (const entry of entries) {
    textBytes += revisions.add(entry.revision);
    if ('reader' in entry) {
      textBytes += entry.reader.textLength(entry.index);
      bodyBytes += entry.reader.bodyLength(entry.index);
      dependencyCount += entry.reader.dependencyCount(entry.index);
    } else {
      textBytes += entry.key.length + entry.etag.length + entry.request.length;
      bodyBytes += entry.body.length;
      dependencyCount += entry.dependencies.length;
    }
  }
  const layout = layoutOf(entries.length, dependencyCount, textBytes, bodyBytes);
  const filler = new SegmentFiller(memoryFor(layout, memory), layout, revisions);
  for (let index = 0; index < entries.length;) {
    const entry = entries[index]!;
    if ('reader' in entry) {
      const end = endOfRun(entries, index, entry);
      filler.carry(entry, end - index);
      for (; index < end; index += 1) filler.change(index, entries[index]!);
    } else {
      filler.add(entry);
      index += 1;
    }
  }
  return filler.finish();
}

/** Gives an entry its staleness cell. Only before anybody is served from the segment. */
export function placeEntry(segment: SharedArrayBuffer, index: number, repositorySlot: number): void {
  const words = new Uint32Array(segment);
  words[words[header.records]! / 4 + index * RECORD_WORDS + record.repositorySlot] = repositorySlot;
}

/** The index behind the last entry that follows `first` here and in its segment. */
function endOfRun(entries: readonly (PackedEntry | CarriedEntry)[], start: number, first: CarriedEntry): number {
  let end = start + 1;
  for (; end < entries.length; end += 1) {
    const next = entries[end]!;
    if (!('reader' in next) || next.reader !== first.reader || next.index !== first.index + end - start) break;
  }
  return end;
}

/** Offsets in bytes. */
interface Layout {
  readonly entries: number;
  readonly records: number;
  readonly touches: number;
  readonly dependencies: number;
  readonly text: number;
  readonly bodies: number;
  readonly end: number;
}

function layoutOf(entries: number, dependencyCount: number, textBytes: number, bodyBytes: number): Layout {
  const records = HEADER_WORDS * 4;
  const touches = records + entries * RECORD_WORDS * 4;
  const dependencies = touches + entries * 4;
  const text = dependencies + dependencyCount * 4;
  const bodies = text + textBytes;
  return { entries, records, touches, dependencies, text, bodies, end: bodies + bodyBytes };
}

/** A little room to grow; memory of several times the size is given back. */
function memoryFor({ end }: Layout, memory: SharedArrayBuffer | null): SharedArrayBuffer {
  if (memory !== null && end <= memory.byteLength && memory.byteLength <= 4 * end) return memory;
  return new SharedArrayBuffer(Math.ceil((memory === null ? end : end * 1.125) / 4) * 4);
}

/** Fills one segment from front to back; every block has a position of its own. */
class SegmentFiller {
  private readonly segment: SharedArrayBuffer;
  private readonly words: Uint32Array;
  private readonly bytes: Uint8Array;
  private readonly layout: Layout;
  private readonly revisions: RevisionTexts;
  private entry = 0;
  private dependency = 0;
  private textAt: number;
  private bodyAt: number;

  constructor(segment: SharedArrayBuffer, layout: Layout, revisions: RevisionTexts) {
    this.segment = segment;
    this.layout = layout;
    this.revisions = revisions;
    this.words = new Uint32Array(this.segment);
    this.bytes = new Uint8Array(this.segment);
    this.words[header.magic] = SEGMENT_MAGIC;
    this.words[header.format] = SEGMENT_FORMAT;
    for (const block of ['entries', 'records', 'touches', 'dependencies', 'text', 'bodies', 'end'] as const) this.words[header[block]] = layout[block];
    this.textAt = revisions.copyTo(this.bytes, layout.text);
    this.bodyAt = layout.bodies;
  }

  add(entry: PackedEntry): void {
    const { words } = this;
    const at = this.recordAt(this.entry);
    this.place(at + record.keyOffset, entry.key);
    this.place(at + record.etagOffset, entry.etag);
    this.place(at + record.requestOffset, entry.request);
    words[at + record.variant] = entry.variant;
    words[at + record.template] = entry.template;
    words[at + record.status] = entry.status;
    words[at + record.bodyOffset] = this.bodyAt;
    words[at + record.bodyLength] = entry.body.length;
    words[at + record.lastModifiedSeconds] = entry.lastModifiedSeconds;
    words[at + record.versionPosition] = entry.versionOffset + 1;
    words[at + record.versionLength] = entry.versionLength;
    words[at + record.repositorySlot] = entry.repositorySlot;
    words[at + record.dependencyIndex] = this.dependency;
    words[at + record.dependencyCount] = entry.dependencies.length;
    words[at + record.flags] = (entry.emptyBody ? FLAG_EMPTY_BODY : 0) | (entry.standsIn ? FLAG_STANDS_IN : 0);
    words[this.layout.touches / 4 + this.entry] = entry.touchedSeconds;
    words.set(entry.dependencies, this.layout.dependencies / 4 + this.dependency);
    this.bytes.set(entry.body, this.bodyAt);
    this.change(this.entry, entry);
    this.dependency += entry.dependencies.length;
    this.bodyAt += entry.body.length;
    this.entry += 1;
  }

  /** `count` entries of a segment, from `first` on. */
  carry({ reader, index: first }: CarriedEntry, count: number): void {
    const { words } = this;
    const run = reader.run(first, count);
    const at = this.recordAt(this.entry);
    words.set(run.records, at);
    const textShift = this.textAt - run.textOffset;
    const bodyShift = this.bodyAt - run.bodyOffset;
    const dependencyShift = this.dependency - run.dependencyIndex;
    for (let place = at; place < at + count * RECORD_WORDS; place += RECORD_WORDS) {
      words[place + record.keyOffset]! += textShift;
      words[place + record.etagOffset]! += textShift;
      words[place + record.requestOffset]! += textShift;
      words[place + record.bodyOffset]! += bodyShift;
      words[place + record.dependencyIndex]! += dependencyShift;
    }
    words.set(run.touches, this.layout.touches / 4 + this.entry);
    words.set(run.dependencies, this.layout.dependencies / 4 + this.dependency);
    this.bytes.set(run.texts, this.textAt);
    this.bytes.set(run.bodies, this.bodyAt);
    this.entry += count;
    this.dependency += run.dependencies.length;
    this.textAt += run.texts.length;
    this.bodyAt += run.bodies.length;
  }

  /** What a carried entry may have of its own. */
  change(index: number, { revision, heldBack }: Pick<CarriedEntry, 'revision' | 'heldBack'>): void {
    const at = this.recordAt(index);
    const text = this.revisions.place(revision);
    this.words[at + record.revisionOffset] = this.layout.text + text.offset;
    this.words[at + record.revisionLength] = text.bytes.length;
    this.words[at + record.flags] = (this.words[at + record.flags]! & ~FLAG_HELD_BACK) | (heldBack ? FLAG_HELD_BACK : 0);
  }

  finish(): SharedArrayBuffer {
    assert(this.textAt === this.layout.bodies && this.bodyAt === this.layout.end, 'texts and bodies fill their blocks');
    return this.segment;
  }

  private recordAt(index: number): number {
    return this.layout.records / 4 + index * RECORD_WORDS;
  }

  /** `at`: the word of the offset; that of the length follows. */
  private place(at: number, text: Uint8Array): void {
    this.words[at] = this.textAt;
    this.words[at + 1] = text.length;
    this.bytes.set(text, this.textAt);
    this.textAt += text.length;
  }
}

interface RevisionText {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A segment has few revisions: each is stored once, before all other texts. */
class RevisionTexts {
  private readonly texts = new Map<string, RevisionText>();
  private length = 0;

  /** The bytes that it adds: 0 when it is known. */
  add(revision: string): number {
    if (this.texts.has(revision)) return 0;
    const text = { offset: this.length, bytes: encoder.encode(revision) };
    this.texts.set(revision, text);
    this.length += text.bytes.length;
    return text.bytes.length;
  }

  place(revision: string): RevisionText {
    const text = this.texts.get(revision);
    assert(text !== undefined, 'every revision was added');
    return text;
  }

  /** The offset behind the last one. */
  copyTo(target: Uint8Array, start: number): number {
    for (const { offset, bytes } of this.texts.values()) target.set(bytes, start + offset);
    return start + this.length;
  }
}
