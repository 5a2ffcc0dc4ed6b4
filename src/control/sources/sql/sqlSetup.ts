// From the settings of an SQL backend to what its source needs; the only place that reveals the password.
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { Failure } from '../../../model/failure.ts';
import { sqlOrigin } from '../../../settings/resolutionOptions.ts';
import type { SqlSettings } from '../../../settings/sqlRules.ts';
import { parseSqlUrl } from '../../../settings/sqlUrl.ts';
import { readDeadlineMs, type SqlAccess, type SqlContent } from './sqlAccess.ts';

const graceMs = 5_000;

/** `caCertificates`: the text of `caFile`. Throws SETTINGS_INVALID, of which the loader knows more. */
export function sqlAccess(settings: SqlSettings, caCertificates: string | null): SqlAccess {
  const address = parseSqlUrl(settings.url);
  if (typeof address === 'string') throw new Failure('SETTINGS_INVALID', `url: ${address}`);
  const times = { connectTimeoutMs: settings.connectTimeoutMs, statementTimeoutMs: settings.statementTimeoutMs };
  if (address.engine === 'sqlite') return { engine: 'sqlite', path: resolve(address.path), ...times };
  return {
    ...address,
    ...times,
    username: settings.username,
    password: settings.password?.reveal() ?? null,
    tls: settings.tls ? { caCertificates, isVerified: !settings.skipSslValidation } : null,
    poolSize: settings.poolSize,
  };
}

export function sqlContent(settings: SqlSettings): SqlContent {
  if (settings.sql !== null) return { kind: 'statements', withProfile: settings.sql, withoutProfile: settings.sqlWithoutProfile };
  const { applicationColumn, profileColumn, labelColumn, keyColumn, valueColumn } = settings;
  const columns = { application: applicationColumn, profile: profileColumn, label: labelColumn, key: keyColumn, value: valueColumn };
  return { kind: 'table', table: settings.table, columns };
}

/** Where the last good table is kept; statements have no content of their own beside the answers in the epoch. */
export function sqlCopyFile(settings: SqlSettings, storageDirectory: string | null): string | null {
  if (storageDirectory === null || settings.sql !== null) return null;
  const hash = createHash('sha256').update(sqlOrigin(settings)).digest('hex').slice(0, 32);
  return join(storageDirectory, 'sql', `${hash}.bin`);
}

/** The source ends a read by its own deadline; what comes later is a thread that does not answer. */
export function sqlTimes(settings: SqlSettings): Pick<SqlSettings, 'pollIntervalMs' | 'maxStalenessMs' | 'onStale'> & { readonly timeoutMs: number } {
  const { pollIntervalMs, maxStalenessMs, onStale } = settings;
  return { pollIntervalMs, maxStalenessMs, onStale, timeoutMs: readDeadlineMs(settings) + graceMs };
}
