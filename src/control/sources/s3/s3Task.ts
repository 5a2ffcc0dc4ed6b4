// What the primary asks of the S3 thread, and what comes back: plain data, failures included.
import type { TreeImage } from '../../../snapshot/treeImage.ts';
import type { TaskFailed } from '../sourceThread.ts';
import type { TreeLimits } from '../treeLimits.ts';

/** How a bucket is reached. */
export interface BucketAccess {
  readonly bucket: string;
  readonly region: string | null;
  readonly endpoint: string | null;
  readonly pathStyle: boolean;
  readonly accessKeyId: string | null;
  readonly secretAccessKey: string | null;
  readonly sessionToken: string | null;
}

/** One bucket, or a directory of it, with everything that a task may need: the thread may be a new one. */
export interface BucketPlace {
  readonly repository: string;
  readonly access: BucketAccess;
  /** '' or with a slash at its end. */
  readonly prefix: string;
  /** Where content is kept; null for nowhere. */
  readonly directory: string | null;
  readonly timeoutMs: number;
  readonly limits: TreeLimits;
}

export type S3Task =
  /** Reads what is on disk. */
  | { readonly kind: 'open'; readonly place: BucketPlace }
  /** Lists the bucket and reads what has changed below these labels, '' for everything. */
  | { readonly kind: 'poll'; readonly place: BucketPlace; readonly labels: readonly string[] }
  /** Reads what is below one more label, by the listing at hand. */
  | { readonly kind: 'follow'; readonly place: BucketPlace; readonly label: string }
  /** Waits until what is kept on disk is written, and lets go of the bucket. */
  | { readonly kind: 'close'; readonly repository: string };

export interface BucketContent {
  /** By label; one that nothing in the bucket begins with is missing. */
  readonly trees: ReadonlyMap<string, TreeImage>;
  readonly confirmedAtMs: number;
  readonly notices: readonly string[];
}

export type S3Outcome =
  | { readonly kind: 'content'; readonly content: BucketContent }
  /** Nothing usable is on disk. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'closed' }
  | TaskFailed;
