// One entry of the snapshot as the compiler makes it, before it is packed into a segment.
import type { EntryRequest } from '../model/request.ts';

interface EntryFields {
  readonly status: number;
  /** Empty for every status but 200: error bodies hold the time and are made when they are sent. */
  readonly body: Uint8Array;
  readonly emptyBody: boolean;
  /** The commit or content hash that answered; several joined by a comma; '' when unknown. */
  readonly revision: string;
  readonly lastModifiedSeconds: number;
  /** Where the version stands in the body, so that a commit that changed nothing else is a patch; -1 for none. */
  readonly versionOffset: number;
  readonly versionLength: number;
  /** Slot of the control block that tells how stale the entry's source is. */
  readonly repositorySlot: number;
  readonly heldBack: boolean;
  /** The label or repository that comes first is broken, and the next one answers in its place. */
  readonly standsIn: boolean;
  /** Second (of the process's clock) in which it was last asked for. */
  readonly touchedSeconds: number;
  /** Sorted, distinct dependencyHash values. */
  readonly dependencies: Uint32Array;
}

/** An answer as it was computed. */
export interface CompiledEntry extends EntryFields {
  readonly entry: EntryRequest;
  /** Quoted, strong, of the body and its encoding; '' when there is no body. */
  readonly etag: string;
}

/** The same as it lies in a segment, texts as UTF-8. */
export interface PackedEntry extends EntryFields {
  readonly key: Uint8Array;
  readonly etag: Uint8Array;
  /** msgpack of the EntryRequest. */
  readonly request: Uint8Array;
  /** Indices as in segmentLayout. */
  readonly variant: number;
  readonly template: number;
}
