// What is read of tables on real servers, how changes are noticed, and what `vortex-server migrate` makes there.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { migrate } from '../../../src/control/sources/sql/migration.ts';
import type { SqlSource } from '../../../src/control/sources/sql/sqlSource.ts';
import { configuration } from '../../fixtures/lifecycle/questions.ts';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';
import { startServer } from '../../fixtures/server.ts';
import { tableOf } from '../../fixtures/sql/tableOf.ts';
import { password, type DatabaseServer } from './databaseServer.ts';
import { onEachServer } from './eachServer.ts';

const test = await onEachServer(['postgres', 'mariadb']);
const onPostgres = await onEachServer(['postgres']);
const program = fileURLToPath(new URL('../../../src/cli.js', import.meta.url));

function command(server: DatabaseServer, ...argv: readonly string[]): Promise<{ readonly status: number | null; readonly output: string }> {
  const environment = {
    PATH: process.env['PATH'] ?? '',
    VORTEX_BACKENDS_SQL_URL: server.url,
    VORTEX_BACKENDS_SQL_USERNAME: 'reader',
    VORTEX_BACKENDS_SQL_PASSWORD: password,
  };
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...argv], { env: environment });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('close', (status) => resolve({ status, output }));
  });
}

async function hintOf(source: SqlSource): Promise<{ count: number }> {
  const hints = { count: 0 };
  source.onHint(() => (hints.count += 1));
  await tableOf(source);
  return hints;
}

test('names are told apart in every letter, whatever the collation of the table', async (t, world, server) => {
  if (server.kind === 'mariadb') {
    await world.execute('drop table PROPERTIES');
    await world.execute(
      'create table PROPERTIES(APPLICATION varchar(50), PROFILE varchar(50), LABEL varchar(50), `KEY` varchar(50), `VALUE` text) collate utf8mb4_general_ci',
    );
  }
  const names = ['orders', 'Orders', 'orders ', 'órders', "o'\\", '\u{1f600}'];
  await world.setRows(names.map((name) => [name, 'p', 'master', 'k', name]));
  const source = world.source();
  const expected = Object.fromEntries(names.map((name) => [`master/${name}/p.rows`, [['k', name]]]));
  t.same(await tableOf(source), expected);
  // one group of several that are equal for the collation
  await world.setRows(names.map((name) => [name, 'p', 'master', 'k', name === 'Orders' ? 'changed' : name]));
  t.same(await source.poll(), { problem: null, movedLabels: [''] });
  t.same(await tableOf(source), { ...expected, 'master/Orders/p.rows': [['k', 'changed']] });
});

test('every change of a row is seen: value, key, profile, order of nothing', async (t, world) => {
  await world.setRows([
    ['a', null, 'master', 'k', 'v'],
    ['a', 'p', 'master', 'k', 'v'],
    ['b', null, 'master', 'x', '1'],
    ['b', null, 'master', 'y', '2'],
  ]);
  const source = world.source();
  await tableOf(source);
  const { table, value, key, profile, application, label } = world.names;
  const column = (name: string): string => (world.access.engine === 'postgres' ? `"${name}"` : `\`${name}\``);
  const changes = [
    `update ${table} set ${column(value)} = 'w' where ${column(profile)} = 'p'`,
    `update ${table} set ${column(value)} = null where ${column(profile)} = 'p'`,
    `update ${table} set ${column(value)} = '' where ${column(profile)} = 'p'`,
    `update ${table} set ${column(value)} = case ${column(key)} when 'x' then '2' else '1' end where ${column(application)} = 'b'`,
    `update ${table} set ${column(key)} = 'kv', ${column(value)} = '' where ${column(profile)} = 'p'`,
    `update ${table} set ${column(profile)} = 'q' where ${column(profile)} = 'p'`,
    `update ${table} set ${column(label)} = 'other' where ${column(profile)} = 'q'`,
    `delete from ${table} where ${column(application)} = 'b' and ${column(key)} = 'x'`,
    `delete from ${table}`,
  ];
  for (const change of changes) {
    await world.execute(change);
    t.same(await source.poll(), { problem: null, movedLabels: [''] }, change);
  }
  t.same(await tableOf(source), {});
});

test('columns of other types are read as text, NULLs are left out', async (t, world, server) => {
  await world.execute(`drop table ${world.names.table}`);
  const isPostgres = server.kind === 'postgres';
  await world.execute(
    isPostgres
      ? 'create table properties(application text, profile int, label date, "KEY" char(5), "VALUE" jsonb)'
      : 'create table PROPERTIES(APPLICATION text, PROFILE int, LABEL date, `KEY` blob, `VALUE` json)',
  );
  await world.setRows([
    ['a', '7', '2026-01-02', 'abcde', '{"x": 1}'],
    ['a', null, '2026-01-02', null, '1'],
    ['a', '7', '2026-01-02', 'nulls', null],
  ]);
  const source = world.source();
  t.same(await tableOf(source), { '2026-01-02/a/7.rows': [['abcde', '{"x": 1}']] });
  t.match(source.status().notices, [/2 rows without/]);
});

test('what one transaction wrote is seen as a whole, or not at all', async (t, world) => {
  const pair = (value: number): readonly (readonly [string, null, string, string, string])[] =>
    ['one', 'two'].map((name) => [name, null, 'master', 'k', String(value)]);
  await world.setRows(pair(0));
  const source = world.source();
  await source.open();
  const ending = { isAsked: false };
  const writing = (async () => {
    for (let value = 1; !ending.isAsked; value += 1) await world.setRows(pair(value));
  })();
  const seen = new Set<string>();
  for (let poll = 0; poll < 60; poll += 1) {
    t.equal((await source.poll()).problem, null);
    const table = await tableOf(source);
    const [one, two] = ['one', 'two'].map((name) => table[`master/${name}.rows`]?.[0]?.[1]);
    if (one !== two || one === undefined) t.fail(`${one} beside ${two}`);
    seen.add(String(one));
  }
  ending.isAsked = true;
  await writing;
  t.ok(seen.size > 1, `${seen.size} states were seen`);
});

test('migrate makes the table once, also when two do it at once, and its dry run can be carried out by hand', async (t, world, server) => {
  await world.execute(`drop table ${world.names.table}`);
  const runs = await Promise.all([command(server, 'migrate'), command(server, 'migrate')]);
  for (const { status, output } of runs) t.equal(status, 0, output);
  await world.setRows([['a', null, 'master', 'k', 'kept']]);
  t.match(await command(server, 'migrate'), { status: 0, output: /the table properties is there, in 127\.0\.0\.1:\d+\/config\n/i });
  t.same(await tableOf(world.source()), { 'master/a.rows': [['k', 'kept']] });
  const { output } = await command(server, 'migrate', '--dry-run');
  for (const statement of output.split(/;\n(?=create|$)/).filter((text) => text !== '')) await world.execute(statement);
});

test('the built server follows a table, and starts without its database', async (t, world, server) => {
  await world.setRows([
    ['hot', null, 'master', 'v', 'one'],
    ['cold', null, 'master', 'v', 'never asked for'],
  ]);
  const interval = server.kind === 'postgres' ? { pollInterval: '1h', maxStaleness: '2h' } : { pollInterval: '200ms', maxStaleness: '1m' };
  const settings = {
    backends: { sql: { url: server.url, username: 'reader', password, connectTimeout: '1s', ...interval } },
    storage: { directory: `${world.folder}/storage` },
  };
  const first = await startServer(t, { settings });
  t.match(await configuration(first, '/hot/default'), { value: 'one', version: null });
  await world.setRows([
    ['hot', null, 'master', 'v', 'two'],
    ['cold', null, 'master', 'v', 'never asked for'],
  ]);
  await eventually(
    'the change',
    () => configuration(first, '/hot/default'),
    ({ value }) => value === 'two',
  );
  await first.stop();
  t.notMatch(first.output, password);
  await world.database.close();
  await server.stop();
  const second = await startServer(t, { settings });
  t.match(await configuration(second, '/hot/default'), { value: 'two' });
  t.match(await configuration(second, '/cold/default'), { value: 'never asked for' });
  await server.run();
});

onPostgres('a change is told at once; a listener that was lost is replaced, and what it missed is found', async (t, world) => {
  await world.setRows([['a', null, 'master', 'k', '1']]);
  const source = world.source();
  const hints = await hintOf(source);
  await sleep(300);
  t.equal(hints.count, 0);
  await world.setRows([['a', null, 'master', 'k', '2']]);
  await eventually(
    'the first hint',
    () => hints.count,
    (count) => count === 1,
  );
  t.same(await source.poll(), { problem: null, movedLabels: [''] });
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%' and pid <> pg_backend_pid()`.execute(world.database.database);
  await eventually(
    'the hint of the loss',
    () => hints.count,
    (count) => count === 2,
  );
  await world.setRows([['a', null, 'master', 'k', '3']]);
  t.same(await source.poll(), { problem: null, movedLabels: [''] });
  await world.execute('truncate properties');
  await eventually(
    'the hint of the new listener',
    () => hints.count,
    (count) => count === 3,
  );
  t.same(await source.poll(), { problem: null, movedLabels: [''] });
});

onPostgres('without the trigger changes are seen by polls', async (t, world) => {
  await world.execute('drop trigger notify_vortex_config on properties');
  await world.setRows([['a', null, 'master', 'k', '1']]);
  const source = world.source();
  const hints = await hintOf(source);
  await world.setRows([['a', null, 'master', 'k', '2']]);
  t.same(await source.poll(), { problem: null, movedLabels: [''] });
  await sleep(200);
  t.equal(hints.count, 0);
});

onPostgres('a change of one application makes the database send its rows alone', async (t, world, server) => {
  await world.setRows(Array.from({ length: 20 }, (_, index) => [`app-${index}`, null, 'master', 'k', 'v']));
  const source = world.source();
  await tableOf(source);
  await world.execute(`update properties set "VALUE" = 'w' where application = 'app-7'`);
  const before = server.log().length;
  t.same(await source.poll(), { problem: null, movedLabels: [''] });
  const statements = server.log().slice(before);
  t.match(statements, /group by/, 'the log has the statements');
  t.match(statements, /where \("application" = \$1 and "profile" is null and "label" = \$2\)/);
  t.equal((await tableOf(source))['master/app-7.rows']?.[0]?.[1], 'w');
});

onPostgres('a table in a schema of its own has its trigger there', async (t, world) => {
  await world.execute('drop schema if exists "Conf" cascade');
  await world.execute('create schema "Conf"');
  const names = { ...world.names, table: 'Conf.Settings' };
  await migrate(world.database.database, 'postgres', names);
  await migrate(world.database.database, 'postgres', names);
  const columns = { application: null, profile: null, label: null, key: null, value: null };
  const source = world.source({ content: { kind: 'table', table: names.table, columns } });
  const hints = await hintOf(source);
  await world.execute(`insert into "Conf"."Settings" values ('a', null, 'master', 'k', 'v')`);
  await eventually(
    'the hint',
    () => hints.count,
    (count) => count > 0,
  );
  await source.poll();
  t.same(await tableOf(source), { 'master/a.rows': [['k', 'v']] });
});
