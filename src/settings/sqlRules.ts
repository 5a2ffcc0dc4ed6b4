// How the options of an SQL backend must fit each other.
import { isIP } from 'node:net';
import type { CompositeEntrySettings } from './options.ts';
import { parameterCount } from './sqlStatement.ts';
import { parseSqlUrl } from './sqlUrl.ts';

export type SqlSettings = Extract<CompositeEntrySettings, { readonly type: 'sql' }>;

/** Names of options below the backend, and what is wrong with them. */
export function sqlRules(backend: SqlSettings): readonly { readonly fields: readonly string[]; readonly message: string }[] {
  const { sql, sqlWithoutProfile, tls } = backend;
  const address = parseSqlUrl(backend.url);
  const tableFields = ['table', 'applicationColumn', 'profileColumn', 'labelColumn', 'keyColumn', 'valueColumn'] as const;
  const setTableFields = tableFields.filter((field) => backend[field] !== null);
  const isFile = typeof address !== 'string' && address.engine === 'sqlite';
  const isMysqlByAddress = typeof address !== 'string' && address.engine === 'mysql' && isIP(address.host) !== 0;
  return [
    { isBroken: typeof address === 'string', fields: ['url'], message: typeof address === 'string' ? address : '' },
    { isBroken: isFile && (backend.username !== null || backend.password !== null), fields: ['username', 'password'], message: 'an SQLite file has no users' },
    { isBroken: isFile && tls, fields: ['tls'], message: 'an SQLite file needs no connection' },
    {
      isBroken: tls && !backend.skipSslValidation && isMysqlByAddress,
      fields: ['url', 'tls'],
      message: 'the certificate of a MySQL or MariaDB server is checked by name: write its host name, not its address',
    },
    { isBroken: backend.username === null && backend.password !== null, fields: ['password', 'username'], message: 'password needs a username' },
    { isBroken: !tls && backend.caFile !== null, fields: ['caFile', 'tls'], message: 'caFile needs tls' },
    { isBroken: !tls && backend.skipSslValidation, fields: ['skipSslValidation', 'tls'], message: 'skipSslValidation needs tls' },
    {
      isBroken: backend.caFile !== null && backend.skipSslValidation,
      fields: ['skipSslValidation', 'caFile'],
      message: 'skipSslValidation makes caFile useless; set one of them',
    },
    { isBroken: sql === null && sqlWithoutProfile !== null, fields: ['sqlWithoutProfile', 'sql'], message: 'sqlWithoutProfile needs sql' },
    {
      isBroken: sql !== null && setTableFields.length > 0,
      fields: ['sql', ...setTableFields],
      message: `sql is read instead of a table; ${setTableFields.join(', ')} would mean nothing`,
    },
    { isBroken: sql !== null && parameterCount(sql) !== 3, fields: ['sql'], message: 'it needs three ?, for application, profile and label' },
    {
      isBroken: sqlWithoutProfile !== null && parameterCount(sqlWithoutProfile) !== 2,
      fields: ['sqlWithoutProfile'],
      message: 'it needs two ?, for application and label',
    },
  ].filter(({ isBroken }) => isBroken);
}
