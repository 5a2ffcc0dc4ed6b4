// What resolution may see of the sources at one moment: for a repository and a label, a tree or why there is none.
import type { FileTree } from './fileTree.ts';

/**
 * - tree: the label exists, here is its content.
 * - noSuchLabel: the repository is known, the label is not (404).
 * - unavailable: the repository was never reached: clone failure (404 on R1-R6, 500 on R7/R8).
 * - broken: local state that is no repository (500).
 * - pending: not loaded yet; the caller must load it and resolve again.
 */
export type TreeLookup =
  | { readonly kind: 'tree'; readonly tree: FileTree }
  | { readonly kind: 'noSuchLabel' }
  | { readonly kind: 'unavailable'; readonly reason: string }
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'pending' };

export interface ContentView {
  /**
   * `repository` is the key of RepositoryRef (below); `label` is the whole label text of this checkout ('' for native,
   * which has no labels). Never does I/O.
   */
  lookup(repository: string, label: string): TreeLookup;
  /** What the label had before, and nothing was broken in; null where nothing is kept (one backend alone, a label that never moved). */
  former(repository: string, label: string): FileTree | null;
}
