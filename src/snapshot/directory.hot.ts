// A worker's directory: request target → slot → variant, over the segments of one epoch. One map lookup per request.
import { routeTemplates } from '../model/routes.ts';
import { representationOf } from './segmentLayout.ts';
import type { SegmentReader } from './segmentReader.ts';

/** One answer, ready to be written. All fields are made when the segment is installed. */
export interface ServedEntry {
  readonly status: number;
  readonly body: Uint8Array;
  readonly etag: string;
  readonly revision: string;
  /**
   * The head of a 304 and of a 200, as far as it is the same for every request, each handed over in one call: a line end and the
   * next header follow the status or the content type. All of it is ours (hashes, commit ids, constants), so no line can be forged.
   */
  readonly notModifiedAndHeaders: string;
  readonly typeAndHeaders: string;
  readonly lastModifiedSeconds: number;
  readonly repositorySlot: number;
  readonly emptyBody: boolean;
  /** The segment's words; `touchWords[touchIndex]` is the only place that serving writes to. */
  readonly touchWords: Uint32Array;
  readonly touchIndex: number;
}

/** All variants of one request target; `variants[variantOf(...)]`. */
export interface Slot {
  readonly template: number;
  readonly variants: (ServedEntry | undefined)[];
}

export class Directory {
  private readonly slots = new Map<string, Slot>();

  find(key: string): Slot | undefined {
    return this.slots.get(key);
  }

  get size(): number {
    return this.slots.size;
  }

  /** Adds entries [from, to) of a segment; a later entry of the same key and variant replaces the earlier one. */
  install(reader: SegmentReader, words: Uint32Array, from: number, to: number): void {
    for (let index = from; index < to; index += 1) {
      const key = reader.key(index);
      let slot = this.slots.get(key);
      if (slot === undefined) {
        slot = { template: reader.template(index), variants: [] };
        this.slots.set(key, slot);
      }
      slot.variants[reader.variant(index)] = servedEntry(reader, words, index);
    }
  }
}

/** Content type of a variant where it does not depend on the request; '' for plain-text files. (compatibility document 1.3: no charset) */
function contentTypeOf(reader: SegmentReader, index: number): string {
  switch (representationOf(reader.variant(index))) {
    case 'v1':
      return 'application/json';
    case 'v2':
      return 'application/vnd.spring-cloud.config-server.v2+json';
    case 'flat':
      return routeTemplates[reader.template(index)]!.endsWith('.json') ? 'application/json' : 'text/plain';
    default:
      return '';
  }
}

/** The header lines that every 200 and 304 of an entry has, to follow another line. */
export function headersBehind(etag: string, revision: string): string {
  return `\r\netag: ${etag}\r\nx-vortex-revision: ${revision}\r\nvary: accept, accept-encoding`;
}

export function servedEntry(reader: SegmentReader, words: Uint32Array, index: number): ServedEntry {
  const etag = reader.etag(index);
  const revision = reader.revision(index);
  const headers = headersBehind(etag, revision);
  return {
    status: reader.status(index),
    body: reader.body(index),
    etag,
    revision,
    notModifiedAndHeaders: `304 Not Modified${headers}`,
    typeAndHeaders: contentTypeOf(reader, index) + headers,
    lastModifiedSeconds: reader.lastModifiedSeconds(index),
    repositorySlot: reader.repositorySlot(index),
    emptyBody: reader.emptyBody(index),
    touchWords: words,
    touchIndex: reader.touchIndex(index),
  };
}
