// From rows of a table to files of a tree: one per application, profile and label, its keys sorted.
import { createHash } from 'node:crypto';
import { formatRows, type Row } from '../../../core/formats/parseRows.ts';
import { sqlTriplePath } from '../../../core/resolve/sqlTriple.ts';
import type { GroupKey, TableRow } from './tableQueries.ts';

export interface RowsFile {
  readonly path: string;
  readonly blobId: string;
  readonly bytes: Uint8Array;
}

export interface RowGroup {
  /** null when no row of the group can be served. */
  readonly file: RowsFile | null;
  /** Rows without application, label, key or value. A value that is NULL is none for a Spring client either. */
  readonly leftOut: number;
  /** Rows whose key occurred before in the group. */
  readonly repeated: number;
}

/** Distinct for distinct groups. */
export function groupName({ application, profile, label }: GroupKey): string {
  return JSON.stringify([application, profile, label]);
}

/** By group name. */
export function groupRows(rows: readonly TableRow[]): Map<string, RowGroup> {
  const byGroup = new Map<string, TableRow[]>();
  for (const row of rows) {
    const name = groupName(row);
    const known = byGroup.get(name);
    if (known === undefined) byGroup.set(name, [row]);
    else known.push(row);
  }
  return new Map([...byGroup].map(([name, members]) => [name, groupOf(members)]));
}

function groupOf(rows: readonly TableRow[]): RowGroup {
  const { application, profile, label } = rows[0]!;
  const kept = rows.flatMap(({ key, value }): readonly Row[] => (key === null || value === null ? [] : [[key, value]]));
  if (application === null || label === null || kept.length === 0) return { file: null, leftOut: rows.length, repeated: 0 };
  const repeated = kept.length - new Set(kept.map(([key]) => key)).size;
  return { file: rowsFile(sqlTriplePath({ application, profile, label }), sortedByKey(kept)), leftOut: rows.length - kept.length, repeated };
}

export function rowsFile(path: string, rows: readonly Row[]): RowsFile {
  const bytes = formatRows(rows);
  return { path, bytes, blobId: createHash('sha256').update(bytes).digest('hex').slice(0, 40) };
}

/**
 * The order of rows is the database's affair and may differ from one read, and one replica, to the next; answers and their entity
 * tags must not. Rows of one key stay in their order: the later one counts. (compatibility document 6.3)
 */
function sortedByKey(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
