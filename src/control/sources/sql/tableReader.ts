// Reads a table of properties into a tree image, and after that only the groups of rows whose fingerprint has changed.
//
//   one snapshot of the database:  groups and fingerprints ─► which differ? ─► rows of those ─► next image
import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { buildTree, type TreeEntry, type TreeImage } from '../../../snapshot/treeImage.ts';
import { TreeBudget, type TreeLimits } from '../treeLimits.ts';
import { groupName, groupRows, type RowGroup, type RowsFile } from './rowGroups.ts';
import type { SqlConnection } from './sqlConnection.ts';
import { TableQueries, type TableGroup } from './tableQueries.ts';
import type { TableNames } from './tableNames.ts';

/** With more changed groups than this, or most of them, all rows are read: a statement may not grow without end. */
const changedGroupsMax = 200;

interface KnownGroup extends Omit<RowGroup, 'file'> {
  readonly fingerprint: string | null;
  readonly file: Omit<RowsFile, 'bytes'> | null;
  readonly modifiedAtMs: number;
}

export class TableReader {
  private readonly repository: string;
  private readonly names: TableNames;
  private readonly limits: TreeLimits;
  private groups: ReadonlyMap<string, KnownGroup> = new Map();
  private image: TreeImage | null;

  /** `previous`: from disk or an earlier reader; what is in it keeps its bytes. */
  constructor(repository: string, names: TableNames, limits: TreeLimits, previous: TreeImage | null) {
    this.repository = repository;
    this.names = names;
    this.limits = limits;
    this.image = previous;
  }

  /** The image of before when nothing has changed. Throws LIMIT_EXCEEDED and what the driver throws; then everything is as it was before. */
  async read(connection: SqlConnection, nowMs: number): Promise<TreeImage> {
    const queries = new TableQueries(connection.engine, this.names);
    const { found, changed } = await inSnapshot(connection, async (database) => {
      const groups = await queries.groups(database);
      this.checkLimits(groups);
      return { found: groups, changed: await this.readChanged(queries, database, groups) };
    });
    this.groups = new Map(found.map((group) => this.known(group, changed, nowMs)));
    this.image = this.nextImage(changed);
    return this.image;
  }

  private async readChanged(queries: TableQueries, database: Kysely<unknown>, groups: readonly TableGroup[]): Promise<ReadonlyMap<string, RowGroup>> {
    const changed = groups.filter((group) => group.fingerprint === null || this.groups.get(groupName(group))?.fingerprint !== group.fingerprint);
    if (changed.length === 0) return new Map();
    const isFew = changed.length <= changedGroupsMax && changed.length * 2 <= groups.length;
    return groupRows(await queries.rows(database, isFew ? changed : null));
  }

  private checkLimits(groups: readonly TableGroup[]): void {
    const budget = new TreeBudget(this.limits, `the table ${this.names.table}`);
    for (const group of groups) budget.addFile(groupName(group), Number(group.bytes ?? 0));
  }

  private known(group: TableGroup, changed: ReadonlyMap<string, RowGroup>, nowMs: number): readonly [string, KnownGroup] {
    const name = groupName(group);
    const before = this.groups.get(name);
    const read = changed.get(name);
    if (read === undefined && before !== undefined) return [name, { ...before, fingerprint: group.fingerprint }];
    const { file, leftOut, repeated } = read ?? { file: null, leftOut: Number(group.rows), repeated: 0 };
    const isSame = before !== undefined && before.file?.blobId === file?.blobId;
    const modifiedAtMs = isSame ? before.modifiedAtMs : nowMs;
    return [name, { fingerprint: group.fingerprint, leftOut, repeated, modifiedAtMs, file: file === null ? null : { path: file.path, blobId: file.blobId } }];
  }

  private nextImage(changed: ReadonlyMap<string, RowGroup>): TreeImage {
    const entries = [...this.groups].flatMap(([name, { file, modifiedAtMs }]): readonly TreeEntry[] => {
      if (file === null) return [];
      const bytes = (): Uint8Array => {
        const own = changed.get(name)?.file?.bytes;
        if (own === undefined) throw new Error(`assertion failed: ${file.path} was not read and is in no image`);
        return own;
      };
      return [{ ...file, modifiedAtMs, bytes }];
    });
    entries.sort((a, b) => (a.path < b.path ? -1 : 1));
    const revision = revisionOf(entries);
    if (revision === this.image?.revision) return this.image;
    return buildTree(this.image, entries, `${this.repository} ${revision}`, revision);
  }

  /** Of the last read. */
  notices(): readonly string[] {
    let leftOut = 0;
    let repeated = 0;
    for (const group of this.groups.values()) {
      leftOut += group.leftOut;
      repeated += group.repeated;
    }
    const { table } = this.names;
    return [
      ...(leftOut > 0 ? [`${table}: ${leftOut} rows without application, label, key or value are left out`] : []),
      ...(repeated > 0 ? [`${table}: ${repeated} rows repeat a key of the same application, profile and label; the later one counts`] : []),
    ];
  }
}

export function revisionOf(entries: readonly { readonly path: string; readonly blobId: string }[]): string {
  const names = entries.map(({ path, blobId }) => `${blobId} ${path}\0`).join('');
  return createHash('sha256').update(names).digest('hex').slice(0, 40);
}

/** Everything that `work` reads is of one moment, and nothing can be written. */
export function inSnapshot<T>(connection: SqlConnection, work: (database: Kysely<unknown>) => Promise<T>): Promise<T> {
  const transaction = connection.database.transaction();
  if (connection.engine === 'sqlite') return transaction.execute(work);
  return transaction.setIsolationLevel('repeatable read').setAccessMode('read only').execute(work);
}
