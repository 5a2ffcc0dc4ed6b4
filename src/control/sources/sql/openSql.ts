// Opens a database of any engine.
import { openMysql } from './openMysql.ts';
import { openPostgres } from './openPostgres.ts';
import { openSqlite } from './openSqlite.ts';
import type { SqlAccess } from './sqlAccess.ts';
import type { SqlConnection } from './sqlConnection.ts';

/** Rejects with what the driver says. The driver is loaded here and not before. */
export function openSql(access: SqlAccess, purpose: 'read' | 'migrate'): Promise<SqlConnection> {
  if (access.engine === 'sqlite') return openSqlite(access, purpose);
  return access.engine === 'postgres' ? openPostgres(access) : openMysql(access);
}
