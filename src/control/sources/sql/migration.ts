// The statements that make the table of properties and what tells of its changes. Each may be carried out again and again.
import { sql, type Kysely, type RawBuilder } from 'kysely';
import { NOTIFY_CHANNEL } from './openPostgres.ts';
import { accessText, type SqlAccess, type SqlEngine, type SqlTable } from './sqlAccess.ts';
import { openSql } from './openSql.ts';
import type { SqlConnection } from './sqlConnection.ts';
import { sqlFailure } from './sqlFailure.ts';
import { tableNames, type TableNames } from './tableNames.ts';

/** The same for every process: two that migrate at once wait for each other. */
const lockNumber = 7_065_118;

/** What to print: a line when the table is there, or the statements of a dry run, which connects to nothing. Rejects with a Failure. */
export async function migrateTable(access: SqlAccess, table: SqlTable, isDryRun: boolean): Promise<readonly string[]> {
  const names = tableNames(access.engine, table);
  let connection: SqlConnection | null = null;
  try {
    // other engines connect with the first statement
    connection = await openSql(isDryRun && access.engine === 'sqlite' ? { ...access, path: ':memory:' } : access, 'migrate');
    if (isDryRun) return migrationStatements(connection.database, access.engine, names).map((statement) => `${statement};`);
    await migrate(connection.database, access.engine, names);
    return [`the table ${names.table} is there, in ${accessText(access)}`];
  } catch (error) {
    throw sqlFailure(error, access);
  } finally {
    await connection?.close();
  }
}

/** SQL texts without parameters, in order. */
function migrationStatements(database: Kysely<unknown>, engine: SqlEngine, names: TableNames): readonly string[] {
  return statementsOf(engine, names).map((statement) => statement.compile(database).sql.trim());
}

/** Where the engine can undo them, all or none. */
export async function migrate(database: Kysely<unknown>, engine: SqlEngine, names: TableNames): Promise<void> {
  const statements = statementsOf(engine, names);
  if (engine !== 'postgres') {
    for (const statement of statements) await statement.execute(database);
    return;
  }
  await database.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(lockNumber)})`.execute(transaction);
    for (const statement of statements) await statement.execute(transaction);
  });
}

function statementsOf(engine: SqlEngine, names: TableNames): readonly RawBuilder<unknown>[] {
  switch (engine) {
    case 'postgres':
      return [createTable(names, { name: sql`varchar(255)`, key: sql`varchar(1024)`, value: sql`text` }), createIndex(names), ...notifications(names)];
    case 'mysql':
      return [createTable(names, mysqlTypes, sql`, index ${sql.id(indexName(names))} ${indexColumns(names)}`)];
    case 'sqlite':
      return [createTable(names, { name: sql`varchar`, key: sql`varchar`, value: sql`varchar` }), createIndex(names)];
  }
}

interface ColumnTypes {
  readonly name: RawBuilder<unknown>;
  readonly key: RawBuilder<unknown>;
  readonly value: RawBuilder<unknown>;
}

/** Names are told apart in every letter. An index of three holds 3,072 bytes. */
const mysqlTypes: ColumnTypes = {
  name: sql`varchar(255) character set utf8mb4 collate utf8mb4_bin`,
  key: sql`varchar(1024) character set utf8mb4 collate utf8mb4_bin`,
  value: sql`mediumtext character set utf8mb4`,
};

/** (compatibility document 6.3) */
function createTable({ table, application, profile, label, key, value }: TableNames, types: ColumnTypes, further = sql``): RawBuilder<unknown> {
  return sql`create table if not exists ${sql.table(table)} (
  ${sql.id(application)} ${types.name} not null,
  ${sql.id(profile)} ${types.name},
  ${sql.id(label)} ${types.name} not null,
  ${sql.id(key)} ${types.key} not null,
  ${sql.id(value)} ${types.value}${further}
)`;
}

function createIndex(names: TableNames): RawBuilder<unknown> {
  return sql`create index if not exists ${sql.id(indexName(names))} on ${sql.table(names.table)} ${indexColumns(names)}`;
}

/** For the statements that read one application, profile and label: ours after a change, upstream's always. */
function indexColumns({ application, profile, label }: TableNames): RawBuilder<unknown> {
  return sql`(${sql.id(application)}, ${sql.id(label)}, ${sql.id(profile)})`;
}

/** One message for a statement, and one for all statements of a transaction, when it commits. */
function notifications({ table }: TableNames): readonly RawBuilder<unknown>[] {
  const [name = '', ...schema] = table.split('.').reverse();
  const notifier = sql.id(...schema.reverse(), `${name}_notify_vortex_config`);
  return [
    sql`create or replace function ${notifier}() returns trigger language plpgsql as $$
begin
  notify ${sql.raw(NOTIFY_CHANNEL)};
  return null;
end
$$`,
    sql`create or replace trigger ${sql.id('notify_vortex_config')} after insert or update or delete or truncate on ${sql.table(table)}
  for each statement execute function ${notifier}()`,
  ];
}

function indexName({ table }: TableNames): string {
  return `${table.slice(table.lastIndexOf('.') + 1)}_application_label_profile`.toLowerCase();
}
