// Carries out the statements of an operator: once for each application, profile and label that somebody asks for, all in one snapshot.
import { CompiledQuery, type Kysely } from 'kysely';
import type { Row } from '../../../core/formats/parseRows.ts';
import { parseSqlTriplesLabel, sqlTriplePath, type SqlTriple } from '../../../core/resolve/sqlTriple.ts';
import { Failure } from '../../../model/failure.ts';
import { withNumberedParameters } from '../../../settings/sqlStatement.ts';
import { buildTree, type TreeImage } from '../../../snapshot/treeImage.ts';
import { TreeBudget } from '../treeLimits.ts';
import { rowsFile, type RowsFile } from './rowGroups.ts';
import type { SqlStatements } from './sqlAccess.ts';
import type { SqlConnection } from './sqlConnection.ts';
import type { SqlOutcome, SqlTask } from './sqlTask.ts';
import { inSnapshot, revisionOf } from './tableReader.ts';

type Ask = Extract<SqlTask, { readonly kind: 'ask' }>;

/** The images of the labels whose content is not the known one. */
export async function askStatements(connection: SqlConnection, statements: SqlStatements, ask: Ask): Promise<SqlOutcome> {
  const files = await inSnapshot(connection, (database) => answers(connection, database, statements, ask));
  const images = new Map<string, TreeImage>();
  for (const label of ask.labels) {
    const own = [...new Set((parseSqlTriplesLabel(label) ?? []).map(sqlTriplePath))].flatMap((path) => files.get(path) ?? []);
    const revision = revisionOf(own);
    if (ask.known.get(label) === revision) continue;
    const entries = own.map(({ path, blobId, bytes }) => ({ path, blobId, modifiedAtMs: ask.nowMs, bytes: () => bytes }));
    images.set(label, buildTree(null, entries, `${ask.setup.repository} ${revision}`, revision));
  }
  return { kind: 'answers', images };
}

/** By path. What several labels ask for is asked once. */
async function answers(connection: SqlConnection, database: Kysely<unknown>, statements: SqlStatements, ask: Ask): Promise<ReadonlyMap<string, RowsFile>> {
  const budget = new TreeBudget(ask.setup.limits, 'what the statements answer');
  const files = new Map<string, RowsFile>();
  const asked = new Set<string>();
  for (const triple of ask.labels.flatMap((label) => parseSqlTriplesLabel(label) ?? [])) {
    const path = sqlTriplePath(triple);
    const query = asked.has(path) ? null : queryOf(connection, statements, triple);
    asked.add(path);
    if (query === null) continue;
    const { rows } = await database.executeQuery<object>(query);
    const kept = rows.flatMap(rowOf);
    if (kept.length === 0) continue;
    const file = rowsFile(path, kept);
    budget.addFile(path, file.bytes.length);
    files.set(path, file);
  }
  return files;
}

function queryOf({ engine }: SqlConnection, { withProfile, withoutProfile }: SqlStatements, { application, profile, label }: SqlTriple): CompiledQuery | null {
  const statement = profile === null ? withoutProfile : withProfile;
  if (statement === null) return null;
  const parameters = profile === null ? [application, label] : [application, profile, label];
  return CompiledQuery.raw(engine === 'postgres' ? withNumberedParameters(statement) : statement, parameters);
}

/** By position, whatever the columns are called; values that are NULL are none. (compatibility document 6.3) */
function rowOf(row: object): readonly Row[] {
  const values = Object.values(row) as readonly unknown[];
  if (values.length < 2)
    throw new Failure('SOURCE_STATEMENT', `the statement selects ${values.length} column; it must select a key and a value, under different names`);
  const [key, value] = values.map(textOf);
  return key === null || key === undefined || value === null || value === undefined ? [] : [[key, value]];
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : `${value as string | number | bigint | boolean}`;
}
