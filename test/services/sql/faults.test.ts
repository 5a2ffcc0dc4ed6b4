// What goes wrong with a database server, and what a source says and serves meanwhile.
import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import type { Test } from 'tap';
import { sqlTriplesLabel } from '../../../src/core/resolve/sqlTriple.ts';
import type { SqlSource } from '../../../src/control/sources/sql/sqlSource.ts';
import { openSql } from '../../../src/control/sources/sql/openSql.ts';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';
import { tableOf } from '../../fixtures/sql/tableOf.ts';
import { TcpFaults } from '../../fixtures/tcpFaults.ts';
import { type DatabaseServer, password } from './databaseServer.ts';
import { onEachServer } from './eachServer.ts';

const test = await onEachServer(['postgres', 'mariadb']);
const kept = { 'master/a.rows': [['k', 'v']] };
const oneRow = ['a', null, 'master', 'k', 'v'] as const;

async function failsWith(t: Test, source: SqlSource, code: string, message: RegExp): Promise<void> {
  const { problem } = await source.poll();
  t.match(problem, { code, message });
  t.notMatch(problem?.message ?? '', password);
}

/** As the one who may do everything. */
async function administer(server: DatabaseServer, ...statements: readonly string[]): Promise<void> {
  const isPostgres = server.kind === 'postgres';
  const admin = await openSql({ ...server.access(), username: isPostgres ? 'postgres' : 'root', database: isPostgres ? 'config' : 'mysql' }, 'read');
  for (const statement of statements) await sql.raw(statement).execute(admin.database);
  await admin.close();
}

/** A statement that answers what it is asked. */
function echo(server: DatabaseServer): string {
  return server.kind === 'postgres' ? "select 'k' as k, ?::text || ?::text || ?::text as v" : "select 'k' as k, concat(?, ?, ?) as v";
}

async function endConnections(server: DatabaseServer): Promise<void> {
  if (server.kind === 'postgres') return administer(server, `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'reader'`);
  return administer(server, `kill user 'reader'@'%'`);
}

test('a password that was changed: the last good content is served until it is right again', async (t, world, server) => {
  await world.setRows([oneRow]);
  const source = world.source();
  t.same(await tableOf(source), kept);
  const account = server.kind === 'postgres' ? 'role reader password' : "user 'reader'@'%' identified by";
  await administer(server, `alter ${account} 'other'`);
  await endConnections(server);
  // A connection that broke is one failed poll; the next one meets the new password.
  await source.poll();
  await failsWith(t, source, 'SOURCE_UNAUTHORIZED', /password|denied/i);
  t.equal(source.status().health, 'retrying');
  t.same(await tableOf(source), kept);
  await administer(server, `alter ${account} '${password}'`);
  t.equal((await source.poll()).problem, null);
  await world.database.close();
});

test('no right to read the table', async (t, world, server) => {
  await world.setRows([oneRow]);
  const other = server.kind === 'postgres' ? 'role guest login' : "user 'guest'@'%'";
  const secret = server.kind === 'postgres' ? `password '${password}'` : `identified by '${password}'`;
  await administer(server, `create ${other} ${secret}`, ...(server.kind === 'postgres' ? [] : ["grant create on config.* to 'guest'@'%'"]));
  const source = world.source({ access: server.access({ username: 'guest' }) });
  await failsWith(t, source, 'SOURCE_UNAUTHORIZED', /denied/);
});

test('no such user, database, table or column', async (t, world, server) => {
  await failsWith(t, world.source({ access: server.access({ username: 'nobody' }) }), 'SOURCE_UNAUTHORIZED', /nobody/);
  await failsWith(t, world.source({ access: server.access({ username: null, password: null }) }), 'SOURCE_UNAUTHORIZED', /./);
  const noDatabase = world.source({ access: server.access({ database: 'none' }) });
  await failsWith(t, noDatabase, server.kind === 'postgres' ? 'SOURCE_STATEMENT' : 'SOURCE_UNAUTHORIZED', /none/);
  const columns = { application: null, profile: null, label: null, key: 'no_such', value: null };
  await failsWith(t, world.source({ content: { kind: 'table', table: null, columns } }), 'SOURCE_STATEMENT', /no_such/);
  const noTable = world.source({ content: { kind: 'table', table: 'gone', columns: { ...columns, key: null } } });
  await failsWith(t, noTable, 'SOURCE_STATEMENT', /gone.*vortex-server migrate makes the default table/);
});

test('a server that goes and comes back', async (t, world, server) => {
  await world.setRows([oneRow]);
  const source = world.source();
  t.same(await tableOf(source), kept);
  await world.database.close();
  server.signal('SIGKILL');
  await eventually(
    'the outage',
    () => source.poll(),
    ({ problem }) => problem?.code === 'SOURCE_UNREACHABLE',
  );
  t.match(source.status().lastError?.message, /ECONNREFUSED|ECONNRESET|EPIPE|connect|closed|terminated/i);
  t.same(await tableOf(source), kept);
  await server.run();
  await eventually(
    'the server',
    () => source.poll(),
    ({ problem }) => problem === null,
  );
  t.match(source.status(), { health: 'ok', consecutiveFailures: 0, lastError: null });
});

test('a server that does not answer any more: the read ends by its deadline', async (t, world, server) => {
  await world.setRows([oneRow]);
  const proxy = await TcpFaults.before(server.port);
  t.teardown(() => proxy.close());
  const source = world.source({ access: server.access({ port: proxy.port, connectTimeoutMs: 300, statementTimeoutMs: 300 }) });
  t.same(await tableOf(source), kept);
  await proxy.set('hang');
  await failsWith(t, source, 'SOURCE_TIMEOUT', /no answer within 1500 ms/);
  await failsWith(t, source, 'SOURCE_TIMEOUT', /no answer within 1500 ms|timeout|ETIMEDOUT/);
  await proxy.set('none');
  await eventually(
    'the server',
    () => source.poll(),
    ({ problem }) => problem === null,
  );
  t.same(await tableOf(source), kept);
});

test('a statement that takes too long is ended by the server, and one that writes is refused by it', async (t, world, server) => {
  await world.setRows([oneRow]);
  const sleep = server.kind === 'postgres' ? 'pg_sleep(30)' : 'sleep(30)';
  const label = sqlTriplesLabel([{ application: 'a', profile: 'p', label: 'master' }]);
  const access = server.access({ statementTimeoutMs: 500 });
  const ask = (withProfile: string): SqlSource => world.source({ access, content: { kind: 'statements', withProfile, withoutProfile: null } });
  t.match(await ask(`${echo(server)} from (select ${sleep}) as s`).resolve(label), { kind: 'unavailable', reason: /timeout|max_statement_time|interrupted/ });
  const table = world.names.table;
  const writes =
    server.kind === 'postgres'
      ? `delete from ${table} where application = ? or profile = ? or label = ? returning 1, 2`
      : `delete from ${table} where APPLICATION = ? or PROFILE = ? or LABEL = ?`;
  t.match(await ask(writes).resolve(label), { kind: 'unavailable', reason: /read.only/i });
  t.match(await ask(echo(server)).resolve(label), { kind: 'revision' });
  t.same(await tableOf(world.source()), kept);
});

test('a source has no more connections than its pool, however much is asked at once', async (t, world, server) => {
  const source = world.source({
    content: {
      kind: 'statements',
      withProfile: echo(server),
      withoutProfile: null,
    },
  });
  const labels = Array.from({ length: 40 }, (_, index) => sqlTriplesLabel([{ application: `app-${index}`, profile: 'p', label: 'm' }]));
  const count =
    server.kind === 'postgres'
      ? sql<{ n: string }>`select count(*) as n from pg_stat_activity where application_name = 'vortex-config' and usename = 'reader'`
      : sql<{ n: string }>`select count(*) as n from information_schema.processlist where user = 'reader'`;
  const before = Number((await count.execute(world.database.database)).rows[0]?.n);
  const states = await Promise.all(labels.map((label) => source.resolve(label)));
  t.ok(states.every(({ kind }) => kind === 'revision'));
  const during = Number((await count.execute(world.database.database)).rows[0]?.n);
  t.ok(during - before >= 1 && during - before <= 3, `${during - before} connections: two of the pool, one for notifications`);
  await source.close();
  await eventually(
    'the end of the connections',
    async () => Number((await count.execute(world.database.database)).rows[0]?.n),
    (now) => now <= before,
  );
});

test('a connection is encrypted and the server known by its certificate', async (t, world, server) => {
  const caCertificates = readFileSync(server.caFile, 'utf8');
  const isEncrypted =
    server.kind === 'postgres'
      ? "select 'ssl' as k, (ssl::text || ?::text || ?::text || ?::text) as v from pg_stat_ssl where pid = pg_backend_pid()"
      : "select 'ssl', concat(if(variable_value = '', 'false', 'true'), ?, ?, ?) as v from information_schema.session_status where variable_name = 'Ssl_cipher'";
  const label = sqlTriplesLabel([{ application: '', profile: '', label: '' }]);
  const content = { kind: 'statements', withProfile: isEncrypted, withoutProfile: null } as const;
  const own = server.access({ host: 'localhost', tls: { caCertificates, isVerified: true } });
  const isTrue = { '//.rows': [['ssl', 'true']] };
  t.same(await tableOf(world.source({ content, access: own }), label), isTrue);
  t.same(await tableOf(world.source({ content, access: server.access({ tls: { caCertificates: null, isVerified: false } }) }), label), isTrue);
  t.same(await tableOf(world.source({ content }), label), { '//.rows': [['ssl', 'false']] });
  await failsWith(t, world.source({ access: { ...own, tls: { caCertificates: null, isVerified: true } } }), 'SOURCE_HOST_UNTRUSTED', /certificate/i);
  const reload = server.kind === 'postgres' ? 'select pg_reload_conf()' : 'flush ssl';
  server.useCertificate('elsewhere.example');
  await administer(server, reload);
  const stranger = world.source({ access: own });
  const result = await eventually(
    'the other certificate',
    () => stranger.poll(),
    ({ problem }) => problem !== null,
  );
  t.match(result.problem, { code: 'SOURCE_HOST_UNTRUSTED', message: /localhost|altnames/i });
  server.useCertificate('localhost');
  await administer(server, reload);
});
