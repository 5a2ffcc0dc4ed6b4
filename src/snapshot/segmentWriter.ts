// Packs compiled entries into a segment: one SharedArrayBuffer that workers serve from without a copy.
import { pack } from 'msgpackr/pack';
import { assert } from '../base/assert.ts';
import { routeTemplates } from '../model/routes.ts';
import type { CompiledEntry, PackedEntry } from './entry.ts';
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

/** Entries keep their order. Costs one pass over the bodies; call it off the primary's loop. */
export function writeSegment(entries: readonly PackedEntry[]): SharedArrayBuffer {
  const revisions = new RevisionTexts();
  let textBytes = 0;
  let bodyBytes = 0;
  let dependencyCount = 0;
  for (const entry of entries) {
    textBytes += entry.key.length + entry.etag.length + entry.request.length + revisions.add(entry.revision);
    bodyBytes += entry.body.length;
    dependencyCount += entry.dependencies.length;
  }
  const recordsAt = HEADER_WORDS * 4;
  const touchesAt = recordsAt + entries.length * RECORD_WORDS * 4;
  const dependenciesAt = touchesAt + entries.length * 4;
  const textAt = dependenciesAt + dependencyCount * 4;
  const bodiesAt = textAt + textBytes;

  const segment = new SharedArrayBuffer(Math.ceil((bodiesAt + bodyBytes) / 4) * 4);
  const words = new Uint32Array(segment);
  const bytes = new Uint8Array(segment);
  words[header.magic] = SEGMENT_MAGIC;
  words[header.format] = SEGMENT_FORMAT;
  words[header.entries] = entries.length;
  words[header.records] = recordsAt;
  words[header.touches] = touchesAt;
  words[header.dependencies] = dependenciesAt;
  words[header.text] = textAt;
  words[header.bodies] = bodiesAt;

  let at = revisions.copyTo(bytes, textAt);
  let bodyAt = bodiesAt;
  let dependencyIndex = 0;
  const place = (recordAt: number, field: number, text: Uint8Array): void => {
    words[recordAt + field] = at;
    words[recordAt + field + 1] = text.length;
    bytes.set(text, at);
    at += text.length;
  };
  for (const [index, entry] of entries.entries()) {
    const recordAt = recordsAt / 4 + index * RECORD_WORDS;
    const revision = revisions.place(entry.revision);
    place(recordAt, record.keyOffset, entry.key);
    place(recordAt, record.etagOffset, entry.etag);
    place(recordAt, record.requestOffset, entry.request);
    words[recordAt + record.revisionOffset] = textAt + revision.offset;
    words[recordAt + record.revisionLength] = revision.bytes.length;
    words[recordAt + record.variant] = entry.variant;
    words[recordAt + record.status] = entry.status;
    words[recordAt + record.bodyOffset] = bodyAt;
    words[recordAt + record.bodyLength] = entry.body.length;
    words[recordAt + record.lastModifiedSeconds] = entry.lastModifiedSeconds;
    words[recordAt + record.versionPosition] = entry.versionOffset + 1;
    words[recordAt + record.versionLength] = entry.versionLength;
    words[recordAt + record.repositorySlot] = entry.repositorySlot;
    words[recordAt + record.flags] = flagsOf(entry);
    words[recordAt + record.dependencyIndex] = dependencyIndex;
    words[recordAt + record.dependencyCount] = entry.dependencies.length;
    words[recordAt + record.template] = entry.template;
    words[touchesAt / 4 + index] = entry.touchedSeconds;
    words.set(entry.dependencies, dependenciesAt / 4 + dependencyIndex);
    bytes.set(entry.body, bodyAt);
    dependencyIndex += entry.dependencies.length;
    bodyAt += entry.body.length;
  }
  assert(at === bodiesAt, 'the texts fill their block');
  return segment;
}

function flagsOf({ heldBack, emptyBody, standsIn }: PackedEntry): number {
  return (heldBack ? FLAG_HELD_BACK : 0) | (emptyBody ? FLAG_EMPTY_BODY : 0) | (standsIn ? FLAG_STANDS_IN : 0);
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
