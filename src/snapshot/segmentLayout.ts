// The layout of a segment: some entries of an epoch in one SharedArrayBuffer, directory and bodies together.
//
//   ┌─ header (Uint32 × HEADER_WORDS) ──────────────────────────────────────────────┐
//   │ magic │ format │ entries │ records │ touches │ dependencies │ text │ bodies │ end │ offsets in bytes
//   ├─ records: entries × RECORD_WORDS × Uint32 ─────────────────────────────────────┤
//   ├─ touches: entries × Uint32, the second in which a worker last served the entry ┤  the only words written later
//   ├─ dependencies: Uint32 hashes, all entries one after the other ─────────────────┤
//   ├─ text: UTF-8 of revisions, then of each entry its key, entity tag and request ─┤
//   ├─ bodies ───────────────────────────────────────────────────────────────────────┤
//   └─ unused, so that the memory fits a later epoch, too ────────────────────────────┘
//
//   Dependencies, texts and bodies lie in the order of the entries without a gap: neighbours are copied in one go.
import type { ContentEncoding, Representation } from '../model/request.ts';

export const SEGMENT_MAGIC = 0x56545853;
/** Raised when the layout changes, so that an older file on disk is not read. */
export const SEGMENT_FORMAT = 2;

export const header = { magic: 0, format: 1, entries: 2, records: 3, touches: 4, dependencies: 5, text: 6, bodies: 7, end: 8 } as const;
export const HEADER_WORDS = 9;

/** One record per entry; offsets count from the start of the segment, lengths in bytes. */
export const record = {
  keyOffset: 0,
  keyLength: 1,
  variant: 2,
  status: 3,
  bodyOffset: 4,
  bodyLength: 5,
  etagOffset: 6,
  etagLength: 7,
  revisionOffset: 8,
  revisionLength: 9,
  lastModifiedSeconds: 10,
  /** Byte offset of the version text inside the body, plus one; 0 when the body has none. */
  versionPosition: 11,
  versionLength: 12,
  repositorySlot: 13,
  flags: 14,
  requestOffset: 15,
  requestLength: 16,
  dependencyIndex: 17,
  dependencyCount: 18,
  /** Index into routeTemplates. */
  template: 19,
} as const;
export const RECORD_WORDS = 20;

/** The entry kept an older answer because the newer content could not be resolved. */
export const FLAG_HELD_BACK = 1;
/** A status with no body at all: plain-text 404. */
export const FLAG_EMPTY_BODY = 2;
/** A file that the answer should be made from is broken: another label or repository answers instead. */
export const FLAG_STANDS_IN = 4;

const representations = ['v1', 'v2', 'flat', 'text', 'binary', 'merged'] as const satisfies readonly Representation['kind'][];
const encodings = ['identity', 'gzip', 'br'] as const satisfies readonly ContentEncoding[];

/** A small number per variant of a key, so that a worker finds it by array index. */
export function variantOf(representation: Representation['kind'], encoding: ContentEncoding): number {
  return representations.indexOf(representation) * encodings.length + encodings.indexOf(encoding);
}

export function representationOf(variant: number): Representation['kind'] {
  return representations[Math.floor(variant / encodings.length)]!;
}
