// Opens PostgreSQL with pg: a pool for reads, one more connection for notifications.
import { Socket } from 'node:net';
import { Kysely, PostgresDialect } from 'kysely';
import type { ClientConfig } from 'pg';
import type { SqlServer } from './sqlAccess.ts';
import type { SqlConnection } from './sqlConnection.ts';

/** The trigger that `vortex-server migrate` makes notifies here. */
export const NOTIFY_CHANNEL = 'vortex_config';

/** Polls come every few seconds: a connection is kept from one to the next. */
const idleTimeoutMs = 120_000;

export async function openPostgres(access: SqlServer): Promise<SqlConnection> {
  const { default: pg } = await import('pg');
  const sockets = new Set<Socket>();
  const config = clientConfig(access, sockets);
  const pool = new pg.Pool({ ...config, max: access.poolSize, idleTimeoutMillis: idleTimeoutMs });
  // A connection that breaks fails its statement, or is replaced when it was idle; its event alone would end the thread.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => void client.on('error', () => undefined));
  const database = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  return {
    engine: 'postgres',
    database,
    isReplaced: () => false,
    hasChanged: null,
    listen: async (onChange, onLost) => {
      const client = new pg.Client(config);
      let isLost = false;
      const lose = (): void => {
        if (!isLost) onLost();
        isLost = true;
      };
      client.on('error', lose);
      client.on('end', lose);
      client.on('notification', onChange);
      try {
        await client.connect();
        await client.query(`listen ${NOTIFY_CHANNEL}`);
      } catch (error) {
        isLost = true;
        await client.end();
        throw error;
      }
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await database.destroy();
    },
  };
}

function clientConfig(access: SqlServer, sockets: Set<Socket>): ClientConfig {
  const { host, port, database, username, password, tls } = access;
  return {
    host,
    port,
    database,
    application_name: 'vortex-config',
    connectionTimeoutMillis: access.connectTimeoutMs,
    statement_timeout: access.statementTimeoutMs,
    idle_in_transaction_session_timeout: access.statementTimeoutMs * 2,
    keepAlive: true,
    // every type as the text that the server sends, as upstream reads it
    types: { getTypeParser: () => (value: unknown) => value },
    stream: () => {
      const socket = new Socket();
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return socket;
    },
    ...(username === null ? {} : { user: username }),
    // an empty text keeps pg from looking for a password in files of its own
    password: password ?? '',
    ssl: tls === null ? false : { rejectUnauthorized: tls.isVerified, host, ...(tls.caCertificates === null ? {} : { ca: tls.caCertificates }) },
  };
}
