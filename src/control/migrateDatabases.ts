// vortex-server migrate: makes the tables of the SQL backends, or prints how.
import { backendEntries } from '../settings/backendEntries.ts';
import type { Settings } from '../settings/options.ts';
import type { SqlSettings } from '../settings/sqlRules.ts';
import { readSettingsFile } from './readSettingsFile.ts';
import { sqlAccess, sqlContent } from './sources/sql/sqlSetup.ts';
import { SqlThread } from './sources/sql/sqlThread.ts';

export interface MigrationResult {
  /** A line for each table that is there now, or the statements of a dry run. */
  readonly lines: readonly string[];
  /** A line for each that could not be made. */
  readonly problems: readonly string[];
}

/** A dry run connects to nothing and makes nothing. */
export async function migrateDatabases(settings: Settings, isDryRun: boolean): Promise<MigrationResult> {
  const thread = new SqlThread();
  const results: MigrationResult[] = [];
  for (const { path, settings: backend } of backendEntries(settings)) {
    if (backend.type === 'sql') results.push(await migrateDatabase(thread, path.join('.'), backend, isDryRun));
  }
  await thread.close();
  if (results.length === 0) return refusal('no SQL backend is set: backends.sql.url, or an entry of type sql in backends.composite');
  return { lines: results.flatMap(({ lines }) => lines), problems: results.flatMap(({ problems }) => problems) };
}

async function migrateDatabase(thread: SqlThread, path: string, backend: SqlSettings, isDryRun: boolean): Promise<MigrationResult> {
  const table = sqlContent(backend);
  if (table.kind === 'statements') return refusal(`${path}: its statements read tables of your own, there is nothing to make`);
  const access = sqlAccess(backend, backend.caFile === null ? null : readSettingsFile(backend.caFile, `${path}.caFile`));
  const outcome = await thread.run({ kind: 'migrate', access, table, isDryRun });
  if (outcome.kind === 'failed') return refusal(`${path}: ${outcome.problem.message}`);
  return { lines: outcome.kind === 'migrated' ? outcome.lines : [], problems: [] };
}

function refusal(problem: string): MigrationResult {
  return { lines: [], problems: [problem] };
}
