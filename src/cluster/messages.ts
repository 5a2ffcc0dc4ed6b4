// The only list of messages between the primary and its workers. State diagrams: worker life in supervision.ts, drain in drain.ts.
import type { EncryptionAnswer, EncryptionQuestion } from '../model/encryption.ts';
import type { EntryChange } from '../model/push.ts';
import type { EntryRequest } from '../model/request.ts';

/** Given to a worker when its thread starts. */
export interface WorkerData {
  readonly workerIndex: number;
  /** Its block in the control block, and the index of its lane: two per worker index, for the old and the new thread of a replacement. */
  readonly threadBlock: number;
  readonly heartbeatMs: number;
  /** One block for the whole process: readiness, drain phase, staleness per source (controlBlock.ts). */
  readonly controlBlock: SharedArrayBuffer;
  /** This worker's lane: counters and heartbeat, written by it alone. It survives the worker (telemetry/lane.ts). */
  readonly lane: SharedArrayBuffer;
  readonly settings: unknown;
}

export type ToWorker =
  /** A whole epoch: replaces what the worker serves from, in steps, then by one reference swap. */
  | {
      readonly kind: 'epoch';
      readonly epoch: number;
      readonly segment: SharedArrayBuffer;
      readonly changes: readonly EntryChange[];
      /** When the change was seen that made the epoch, in milliseconds since the control block's startedAtMs; 0 when that is of no interest. */
      readonly seenAtMs: number;
    }
  /** Entries computed since, for all workers (install) or for one answer only; `missIds` are this worker's that it answers. */
  | {
      readonly kind: 'addendum';
      readonly epoch: number;
      readonly segment: SharedArrayBuffer;
      readonly install: boolean;
      readonly missIds: readonly number[];
    }
  /** These misses can't be answered: 503 with Retry-After. */
  | {
      readonly kind: 'missRefused';
      readonly missIds: readonly number[];
      readonly code: 'OVERLOADED' | 'NOT_READY' | 'MISS_TIMEOUT';
      readonly retryAfterSeconds: number;
    }
  /** The primary's answer to `ask`. */
  | { readonly kind: 'answer'; readonly askId: number; readonly status: number; readonly contentType: string; readonly body: string }
  /** The primary's answer to `webhook`. */
  | {
      readonly kind: 'webhookAnswered';
      readonly webhookId: number;
      readonly status: number;
      readonly contentType: string;
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly body: string;
    }
  /** The primary's answer to `encryption`. */
  | { readonly kind: 'encryptionAnswer'; readonly questionId: number; readonly answer: EncryptionAnswer }
  /** Answer `Connection: close` from now on (lame duck and later). */
  | { readonly kind: 'lameDuck' }
  /** Ask the subscribers to leave, evenly over this time. */
  | { readonly kind: 'spread'; readonly spreadMs: number }
  /** The acceptor has dropped this worker's descriptor: no new socket will come. Reply `detached` after a turn of the loop. */
  | { readonly kind: 'detach' }
  /**
   * Finish what is in flight (until `deadlineMs` from now), wait for connections without a request (until `idleMs` from now), close
   * the app, the parent port, and fall through. A second one with shorter times wins.
   */
  | { readonly kind: 'finish'; readonly deadlineMs: number; readonly idleMs: number };

export type ToPrimary =
  /** `descriptor` is what addChildAppDescriptor takes. Sent once, when the app exists and can answer. */
  | { readonly kind: 'listening'; readonly descriptor: number }
  /** The worker serves from this epoch now. */
  | { readonly kind: 'epochServed'; readonly epoch: number }
  /** Nothing in the worker refers to the base segments of earlier epochs any more, not even a slow client: they may be overwritten. */
  | { readonly kind: 'epochReleased'; readonly epoch: number }
  | { readonly kind: 'miss'; readonly missId: number; readonly entry: EntryRequest }
  /** /metrics and /health on the API port are answered by the primary. */
  | { readonly kind: 'ask'; readonly askId: number; readonly what: 'metrics' | 'health' | 'ready' }
  /** A delivery that came in on the API port, its body within monitor.bodyBytesMax: the primary knows secrets and sources. */
  | {
      readonly kind: 'webhook';
      readonly webhookId: number;
      readonly target: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array;
    }
  /** A body of /encrypt or /decrypt: a compile thread has the keys. */
  | { readonly kind: 'encryption'; readonly questionId: number; readonly question: EncryptionQuestion }
  | { readonly kind: 'detached' }
  /** Last message before the thread ends: what had to be cut. */
  | { readonly kind: 'finished'; readonly requestsCut: number; readonly connectionsCut: number }
  /** The worker caught an exception, closes its app and ends; `message` and `stack` are for the log. */
  | { readonly kind: 'crashed'; readonly message: string; readonly stack: string };
