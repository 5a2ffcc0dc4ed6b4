// Several backends of a running server, one of them down, dying, broken: the answer lives, and what is old says so.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';
import { configuration, failing, health, metric } from '../../fixtures/lifecycle/questions.ts';
import { startServer, type Server } from '../../fixtures/server.ts';
import { testGitLife, type GitLife } from './gitLife.ts';

type Entry = Readonly<Record<string, unknown>>;

interface Composite extends GitLife {
  /** A Git entry at the switched remote. */
  readonly remoteEntry: Entry;
  /** A native entry; its files are written with `write`. */
  readonly nativeEntry: (name: string) => Entry;
  readonly write: (path: string, text: string) => void;
  readonly serve: (entries: readonly Entry[], config?: Readonly<Record<string, unknown>>, waitUntilReady?: boolean) => Promise<Server>;
}

function testComposite(title: string, check: (test: Test, life: Composite) => Promise<void>): void {
  testGitLife(title, async (test, life) => {
    const folder = `${life.storage}-files`;
    test.teardown(() => rmSync(folder, { recursive: true, force: true }));
    await check(test, {
      ...life,
      remoteEntry: { type: 'git', uri: `http://127.0.0.1:${life.network.port}/origin.git`, pollInterval: '1s', maxStaleness: '2s', timeout: '5s' },
      nativeEntry: (name) => ({ type: 'native', searchLocations: [`file:${join(folder, name)}/`], pollInterval: '100ms' }),
      write: (path, text) => {
        const file = join(folder, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      },
      serve: (composite, config = {}, waitUntilReady = true) =>
        startServer(test, { waitUntilReady, settings: { storage: { directory: life.storage }, config, backends: { composite } } }),
    });
  });
}

const unreachable = { lastError: { code: 'SOURCE_UNREACHABLE', message: /ECONNREFUSED/ } };

testComposite('several directories are served in their order, and each change arrives', async (test, { nativeEntry, write, serve }) => {
  write('a/application.yml', 'v: a\nonly-a: 1\n');
  write('b/application.yml', 'v: b\nonly-b: 1\n');
  write('c/application.yml', 'v: c\n');
  const server = await serve([nativeEntry('a'), { ...nativeEntry('b'), order: 5 }, { ...nativeEntry('c'), order: 4 }]);
  test.match(await configuration(server, '/app/default'), { status: 200, value: 'c', version: null, stale: null });
  test.equal((await configuration(server, '/app/default', 'only-a')).value, 1);
  write('b/application.yml', 'v: b\nonly-b: 2\n');
  await eventually(
    'the change',
    () => configuration(server, '/app/default', 'only-b'),
    ({ value }) => value === 2,
  );
  test.equal((await health(server)).httpStatus, 200);
});

testComposite('two Git repositories with patterns and a directory make one answer', async (test, life) => {
  const { fixture, remoteEntry, nativeEntry, write, serve } = life;
  const commit = fixture.push({ 'application.yml': 'v: main\nfrom-main: 1\n' });
  fixture.work.git('branch', 'team');
  fixture.work.git('checkout', '--quiet', 'team');
  const team = fixture.push({ 'application.yml': 'v: team\n' });
  const uri = remoteEntry['uri'];
  write('n/application.yml', 'v: native\nfrom-native: 1\n');
  const second = { ...remoteEntry, defaultLabel: 'none', repos: { team: { uri, pattern: 'team-*', defaultLabel: 'team' }, other: { uri, pattern: '*' } } };
  const server = await serve([second, remoteEntry, nativeEntry('n')]);
  test.match(await configuration(server, '/team-x/default'), { status: 200, value: 'team', revision: new RegExp(`^${team},${commit},[0-9a-f]+$`) });
  test.match(await configuration(server, '/team-x/default', 'from-native'), { value: 1 });
  test.match(await configuration(server, '/app/default'), { status: 200, value: 'main' });
  const sources = (await health(server)).checks.filter(({ kind }) => kind === 'source').map(({ name }) => name.replace(/ .*/, ''));
  test.strictSame(sources.toSorted(), [
    'composite.0.git',
    'composite.0.git.repos.other',
    'composite.0.git.repos.team',
    'composite.1.git',
    'composite.2.native',
  ]);
  const next = fixture.push({ 'application.yml': 'v: newer\n' });
  await eventually(
    'the push to one of the labels',
    () => configuration(server, '/team-x/default'),
    ({ value, revision }) => value === 'newer' && revision?.startsWith(`${next},${commit},`) === true,
  );
});

testComposite('a member that dies later is served from its last good content, and the age of the answer says so', async (test, life) => {
  const { fixture, network, remoteEntry, nativeEntry, write, serve } = life;
  fixture.push({ 'application.yml': 'g: 1\n' });
  write('n/application.yml', 'v: 1\n');
  write('m/application.yml', 'm: 1\n');
  let server = await serve([remoteEntry, nativeEntry('n')]);
  test.match(await configuration(server, '/app/default', 'g'), { status: 200, value: 1, stale: null });
  await network.off();
  await eventually(
    'staleness',
    () => configuration(server, '/app/default', 'g'),
    ({ status, value, stale }) => status === 200 && value === 1 && stale !== null && stale >= 2,
  );
  write('n/application.yml', 'v: 2\n');
  await eventually(
    'the change of the member that lives',
    () => configuration(server, '/app/default'),
    ({ value, stale }) => value === 2 && stale !== null,
  );
  test.match(await configuration(server, '/never-asked/default', 'g'), { status: 200, value: 1 });
  await eventually(
    'the age of an answer made since',
    () => configuration(server, '/never-asked/default'),
    ({ stale }) => stale !== null,
  );
  const during = await health(server);
  test.match(during, { httpStatus: 503, status: 'degraded' });
  test.match(failing(during), [{ kind: 'source', details: { state: 'stale', stale: true, ...unreachable } }]);
  test.equal((await health(server, '/health/ready')).httpStatus, 200);
  test.equal(await metric(server, 'vortex_source_state', { state: 'stale' }), 1);
  test.equal(await metric(server, 'vortex_source_state', { source: 'composite.1.native', state: 'ok' }), 1);

  test.strictSame(await server.stop(), { code: 0, signal: null }, server.output);
  server = await serve([remoteEntry, nativeEntry('n')]);
  test.match(await configuration(server, '/app/default', 'g'), { status: 200, value: 1 });
  write('n/application.yml', 'v: 3\n');
  await eventually(
    'a change after the restart',
    () => configuration(server, '/app/default'),
    ({ value, stale }) => value === 3 && stale !== null,
  );

  fixture.push({ 'application.yml': 'g: 2\n' });
  await network.on();
  await eventually(
    'the commit of the outage',
    () => configuration(server, '/app/default', 'g'),
    ({ value, stale }) => value === 2 && stale === null,
  );
});

testComposite('with the mirror of a dead member gone too, a restart keeps what was served, whatever the others do', async (test, life) => {
  const { fixture, network, storage, remoteEntry, nativeEntry, write, serve } = life;
  fixture.push({ 'application.yml': 'g: 1\n' });
  write('n/application.yml', 'v: 1\n');
  let server = await serve([remoteEntry, nativeEntry('n')]);
  test.match(await configuration(server, '/app/default', 'g'), { status: 200, value: 1 });
  await server.stop();
  rmSync(join(storage, 'git'), { recursive: true });
  await network.off();
  server = await serve([remoteEntry, nativeEntry('n')]);
  test.match(await configuration(server, '/app/default', 'g'), { status: 200, value: 1 });
  write('n/application.yml', 'v: 2\n');
  await eventually(
    'the answer that is held back',
    () => health(server),
    (seen) => failing(seen).some(({ kind, details }) => kind === 'content' && JSON.stringify(details).includes('could not be read since the start')),
  );
  await eventually(
    'its age',
    () => configuration(server, '/app/default', 'g'),
    ({ status, value, stale }) => status === 200 && value === 1 && stale !== null,
  );
  test.equal((await configuration(server, '/cold/default')).status, 404, 'nothing is known of what was not hot');
  test.match(await configuration(server, '/app/default', 'g'), { status: 200, value: 1 }, 'and that changed nothing');
  await network.on();
  await eventually(
    'all content of now',
    () => configuration(server, '/app/default'),
    ({ value, stale }) => value === 2 && stale === null,
  );
  test.match(await configuration(server, '/app/default', 'g'), { value: 1 });
  test.match(await configuration(server, '/cold/default'), { status: 200, value: 2 });
});

testComposite('a member that is down from the start fails the answer or is left out, as upstream has it, until it comes', async (test, life) => {
  const { fixture, network, remoteEntry, nativeEntry, write, serve } = life;
  fixture.push({ 'application.yml': 'g: 1\n' });
  write('n/application.yml', 'v: 1\n');
  await network.off();
  const entries = [remoteEntry, nativeEntry('n')];
  const strict = await serve(entries, {}, false);
  const tolerant = await serve(entries, { failOnCompositeError: false });
  await eventually(
    'the answer of the strict one',
    () => configuration(strict, '/app/default'),
    ({ status }) => status === 404,
  );
  test.match(await health(strict, '/health/ready'), {
    httpStatus: 503,
    checks: [{}, { kind: 'snapshot', details: { waitingFor: [{ state: 'failed', ...unreachable }] } }],
  });
  test.match(await configuration(tolerant, '/app/default'), { status: 200, value: 1 });
  test.match(await configuration(tolerant, '/app/default', 'g'), { value: null });
  test.match(failing(await health(tolerant)), [{ kind: 'source', details: { state: 'failed', ...unreachable } }]);
  await network.on();
  for (const server of [strict, tolerant]) {
    await eventually(
      'the member that came',
      () => configuration(server, '/app/default', 'g'),
      ({ status, value }) => status === 200 && value === 1,
    );
    await eventually(
      'health',
      () => health(server),
      ({ httpStatus }) => httpStatus === 200,
    );
  }
});

testComposite('a broken commit of one member leaves its last good content beside the newest of the others', async (test, life) => {
  const { fixture, remoteEntry, nativeEntry, write, serve } = life;
  let good = fixture.push({ 'application.yml': 'g: 1\n' });
  write('n/application.yml', 'v: 1\n');
  for (const failOnCompositeError of [true, false]) {
    const server = await serve([remoteEntry, nativeEntry('n')], { failOnCompositeError });
    await eventually(
      'the good commit: the mirror may hold an older one',
      () => configuration(server, '/app/default', 'g'),
      ({ value, revision }) => value === 1 && revision?.startsWith(`${good},`) === true,
    );
    fixture.push({ 'application.yml': 'g: [\n' });
    await eventually(
      'the broken commit in health',
      () => health(server),
      (seen) => failing(seen).some(({ kind, details }) => kind === 'content' && JSON.stringify(details).includes('application.yml')),
    );
    write('n/application.yml', `v: ${failOnCompositeError ? 2 : 3}\n`);
    const value = failOnCompositeError ? 2 : 3;
    await eventually(
      'the change of the other member, and the age of the answer',
      () => configuration(server, '/app/default'),
      (seen) => seen.value === value && seen.stale !== null,
    );
    test.match(await configuration(server, '/app/default', 'g'), { status: 200, value: 1, revision: new RegExp(`^${good},`) });
    test.match(await configuration(server, '/never-asked/default', 'g'), { status: 200, value: 1 });
    fixture.push({ 'application.yml': 'g: {\n' });
    write('n/application.yml', 'v: 4\n');
    await eventually(
      'a second broken commit',
      () => configuration(server, '/app/default'),
      (seen) => seen.value === 4,
    );
    test.match(await configuration(server, '/app/default', 'g'), { status: 200, value: 1 });
    test.ok((await metric(server, 'vortex_held_back_entries')) >= 1);
    fixture.push({ 'application.yml': 'g: 1\nfixed: true\n' });
    await eventually(
      'the commit that mends it',
      () => configuration(server, '/app/default', 'fixed'),
      (seen) => seen.value === true && seen.stale === null,
    );
    test.equal(await metric(server, 'vortex_held_back_entries'), 0);
    await server.stop();
    good = fixture.push({ 'application.yml': 'g: 1\n' });
    write('n/application.yml', 'v: 1\n');
  }
});
