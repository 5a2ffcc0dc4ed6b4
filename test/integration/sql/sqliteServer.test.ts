// The built server on an SQLite file: migrate, serve, change, lose the file, start without it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import t, { type Test } from 'tap';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';
import { startServer, type Server } from '../../fixtures/server.ts';

const program = fileURLToPath(new URL('../../../src/cli.js', import.meta.url));

/** A database in a directory of its own, made by `vortex-server migrate`. */
function migrated(t: Test): { readonly folder: string; readonly path: string; readonly database: Database.Database } {
  const folder = mkdtempSync(join(tmpdir(), 'vortex-sqlite-server-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'config.db');
  for (const time of ['first', 'second']) {
    const run = command('migrate', `--backends.sql.url=sqlite:${path}`);
    t.equal(run.status, 0, `${time} time: ${run.stderr}`);
  }
  return { folder, path, database: new Database(path) };
}

function command(...argv: readonly string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(process.execPath, [program, ...argv], { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '' } });
}

function insert(database: Database.Database, ...rows: readonly (readonly (string | null)[])[]): void {
  for (const row of rows) database.prepare('insert into PROPERTIES values (?, ?, ?, ?, ?)').run(...row);
}

async function sourcesOf(server: Server, target: string): Promise<unknown> {
  const { status, body } = await server.get(target, { accept: 'application/json' });
  if (status !== 200) return status;
  const { propertySources } = JSON.parse(body.toString()) as { readonly propertySources: readonly { readonly name: string; readonly source: unknown }[] };
  return propertySources.map(({ name, source }) => [name, source]);
}

t.test('a dry run prints the statements and makes no file', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'vortex-sqlite-server-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const url = `--backends.sql.url=sqlite:${join(folder, 'none.db')}`;
  const { status, stdout } = command('migrate', '--dry-run', url);
  t.equal(status, 0);
  t.match(stdout, /create table if not exists "PROPERTIES" \(/);
  new Database(':memory:').exec(stdout);
  t.match(command('--check', url), { status: 69, stderr: /migrate makes the file/ });
  t.match(command('migrate'), { status: 69, stderr: /no SQL backend is set/ });
});

t.test('rows are served, and a change is served without a poll', async (t) => {
  const { path, database } = migrated(t);
  insert(database, ['orders', 'prod', 'master', 'pool.size', '8'], ['application', null, 'master', 'pool.size', '2']);
  const server = await startServer(t, { settings: { backends: { sql: { url: `sqlite:${path}`, pollInterval: '1h', maxStaleness: '2h' } } } });
  t.same(await sourcesOf(server, '/orders/prod'), [
    ['orders-prod', { 'pool.size': '8' }],
    ['application', { 'pool.size': '2' }],
  ]);
  t.match((await server.get('/orders-prod.yml')).body.toString(), /size: '8'/);
  const explained = JSON.parse((await server.manage('GET', '/explain/orders/prod')).body.toString()) as unknown;
  t.match(explained, {
    keys: [{ key: 'pool.size', winner: { source: 'orders-prod', path: 'master/orders/prod.rows', value: '8' }, hidden: [{ value: '2' }] }],
  });
  database.exec(`update PROPERTIES set "VALUE" = '16' where APPLICATION = 'orders'`);
  await eventually(
    'the change',
    () => sourcesOf(server, '/orders/prod'),
    (sources) => JSON.stringify(sources).includes('16'),
  );
});

t.test('a start without the database serves all that was in it, asked for before or not', async (t) => {
  const { path, database } = migrated(t);
  insert(database, ['orders', null, 'master', 'k', 'hot'], ['billing', null, 'master', 'k', 'cold']);
  const backends = { sql: { url: `sqlite:${path}` } };
  const storage = { directory: join(path, '../storage') };
  const first = await startServer(t, { settings: { backends, storage } });
  t.same(await sourcesOf(first, '/orders/default'), [['orders', { k: 'hot' }]]);
  await first.stop();
  database.close();
  renameSync(path, `${path}.away`);
  const second = await startServer(t, { settings: { backends, storage } });
  t.same(await sourcesOf(second, '/orders/default'), [['orders', { k: 'hot' }]]);
  t.same(await sourcesOf(second, '/billing/default'), [['billing', { k: 'cold' }]]);
  await eventually(
    'the problem in health',
    async () => (await second.manage('GET', '/health')).body.toString(),
    (body) => body.includes('SOURCE_UNREADABLE'),
  );
  t.equal((await second.manage('GET', '/health/ready')).status, 200);
  renameSync(`${path}.away`, path);
  const again = new Database(path);
  insert(again, ['orders', 'x', 'master', 'k', 'back']);
  again.close();
  await eventually(
    'the content after the outage',
    () => sourcesOf(second, '/orders/x'),
    (sources) => JSON.stringify(sources).includes('back'),
  );
});

t.test('without a database from the start a server is not ready; requests fail, or it only adds nothing to them', async (t) => {
  const url = `sqlite:${join(tmpdir(), 'vortex-never-there', 'config.db')}`;
  const strict = await startServer(t, { waitUntilReady: false, settings: { backends: { sql: { url } } } });
  t.equal((await strict.manage('GET', '/health/ready')).status, 503);
  t.equal(await sourcesOf(strict, '/orders/prod'), 500);
  const lenient = await startServer(t, { waitUntilReady: false, settings: { backends: { sql: { url, failOnError: false } } } });
  t.same(await sourcesOf(lenient, '/orders/prod'), []);
});

t.test('statements of the operator answer what is asked for, follow changes, and their last good answers survive a start without the database', async (t) => {
  const { path, database } = migrated(t);
  database.exec('create table conf(app, env, branch, name, content)');
  database.exec(`insert into conf values ('orders', 'prod', 'main', 'k', 'one'), ('orders', 'default', 'main', 'd', 'base')`);
  const sql = 'select name, content from conf where app = ? and env = ? and branch = ?';
  const settings = {
    storage: { directory: join(path, '../storage') },
    backends: { sql: { url: `sqlite:${path}`, sql, defaultLabel: 'main', pollInterval: '1h', maxStaleness: '2h' } },
  };
  const first = await startServer(t, { settings });
  t.same(await sourcesOf(first, '/orders/prod'), [
    ['orders-prod', { k: 'one' }],
    ['orders-default', { d: 'base' }],
  ]);
  t.same(await sourcesOf(first, `/orders/prod'--`), 400, 'no profile has such a name');
  t.same(await sourcesOf(first, `/o'--/prod`), []);
  database.exec(`update conf set content = 'two' where name = 'k'`);
  await eventually(
    'the change',
    () => sourcesOf(first, '/orders/prod'),
    (sources) => JSON.stringify(sources).includes('two'),
  );
  await first.stop();
  database.close();
  renameSync(path, `${path}.away`);
  const second = await startServer(t, { settings });
  t.same(await sourcesOf(second, '/orders/prod'), [
    ['orders-prod', { k: 'two' }],
    ['orders-default', { d: 'base' }],
  ]);
});

t.test('beside other backends a database has its place by order, and its outage is one of several', async (t) => {
  const { folder, path, database } = migrated(t);
  insert(database, ['orders', null, 'master', 'k', 'rows']);
  const files = { 'orders.properties': 'k=file\n', 'orders/a.txt': 'k is ${k}' };
  const composite = (first: object, second: object): Readonly<Record<string, unknown>> => ({ backends: { composite: [first, second] } });
  const sql = { type: 'sql', url: `sqlite:${path}` };
  const server = await startServer(t, {
    files,
    settings: composite({ type: 'native', searchLocations: ['file:./config/', 'file:./config/{application}/'] }, sql),
  });
  t.same(await sourcesOf(server, '/orders/default'), [
    ['orders', { k: 'rows' }],
    [`file:${server.configDirectory}/orders.properties`, { k: 'file' }],
  ]);
  t.equal((await server.get('/orders/default/master/a.txt')).body.toString(), 'k is rows');
  const tolerant = {
    ...composite({ type: 'native', searchLocations: ['file:./config/'] }, { ...sql, url: `sqlite:${folder}/none.db` }),
    config: { failOnCompositeError: false },
  };
  const without = await startServer(t, { files, settings: tolerant });
  t.same(await sourcesOf(without, '/orders/default'), [[`file:${without.configDirectory}/orders.properties`, { k: 'file' }]]);
});
