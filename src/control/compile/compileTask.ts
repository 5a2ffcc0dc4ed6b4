// What the primary hands to a compile thread and what comes back. Everything large is shared memory: a task costs no copy.
import type { ErrorCode } from '../../model/errorCodes.ts';
import type { EncryptionQuestion, EncryptionAnswer } from '../../model/encryption.ts';
import type { ResolutionOptions } from '../../model/backend.ts';
import type { KeyMaterial } from '../encryption/keyMaterial.ts';
import type { ConfigRequest, EntryRequest } from '../../model/request.ts';
import type { EntryChange } from '../../model/push.ts';
import type { TreeImage } from '../../snapshot/treeImage.ts';
import type { UnplacedEntries } from './entrySlots.ts';

/** Given to a compile thread when it starts. */
export interface CompilerData {
  readonly options: ResolutionOptions;
  /** null: the server has no key. */
  readonly keys: KeyMaterial | null;
}

/** TreeLookup without the tree itself: the id of one of `trees`. */
export type LabelContent =
  | { readonly kind: 'tree'; readonly treeId: string }
  | { readonly kind: 'noSuchLabel' }
  | { readonly kind: 'unavailable'; readonly reason: string }
  | { readonly kind: 'broken'; readonly reason: string };

export interface TrackedLabel {
  readonly repository: string;
  readonly label: string;
  readonly content: LabelContent;
  /** Kept of composites: what it pointed to before, the last in which nothing was found broken. */
  readonly formerTreeId: string | null;
}

/** All content that answers may be made from, at one moment. */
export interface ContentSnapshot {
  readonly labels: readonly TrackedLabel[];
  readonly trees: readonly TreeImage[];
  /** Slot of the control block per repository, and per set of them (entrySlots.ts). */
  readonly slots: ReadonlyMap<string, number>;
}

/** A label that points to other content than in the epoch before. */
export interface LabelChange {
  readonly repository: string;
  readonly label: string;
  /** null: there was none (no such label, unavailable, unknown to this process). */
  readonly from: TreeImage | null;
  readonly to: TreeImage | null;
}

/** What the trees of the changes bring beside the blobs, in bytes. */
export function indexBytes(changes: readonly LabelChange[]): number {
  return changes.reduce((sum, { to }) => sum + (to?.index.byteLength ?? 0), 0);
}

/** Compile these entries; those whose content is not loaded come back in `pending`. */
export interface ResolveTask {
  readonly content: ContentSnapshot;
  readonly entries: readonly EntryRequest[];
  readonly nowSeconds: number;
}

export interface PendingEntry {
  readonly index: number;
  readonly repository: string;
  readonly label: string;
}

export interface EntryFailure {
  readonly key: string;
  readonly code: ErrorCode;
  readonly message: string;
  /** The answer of an earlier epoch is served in its place. */
  readonly heldBack: boolean;
}

/** What a compile thread found and only the primary can act on. */
export interface CompileFindings {
  readonly failures: readonly EntryFailure[];
  /** Entries of the segment whose slot is still to be found. */
  readonly unplaced: readonly UnplacedEntries[];
  /** Labels whose former content had to stand in for what they point to. */
  readonly brokenLabels: readonly { readonly repository: string; readonly label: string }[];
  /** Keys and sources of values that this thread could not decrypt, each told once. */
  readonly undecryptable: readonly string[];
}

export interface ResolveResult extends CompileFindings {
  readonly segment: SharedArrayBuffer;
  readonly pending: readonly PendingEntry[];
}

/** Make the next epoch: all entries of `segments`, re-rendered where `changes` concern them, without what nobody asks for. */
export interface PublishTask {
  readonly content: ContentSnapshot;
  /** Of the epoch in use, base first; a later entry replaces an earlier one of the same key and variant. */
  readonly segments: readonly SharedArrayBuffer[];
  /** To be overwritten by the new segment, if it fits. */
  readonly memory: SharedArrayBuffer | null;
  readonly changes: readonly LabelChange[];
  /** Repositories of an epoch from disk whose source has not been readable yet: answers made from them stay. */
  readonly unconfirmed: ReadonlySet<string>;
  /** Entries last asked for before this second are dropped. */
  readonly keepSinceSeconds: number;
  readonly entriesMax: number;
  /** Of all bodies. */
  readonly bytesMax: number;
}

export interface PublishResult extends CompileFindings {
  readonly segment: SharedArrayBuffer;
  readonly entries: number;
  readonly rendered: number;
  readonly patched: number;
  readonly carried: number;
  readonly evicted: number;
  /** Of the merged entries whose content changed. */
  readonly changes: readonly EntryChange[];
}

/** Texts to encrypt or decrypt; the answers come in the same order. */
export interface EncryptionTask {
  readonly questions: readonly EncryptionQuestion[];
}

export interface EncryptionResult {
  readonly answers: readonly EncryptionAnswer[];
}

export interface ExplainTask {
  readonly content: ContentSnapshot;
  readonly request: ConfigRequest & { readonly kind: 'environment' };
}

export type ExplainResult =
  | { readonly kind: 'explained'; readonly body: string }
  | { readonly kind: 'pending'; readonly repository: string; readonly label: string }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };
