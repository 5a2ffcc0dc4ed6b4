// The contract of every source of configuration: what a label points to, the tree of a revision, and how the source is doing.
import type { ErrorCode } from '../../model/errorCodes.ts';
import type { TreeImage } from '../../snapshot/treeImage.ts';

/**
 * - revision: the label exists; `tree` gives its content.
 * - noSuchLabel: the source is known, the label is not.
 * - unavailable: the source was never reached, nothing is on disk.
 * - broken: local state that is no repository.
 */
export type LabelState =
  | { readonly kind: 'revision'; readonly revision: string }
  | { readonly kind: 'noSuchLabel' }
  | { readonly kind: 'unavailable'; readonly reason: string }
  | { readonly kind: 'broken'; readonly reason: string };

/**
 * - opening: `open` has not finished.
 * - ok: the newest poll succeeded, or the content comes from disk and no poll has run yet.
 * - retrying: the newest poll failed, the last good content is served.
 * - failed: nothing could be read so far.
 */
export type SourceHealth = 'opening' | 'ok' | 'retrying' | 'failed';

export interface SourceProblem {
  readonly code: ErrorCode;
  /** Holds no credentials. */
  readonly message: string;
}

export interface SourceStatus {
  readonly health: SourceHealth;
  /** What the labels that were asked for point to; null where the label does not exist. */
  readonly revisions: ReadonlyMap<string, string | null>;
  /** When the content was last confirmed to be the newest, also by an earlier process; null when never. */
  readonly lastSuccessAtMs: number | null;
  readonly lastError: SourceProblem | null;
  readonly consecutiveFailures: number;
  /** What is worth a log line but no failure: skipped links, missing directories. Bounded. */
  readonly notices: readonly string[];
}

export interface PollResult {
  /** null when the poll succeeded. A failed poll leaves everything as it was. */
  readonly problem: SourceProblem | null;
  /** Labels that were asked for and now point to something else; empty when nothing moved. */
  readonly movedLabels: readonly string[];
  /** Set when nothing was tried, because the remote is down and another source tries it: the time after which trying is worth it. */
  readonly retryAfterMs?: number;
}

export interface Source {
  /** Key of ContentView.lookup. */
  readonly repository: string;
  readonly kind: 'native' | 'git' | 's3' | 'sql';
  /**
   * Loads what is on disk; only when nothing usable is there it fetches once. Never rejects because of the world: the
   * outcome is in `status`.
   */
  open(): Promise<void>;
  /** What a label points to, from memory and disk alone. The label is followed from then on. Waits for `open`. */
  resolve(label: string): Promise<LabelState>;
  /** One fetch or scan. Polls do not overlap: a call while one runs gets its result. Never rejects because of the world. */
  poll(): Promise<PollResult>;
  /** The content of a revision that `resolve` gave. Rejects with a Failure (limits, damage). */
  tree(revision: string): Promise<TreeImage>;
  status(): SourceStatus;
  /** Urls under which a hosting service may name it in a webhook: compared only. None where no such service knows it. */
  readonly urls?: readonly string[];
  /** A hash of all that the newest successful poll saw: equal on servers that saw the same. null before; absent where no two servers see the same. */
  remoteState?(): string | null;
  /** Calls the listener when the source suspects a change before the next poll (file events). One listener. */
  onHint(listener: () => void): void;
  close(): Promise<void>;
}
