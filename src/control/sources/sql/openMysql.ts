// Opens MySQL and MariaDB with mysql2; statements with parameters are prepared, so that no value becomes SQL text.
import { isIP } from 'node:net';
import { Kysely, MysqlDialect, type MysqlPool } from 'kysely';
import type { Pool, PoolConnection, PoolOptions } from 'mysql2';
import { assert } from '../../../base/assert.ts';
import type { SqlServer } from './sqlAccess.ts';
import type { SqlConnection } from './sqlConnection.ts';

type KyselyConnection = Parameters<Parameters<MysqlPool['getConnection']>[0]>[1];

export async function openMysql(access: SqlServer): Promise<SqlConnection> {
  // The driver would take the certificate of any `localhost` for that of an address: the settings don't let it come so far.
  assert(access.tls?.isVerified !== true || isIP(access.host) === 0, 'the certificate of a MySQL server is checked by name');
  const { createPool } = await import('mysql2');
  const connections = new Set<PoolConnection>();
  const pool = createPool(poolOptions(access));
  pool.on('connection', (connection: PoolConnection) => {
    connections.add(connection);
    connection.once('end', () => connections.delete(connection));
    // The next statement on it fails and says so.
    connection.on('error', () => connections.delete(connection));
    limitStatements(connection, access.statementTimeoutMs);
  });
  const database = new Kysely<unknown>({ dialect: new MysqlDialect({ pool: preparing(pool) }) });
  return {
    engine: 'mysql',
    database,
    listen: null,
    isReplaced: () => false,
    hasChanged: null,
    close: async () => {
      for (const connection of connections) connection.destroy();
      await database.destroy();
    },
  };
}

function poolOptions(access: SqlServer): PoolOptions {
  const { host, port, database, username, password, tls } = access;
  return {
    host,
    port,
    database,
    ...(username === null ? {} : { user: username }),
    ...(password === null ? {} : { password }),
    connectTimeout: access.connectTimeoutMs,
    connectionLimit: access.poolSize,
    charset: 'utf8mb4',
    // every type as text, as upstream reads it
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    jsonStrings: true,
    ...(tls === null
      ? {}
      : { ssl: { rejectUnauthorized: tls.isVerified, verifyIdentity: tls.isVerified, ...(tls.caCertificates === null ? {} : { ca: tls.caCertificates }) } }),
  };
}

/** MySQL counts in milliseconds and MariaDB in seconds, each under a name that the other refuses; the deadline of a read is behind both. */
function limitStatements(connection: PoolConnection, timeoutMs: number): void {
  connection.query(`set session max_statement_time = ${timeoutMs / 1_000}`, (error) => {
    if (error !== null) connection.query(`set session max_execution_time = ${Math.ceil(timeoutMs)}`, () => undefined);
  });
}

/** Kysely calls `query`, which writes values into the text: quoted, but a server without backslash escapes would read them otherwise. */
function preparing(pool: Pool): MysqlPool {
  const wrapped = new WeakMap<PoolConnection, KyselyConnection>();
  return {
    getConnection: (callback) => {
      pool.getConnection((error, connection) => {
        if (error !== null) {
          callback(error, undefined as never);
          return;
        }
        const known = wrapped.get(connection) ?? preparingConnection(connection);
        wrapped.set(connection, known);
        callback(null, known);
      });
    },
    end: (callback) => pool.end(callback),
  };
}

function preparingConnection(connection: PoolConnection): KyselyConnection {
  const query = (sql: string, parameters: unknown[], callback: (error: unknown, result: never) => void): void => {
    const done = (error: unknown, result: unknown): void => callback(error, result as never);
    if (parameters.length === 0) connection.query(sql, done);
    else connection.execute(sql, parameters as string[], done);
  };
  return { query: query as KyselyConnection['query'], release: () => connection.release() };
}
