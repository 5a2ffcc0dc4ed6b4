// What the primary asks of the Git thread, and what comes back: plain data, failures included.
import type { TreeImage } from '../../../snapshot/treeImage.ts';
import type { SourceProblem } from '../source.ts';
import type { TreeLimits } from '../treeLimits.ts';
import type { GitAccess } from './uploadPackTransport.ts';

/** Where a repository is on disk: a mirror of ours, or somebody's repository that is read in place. */
export type GitPlace =
  | { readonly kind: 'mirror'; readonly directory: string }
  | { readonly kind: 'local'; readonly directory: string; readonly isFileUri: boolean };

export interface FetchLimits {
  /** One fetch as a whole; the first one, or a rebuild, has ten times as long. */
  readonly timeoutMs: number;
  readonly packBytesMax: number;
  readonly objectBytesMax: number;
  /** Packs of a mirror; above, they are merged. */
  readonly packsMax: number;
}

interface TaskBase {
  readonly place: GitPlace;
  readonly objectBytesMax: number;
}

export type GitTask =
  /** Verifies what is on disk and reads its refs. */
  | (TaskBase & { readonly kind: 'open'; readonly nowMs: number })
  /** Mirror: fetches, or makes the mirror when there is none or `isRebuild`. Local: reads the refs again. */
  | (TaskBase & {
      readonly kind: 'fetch';
      readonly uri: string;
      readonly access: GitAccess;
      readonly limits: FetchLimits;
      readonly isRebuild: boolean;
      readonly nowMs: number;
    })
  /** A commit by id, by the beginning of its id, or by the id of a tag of it. */
  | (TaskBase & { readonly kind: 'find'; readonly id: string })
  | (TaskBase & {
      readonly kind: 'tree';
      readonly repository: string;
      readonly commit: string;
      readonly previous: TreeImage | null;
      readonly limits: TreeLimits;
    })
  /** Lets go of the files. */
  | (TaskBase & { readonly kind: 'close' });

/** Full name to the id of what it names, tags peeled; `HEAD` among them. */
export type GitRefs = ReadonlyMap<string, string>;

export type GitOutcome =
  | { readonly kind: 'refs'; readonly refs: GitRefs; readonly confirmedAtMs: number | null }
  /** There is no mirror yet. */
  | { readonly kind: 'absent' }
  /** A local directory that is no repository. */
  | { readonly kind: 'noRepository'; readonly problem: string; readonly isMissing: boolean }
  | { readonly kind: 'found'; readonly commit: string | null }
  | { readonly kind: 'tree'; readonly image: TreeImage; readonly notices: readonly string[] }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly problem: SourceProblem };
