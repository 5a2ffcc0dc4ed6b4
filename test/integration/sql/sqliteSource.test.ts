// A table of an SQLite file as a source: which rows count, how changes are noticed, and what goes wrong.
import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'libsql';
import t, { type Test } from 'tap';
import { openSql } from '../../../src/control/sources/sql/openSql.ts';
import type { SqlColumns } from '../../../src/control/sources/sql/sqlAccess.ts';
import { defaultTreeLimits } from '../../../src/control/sources/treeLimits.ts';
import { sqlTriplesLabel } from '../../../src/core/resolve/sqlTriple.ts';
import { openTree } from '../../../src/snapshot/treeImage.ts';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';
import { defaultColumns, SqlWorld } from '../../fixtures/sql/sqlWorld.ts';
import { tableOf } from '../../fixtures/sql/tableOf.ts';

function inWorld(title: string, check: (test: Test, world: SqlWorld) => Promise<void>): void {
  void t.test(title, async (test) => {
    const world = await SqlWorld.openFile();
    test.teardown(() => world.close());
    await check(test, world);
  });
}

inWorld('rows become one entry per application, profile and label, keys in order, whatever is in them', async (t, world) => {
  await world.setRows([
    ['orders', 'prod', 'master', 'b', '2'],
    ['orders', 'prod', 'master', 'a', '1'],
    ['orders', null, 'master', 'list[10]', 'x'],
    ['orders', '', 'feature/x', 'k', ''],
    ['Orders', null, 'master', 'k', 'capital'],
    ['orders ', null, 'master', 'k', 'blank'],
    ['ünï/%', '\u{1f600}', 'a b', 'schlüssel', 'wert\n"\''],
  ]);
  const source = world.source();
  t.same(await tableOf(source), {
    'master/orders/prod.rows': [
      ['a', '1'],
      ['b', '2'],
    ],
    'master/orders.rows': [['list[10]', 'x']],
    'feature%2Fx/orders/.rows': [['k', '']],
    'master/Orders.rows': [['k', 'capital']],
    'master/orders .rows': [['k', 'blank']],
    'a b/ünï%2F%25/\u{1f600}.rows': [['schlüssel', 'wert\n"\'']],
  });
  t.same(source.status().notices, []);
});

inWorld('rows with NULLs are left out and told of; a repeated key has its later value and is told of', async (t, world) => {
  await world.execute('drop table PROPERTIES');
  await world.execute('create table PROPERTIES(APPLICATION, PROFILE, LABEL, "KEY", "VALUE")');
  await world.setRows([
    ['a', null, 'master', 'x', 'first'],
    ['a', null, 'master', 'y', null],
    ['a', null, 'master', null, 'z'],
    ['a', null, 'master', 'x', 'second'],
    [null, null, 'master', 'k', 'v'],
    ['a', null, null, 'k', 'v'],
    ['b', null, 'master', 'k', null],
  ]);
  const source = world.source();
  const table = await tableOf(source);
  t.same(table, {
    'master/a.rows': [
      ['x', 'first'],
      ['x', 'second'],
    ],
  });
  t.match(source.status().notices, [/5 rows without application, label, key or value are left out/, /1 rows repeat a key/]);
});

inWorld('values of other types are read as text', async (t, world) => {
  await world.execute('drop table PROPERTIES');
  await world.execute('create table PROPERTIES(APPLICATION, PROFILE, LABEL, "KEY", "VALUE")');
  await world.execute(
    `insert into PROPERTIES values ('a', 1, 2, 'int', 9007199254740993), ('a', 1, 2, 'real', 1.5), ('a', 1, 2, 'blob', x'414243'), ('a', 1, 2, 3, 4)`,
  );
  t.same(await tableOf(world.source()), {
    '2/a/1.rows': [
      ['3', '4'],
      ['blob', 'ABC'],
      ['int', '9007199254740993'],
      ['real', '1.5'],
    ],
  });
});

inWorld('a view with columns of other names is read as well', async (t, world) => {
  await world.setRows([['a', 'p', 'master', 'k', 'v']]);
  await world.execute(
    `create view "my config" as select APPLICATION as app, PROFILE as "the ""profile""", 'main' as branch, "KEY" as k, "VALUE" as v from PROPERTIES`,
  );
  const columns: SqlColumns = { application: 'app', profile: 'the "profile"', label: 'branch', key: 'k', value: 'v' };
  t.same(await tableOf(world.source({ content: { kind: 'table', table: 'my config', columns } })), { 'main/a/p.rows': [['k', 'v']] });
  const wrong = world.source({ content: { kind: 'table', table: 'my config', columns: defaultColumns } });
  await wrong.open();
  t.match(wrong.status(), { health: 'failed', lastError: { code: 'SOURCE_STATEMENT', message: /APPLICATION/ } });
});

inWorld('a missing file, a missing table and a file that is no database are told apart, and become content when they are mended', async (t, world) => {
  const { path } = world.access as { readonly path: string };
  const elsewhere = join(world.folder, 'other.db');
  const source = world.source({ access: { engine: 'sqlite', path: elsewhere, connectTimeoutMs: 1_000, statementTimeoutMs: 500 } });
  await source.open();
  t.match(source.status(), { health: 'failed', lastError: { code: 'SOURCE_UNREADABLE', message: /other\.db.*migrate makes the file/ } });
  t.match(await source.resolve(''), { kind: 'unavailable', reason: /other\.db/ });
  writeFileSync(elsewhere, 'this is no database, but long enough to be taken for the header of one '.repeat(50));
  t.match((await source.poll()).problem, { code: 'SOURCE_UNREADABLE', message: /not a database/ });
  rmSync(elsewhere);
  new Database(elsewhere).exec('create table x(y)');
  t.match((await source.poll()).problem, { code: 'SOURCE_STATEMENT', message: /no such table: PROPERTIES; vortex-server migrate/ });
  await world.setRows([['a', null, 'master', 'k', 'v']]);
  await world.execute('pragma wal_checkpoint(truncate)');
  copyFileSync(path, elsewhere);
  t.match(await source.poll(), { problem: null, movedLabels: [''] });
  t.same(await tableOf(source), { 'master/a.rows': [['k', 'v']] });
  t.match(source.status(), { health: 'ok', lastError: null });
});

inWorld('another file in the place of the one that is read is seen at the next poll', async (t, world) => {
  await world.setRows([['a', null, 'master', 'k', 'old']]);
  const { path } = world.access as { readonly path: string };
  const source = world.source();
  await tableOf(source);
  const next = new Database(join(world.folder, 'next.db'));
  next.exec(`create table PROPERTIES(APPLICATION, PROFILE, LABEL, "KEY", "VALUE"); insert into PROPERTIES values ('a', null, 'master', 'k', 'new')`);
  next.close();
  await world.database.close();
  for (const suffix of ['-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
  renameSync(join(world.folder, 'next.db'), path);
  t.same(await source.poll(), { problem: null, movedLabels: [''] });
  t.same(await tableOf(source), { 'master/a.rows': [['k', 'new']] });
});

for (const mode of ['wal', 'delete']) {
  inWorld(`a change by another connection is hinted at, and rest causes no polls (journal mode ${mode})`, async (t, world) => {
    await world.execute(`pragma journal_mode = ${mode}`);
    await world.setRows([['a', null, 'master', 'k', 'old']]);
    const source = world.source();
    let hints = 0;
    source.onHint(() => (hints += 1));
    await tableOf(source);
    await source.poll();
    await sleep(300);
    hints = 0;
    for (let poll = 0; poll < 5; poll += 1) t.same(await source.poll(), { problem: null, movedLabels: [] });
    await sleep(300);
    t.equal(hints, 0, 'reading is no change');
    await world.setRows([['a', null, 'master', 'k', 'new']]);
    await eventually(
      'the hint',
      () => hints,
      (count) => count > 0,
    );
    t.same(await source.poll(), { problem: null, movedLabels: [''] });
  });
}

inWorld('a writer that holds the file for too long fails the poll, and the content stays', async (t, world) => {
  await world.execute('pragma journal_mode = delete');
  await world.setRows([['a', null, 'master', 'k', 'v']]);
  const source = world.source({ access: { ...world.access, statementTimeoutMs: 100 } });
  const before = await tableOf(source);
  const writer = new Database((world.access as { readonly path: string }).path);
  writer.exec(`begin exclusive; update PROPERTIES set "VALUE" = 'w'`);
  t.match((await source.poll()).problem, { code: 'SOURCE_UNREADABLE', message: /locked/ });
  t.same(await tableOf(source), before);
  writer.exec('commit');
  writer.close();
  t.same(await source.poll(), { problem: null, movedLabels: [''] });
});

inWorld('a table beyond the limits is refused before it is read, and the last good content stays', async (t, world) => {
  await world.setRows([['a', null, 'master', 'k', 'v']]);
  const source = world.source({ limits: { ...defaultTreeLimits, filesMax: 2, treeBytesMax: 50 } });
  const before = await tableOf(source);
  await world.setRows(['a', 'b', 'c'].map((name) => [name, null, 'master', 'k', 'v']));
  t.match((await source.poll()).problem, { code: 'LIMIT_EXCEEDED', message: /PROPERTIES has more than 2 files/ });
  await world.setRows([['a', null, 'master', 'k', 'x'.repeat(60)]]);
  t.match((await source.poll()).problem, { code: 'LIMIT_EXCEEDED', message: /more than 50 bytes/ });
  t.same(await tableOf(source), before);
});

inWorld('the last good table is on disk: a source opens with it while the database is away', async (t, world) => {
  await world.setRows([['a', null, 'master', 'k', 'v']]);
  const file = join(world.folder, 'storage/sql/copy.bin');
  const first = world.source({ file });
  const table = await tableOf(first);
  await first.close();
  const { path } = world.access as { readonly path: string };
  renameSync(path, `${path}.away`);
  const second = world.source({ file });
  t.same(await tableOf(second), table);
  t.match(second.status(), { health: 'ok', lastError: null });
  t.ok(Date.now() - (second.status().lastSuccessAtMs ?? 0) < 60_000, 'its age is known');
  t.match((await second.poll()).problem, { code: 'SOURCE_UNREADABLE' });
  t.match(second.status().health, 'retrying');
  t.same(await tableOf(second), table);
  await second.close();
  writeFileSync(file, 'damaged');
  const third = world.source({ file });
  await third.open();
  t.equal(third.status().health, 'failed', 'a damaged copy is no content');
});

inWorld('a copy that cannot be written is a notice, not a failure', async (t, world) => {
  const file = join(world.folder, 'is-a-directory');
  mkdirSync(join(file, 'x'), { recursive: true });
  const source = world.source({ file });
  await source.open();
  await eventually(
    'the notice',
    async () => (await source.poll(), source.status()),
    ({ notices }) => /no copy on disk/.test(notices.join()),
  );
  t.equal(source.status().health, 'ok');
});

inWorld('statements are asked for what is wanted, again at each poll, and forgotten when the limit is reached', async (t, world) => {
  await world.setRows([
    ['a', 'p', 'master', 'x', '1'],
    ['a', null, 'master', 'y', '2'],
    ["o'b", 'p', 'master', 'z', '3'],
  ]);
  const withProfile = 'select "KEY", "VALUE" from PROPERTIES where APPLICATION=? and PROFILE=? and LABEL=?';
  const withoutProfile = 'select "KEY", "VALUE", 1 as more from PROPERTIES where APPLICATION=? and PROFILE is null and LABEL=?';
  const source = world.source({ content: { kind: 'statements', withProfile, withoutProfile }, labelsMax: 2 });
  const label = (application: string): string => sqlTriplesLabel(['p', null].map((profile) => ({ application, profile, label: 'master' })));
  t.same(await tableOf(source, label('a')), { 'master/a/p.rows': [['x', '1']], 'master/a.rows': [['y', '2']] });
  t.same(await tableOf(source, label("o'b")), { "master/o'b/p.rows": [['z', '3']] }, 'a quote is a letter like any other');
  t.same(await tableOf(source, label('none')), {});
  t.match(await source.resolve('no triples'), { kind: 'noSuchLabel' });
  t.notOk(source.status().revisions.has(label('a')), 'the first one is forgotten');
  await world.setRows([["o'b", 'p', 'master', 'z', '4']]);
  t.same(await source.poll(), { problem: null, movedLabels: [label("o'b")] });
  t.same(await tableOf(source, label("o'b")), { "master/o'b/p.rows": [['z', '4']] });
});

inWorld('a statement that writes, selects too little or is wrong is refused', async (t, world) => {
  await world.setRows([['a', 'p', 'master', 'x', '1']]);
  const label = sqlTriplesLabel([{ application: 'a', profile: 'p', label: 'master' }]);
  for (const [withProfile, message] of [
    ['select "KEY" from PROPERTIES where APPLICATION=? and PROFILE=? and LABEL=?', /selects 1 column/],
    ['selct ?, ?, ?', /syntax/],
    ['delete from PROPERTIES where APPLICATION=? and PROFILE=? and LABEL=? returning "KEY", "VALUE"', /readonly|read-only|query_only/],
  ] as const) {
    const source = world.source({ content: { kind: 'statements', withProfile, withoutProfile: null } });
    t.match(await source.resolve(label), { kind: 'unavailable', reason: message });
  }
  t.same(Object.keys(await tableOf(world.source())), ['master/a/p.rows']);
});

inWorld('the image of a source is one object until something changes', async (t, world) => {
  await world.setRows([['a', null, 'master', 'k', 'v']]);
  const source = world.source();
  const state = await source.resolve('');
  const revision = state.kind === 'revision' ? state.revision : '';
  const before = await source.tree(revision);
  await world.execute('create table unrelated(x)');
  await source.poll();
  t.equal(await source.tree(revision), before);
  t.equal(openTree(before).revision, revision);
});

inWorld('what has not changed is not read again', async (t, world) => {
  const reader = await openSql(world.access, 'read');
  t.equal(reader.hasChanged?.(), true, 'the first look');
  for (let look = 0; look < 5; look += 1) t.equal(reader.hasChanged?.(), false);
  await world.setRows([['a', null, 'master', 'k', 'v']]);
  t.equal(reader.hasChanged?.(), true);
  t.equal(reader.hasChanged?.(), false);
  await reader.close();
});
