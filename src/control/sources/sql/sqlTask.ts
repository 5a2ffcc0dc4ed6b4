// What the primary asks of the SQL thread, and what comes back: plain data, failures included.
import type { TreeImage } from '../../../snapshot/treeImage.ts';
import type { SourceProblem } from '../source.ts';
import type { TreeLimits } from '../treeLimits.ts';
import type { SqlAccess, SqlContent, SqlTable } from './sqlAccess.ts';

export interface SqlSetup {
  readonly repository: string;
  readonly access: SqlAccess;
  readonly content: SqlContent;
  readonly limits: TreeLimits;
  /** Where the last good table is kept; null: nowhere. */
  readonly file: string | null;
}

export type SqlTask =
  /** The table that an earlier process left on disk. */
  | { readonly kind: 'load'; readonly setup: SqlSetup }
  /** `previous`: what is served now. */
  | { readonly kind: 'readTable'; readonly setup: SqlSetup; readonly previous: TreeImage | null; readonly nowMs: number }
  /** Carries out the statements for all that these labels ask for. `known`: revision of each that is served now. */
  | { readonly kind: 'ask'; readonly setup: SqlSetup; readonly labels: readonly string[]; readonly known: ReadonlyMap<string, string>; readonly nowMs: number }
  /** Ends when the database says that something changed, or can't say so any more. */
  | { readonly kind: 'watch'; readonly repository: string }
  /** Makes the table, or gives the statements that would. */
  | { readonly kind: 'migrate'; readonly access: SqlAccess; readonly table: SqlTable; readonly isDryRun: boolean }
  | { readonly kind: 'close'; readonly repository: string };

export type SqlOutcome =
  | { readonly kind: 'loaded'; readonly image: TreeImage | null; readonly confirmedAtMs: number | null }
  /** `image` null: what was given is what is there. */
  | { readonly kind: 'table'; readonly image: TreeImage | null; readonly notices: readonly string[] }
  /** Of the labels that have moved. */
  | { readonly kind: 'answers'; readonly images: ReadonlyMap<string, TreeImage> }
  /** What to print. */
  | { readonly kind: 'migrated'; readonly lines: readonly string[] }
  | { readonly kind: 'changed' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly problem: SourceProblem };
