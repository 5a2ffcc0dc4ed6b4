// A request that can't be answered in its handler: what of it must be kept, since uWebSockets.js takes the request away.
import type { HttpResponse } from 'uWebSockets.js';
import type { ContentEncoding } from '../model/request.ts';

export interface RequestFacts {
  readonly method: string;
  /** The raw path as it came, prefix included: error bodies show it. */
  readonly path: string;
  readonly accept: string;
  readonly ifNoneMatch: string;
  readonly ifModifiedSince: string;
  readonly ifUnmodifiedSince: string;
  /** Index into routeTemplates, for the metrics. */
  readonly template: number;
  /** performance.now() at the start of the handler. */
  readonly startedMs: number;
  /** Of the client, when the access log samples this request; else null. */
  readonly remoteAddress: string | null;
}

export interface Waiter {
  readonly response: HttpResponse;
  readonly facts: RequestFacts;
  /** What negotiation chose; the entry does not know it. */
  readonly contentType: string;
  /** The encoding to use when the body is large enough. */
  readonly accepted: ContentEncoding;
  aborted: boolean;
}
