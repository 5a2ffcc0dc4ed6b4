// Those who wait for an answer to be computed, and what of a request must be kept, since uWebSockets.js takes it away.
import type { HttpResponse } from 'uWebSockets.js';
import type { ToWorker } from '../cluster/messages.ts';
import { errorCodes } from '../model/errorCodes.ts';
import { COMPRESSED_BYTES_MIN } from '../model/limits.ts';
import type { ContentEncoding, EntryRequest } from '../model/request.ts';
import type { ServedEntry } from '../snapshot/directory.hot.ts';
import { namedCounterSlot } from '../telemetry/laneLayout.ts';
import { answerEntry, refuse } from './answers.ts';
import type { RequestFacts } from './requestFacts.ts';
import type { ServingRuntime } from './servingRuntime.ts';

export type RefusalCode = Extract<ToWorker, { readonly kind: 'missRefused' }>['code'];

const ABORTED = namedCounterSlot('requestAborted');

/** Who waits for an answer to be computed. Exactly one of the two is called, once. */
export interface Waiter {
  /** performance.now() when it began to wait. */
  readonly sinceMs: number;
  /** Returns the encoding that it wants the answer in instead; null when it is content. */
  answer(entry: ServedEntry, asked: EntryRequest): ContentEncoding | null;
  refuse(code: RefusalCode, retryAfterSeconds: number): void;
}

/** A request that can't be answered in its handler. Make it there: it registers the abort handler that uWebSockets.js demands. */
export class HttpWaiter implements Waiter {
  private readonly response: HttpResponse;
  private readonly runtime: ServingRuntime;
  private readonly facts: RequestFacts;
  private readonly contentType: string;
  private readonly accepted: ContentEncoding;
  private aborted = false;

  /** `contentType` is what negotiation chose, `accepted` the encoding to use when the body is large enough. */
  constructor(response: HttpResponse, runtime: ServingRuntime, facts: RequestFacts, contentType: string, accepted: ContentEncoding) {
    this.response = response;
    this.runtime = runtime;
    this.facts = facts;
    this.contentType = contentType;
    this.accepted = accepted;
    response.onAborted(() => {
      this.aborted = true;
      runtime.lane.increment(ABORTED);
    });
  }

  get sinceMs(): number {
    return this.facts.startedMs;
  }

  answer(entry: ServedEntry, { encoding, representation }: EntryRequest): ContentEncoding | null {
    if (this.aborted) return null;
    const compressible = representation.kind !== 'binary' && entry.status === 200 && entry.body.length >= COMPRESSED_BYTES_MIN;
    if (encoding === 'identity' && compressible && this.accepted !== 'identity') return this.accepted;
    this.response.cork(() => answerEntry(this.response, this.runtime, this.facts, entry, this.contentType, encoding));
    return null;
  }

  refuse(code: RefusalCode, retryAfterSeconds: number): void {
    if (this.aborted) return;
    const refusal = {
      status: errorCodes[code].status,
      emptyBody: false,
      closing: this.runtime.worker.closing,
      headers: [['retry-after', String(retryAfterSeconds)]] as const,
    };
    this.response.cork(() => refuse(this.response, this.runtime, this.facts, refusal));
  }
}
