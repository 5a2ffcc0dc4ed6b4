// Opens an SQLite file with libsql, a build of SQLite that brings its addon in the package.
import { statSync } from 'node:fs';
import { Kysely, SqliteDialect } from 'kysely';
import { Failure } from '../../../model/failure.ts';
import type { SqlFile } from './sqlAccess.ts';
import type { SqlConnection } from './sqlConnection.ts';

/** A writer that holds the file for longer fails the read; the next poll tries again. The thread waits meanwhile. */
const busyTimeoutMaxMs = 2_000;

/** `read` makes no file; `migrate` makes one where there is none. */
export async function openSqlite(access: SqlFile, purpose: 'read' | 'migrate'): Promise<SqlConnection> {
  const { default: Database } = await import('libsql');
  const identity = purpose === 'read' ? identityOf(access.path) : '';
  const file = new Database(access.path);
  file.exec(`pragma busy_timeout = ${Math.min(access.statementTimeoutMs, busyTimeoutMaxMs)}`);
  // Readers and a writer do not wait for each other.
  if (purpose === 'migrate') file.exec('pragma journal_mode = wal');
  else file.exec('pragma query_only = on');
  let version = '';
  return {
    engine: 'sqlite',
    database: new Kysely<unknown>({ dialect: new SqliteDialect({ database: file }) }),
    listen: null,
    isReplaced: () => purpose === 'read' && identityOf(access.path) !== identity,
    hasChanged: () => {
      const before = version;
      // the row itself also holds how long it took
      version = String((file.prepare('pragma data_version').get() as { readonly data_version: number }).data_version);
      return version !== before;
    },
    close: () => {
      if (file.open) file.close();
      return Promise.resolve();
    },
  };
}

function identityOf(path: string): string {
  try {
    const { dev, ino } = statSync(path);
    return `${dev} ${ino}`;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure('SOURCE_UNREADABLE', `${reason}; vortex-server migrate makes the file`, { cause: error });
  }
}
