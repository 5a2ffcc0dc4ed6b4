// What the native source needs to know.
import type { TreeLimits } from '../treeLimits.ts';

export interface NativeSourceOptions {
  /** NativeBackend.repository. */
  readonly repository: string;
  /** As configured: `file:` uris and paths, with placeholders and stars; relative ones start at `workingDirectory`. */
  readonly searchLocations: readonly string[];
  /** Absolute. */
  readonly workingDirectory: string;
  readonly limits: TreeLimits;
  /** Watch the directories for changes; without, only polls see them. */
  readonly isWatching: boolean;
}
