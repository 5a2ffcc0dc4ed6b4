// Packs compiled entries into a segment: one SharedArrayBuffer that workers serve from without a copy.
import { pack } from 'msgpackr/pack';
import { routeTemplates } from '../model/routes.ts';
import type { CompiledEntry } from './entry.ts';
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

/** Entries keep their order. Costs one pass over the bodies; call it off the primary's loop. */
export function writeSegment(entries: readonly CompiledEntry[]): SharedArrayBuffer {
  const texts = new TextBlock();
  const places = entries.map((compiled) => ({
    key: texts.add(compiled.entry.key),
    etag: texts.add(compiled.etag),
    revision: texts.add(compiled.revision),
    request: texts.addBytes(pack(compiled.entry)),
  }));
  const recordsAt = HEADER_WORDS * 4;
  const touchesAt = recordsAt + entries.length * RECORD_WORDS * 4;
  const dependenciesAt = touchesAt + entries.length * 4;
  const dependencyCount = entries.reduce((sum, compiled) => sum + compiled.dependencies.length, 0);
  const textAt = dependenciesAt + dependencyCount * 4;
  const bodiesAt = textAt + texts.length;
  const bodyBytes = entries.reduce((sum, compiled) => sum + compiled.body.length, 0);

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
  texts.copyTo(bytes, textAt);

  let bodyAt = bodiesAt;
  let dependencyIndex = 0;
  for (const [index, compiled] of entries.entries()) {
    const place = places[index]!;
    const at = recordsAt / 4 + index * RECORD_WORDS;
    words[at + record.keyOffset] = textAt + place.key.offset;
    words[at + record.keyLength] = place.key.length;
    words[at + record.variant] = variantOf(compiled.entry.representation.kind, compiled.entry.encoding);
    words[at + record.status] = compiled.status;
    words[at + record.bodyOffset] = bodyAt;
    words[at + record.bodyLength] = compiled.body.length;
    words[at + record.etagOffset] = textAt + place.etag.offset;
    words[at + record.etagLength] = place.etag.length;
    words[at + record.revisionOffset] = textAt + place.revision.offset;
    words[at + record.revisionLength] = place.revision.length;
    words[at + record.lastModifiedSeconds] = compiled.lastModifiedSeconds;
    words[at + record.versionPosition] = compiled.versionOffset + 1;
    words[at + record.versionLength] = compiled.versionLength;
    words[at + record.repositorySlot] = compiled.repositorySlot;
    words[at + record.flags] = flagsOf(compiled);
    words[at + record.requestOffset] = textAt + place.request.offset;
    words[at + record.requestLength] = place.request.length;
    words[at + record.dependencyIndex] = dependencyIndex;
    words[at + record.dependencyCount] = compiled.dependencies.length;
    words[at + record.template] = routeTemplates.indexOf(compiled.entry.template);
    words[touchesAt / 4 + index] = compiled.touchedSeconds;
    words.set(compiled.dependencies, dependenciesAt / 4 + dependencyIndex);
    bytes.set(compiled.body, bodyAt);
    dependencyIndex += compiled.dependencies.length;
    bodyAt += compiled.body.length;
  }
  return segment;
}

function flagsOf({ heldBack, emptyBody, standsIn }: CompiledEntry): number {
  return (heldBack ? FLAG_HELD_BACK : 0) | (emptyBody ? FLAG_EMPTY_BODY : 0) | (standsIn ? FLAG_STANDS_IN : 0);
}

interface Place {
  readonly offset: number;
  readonly length: number;
}

/** Strings and packed requests one after the other; equal strings (revisions above all) are stored once. */
class TextBlock {
  length = 0;
  private readonly chunks: Uint8Array[] = [];
  private readonly known = new Map<string, Place>();
  private readonly encoder = new TextEncoder();

  add(text: string): Place {
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const place = this.addBytes(this.encoder.encode(text));
    this.known.set(text, place);
    return place;
  }

  addBytes(bytes: Uint8Array): Place {
    const place = { offset: this.length, length: bytes.length };
    this.chunks.push(bytes);
    this.length += bytes.length;
    return place;
  }

  copyTo(target: Uint8Array, offset: number): void {
    for (const chunk of this.chunks) {
      target.set(chunk, offset);
      offset += chunk.length;
    }
  }
}
