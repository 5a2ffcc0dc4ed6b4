// What happens to the directories of a native source while the server runs.
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { configuration, failing, health, logged, metric } from '../../fixtures/lifecycle/questions.ts';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';
import { cannotDropRights, withoutRightsOfRoot } from '../../fixtures/lifecycle/wrappers.ts';
import { startServer, type Server } from '../../fixtures/server.ts';

t.setTimeout(120_000);

function folderOf(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'vortex-native-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function serves(server: Server, target: string, value: unknown): Promise<unknown> {
  return eventually(
    `${target} is ${String(value)}`,
    () => configuration(server, target),
    (seen) => seen.status === 200 && seen.value === value,
  );
}

t.test('files that are written, changed and removed are seen, by an event and by the scan alike', async (t) => {
  for (const pollInterval of ['1h', '100ms']) {
    const server = await startServer(t, { files: { 'application.yml': 'v: 1\n' }, settings: { backends: { native: { pollInterval, maxStaleness: '2h' } } } });
    await serves(server, '/app/default', 1);
    server.write('app.yml', 'v: 2\n');
    await serves(server, '/app/default', 2);
    server.write('app.yml', 'v: 3\n');
    await serves(server, '/app/default', 3);
    server.write('app-dev.properties', 'v=4\n');
    await serves(server, '/app/dev', '4');
    await serves(server, '/app/default', 3);
    rmSync(join(server.configDirectory, 'app.yml'));
    await serves(server, '/app/default', 1);
    rmSync(join(server.configDirectory, 'application.yml'));
    await serves(server, '/app/default', null);
    t.equal((await health(server)).httpStatus, 200, `poll interval ${pollInterval}`);
    await server.stop();
  }
});

t.test('a volume that is swapped by its link, as Kubernetes does, is seen whole', async (t) => {
  const volume = folderOf(t);
  const write = (generation: number): void => {
    const directory = join(volume, `..generation_${generation}`);
    mkdirSync(directory);
    writeFileSync(join(directory, 'application.yml'), `v: ${generation}\n`);
    writeFileSync(join(directory, 'app.yml'), `w: ${generation}\n`);
    symlinkSync(`..generation_${generation}`, join(volume, '..data_tmp'));
    renameSync(join(volume, '..data_tmp'), join(volume, '..data'));
    if (generation > 1) rmSync(join(volume, `..generation_${generation - 1}`), { recursive: true });
  };
  write(1);
  for (const name of ['application.yml', 'app.yml']) symlinkSync(join('..data', name), join(volume, name));
  const server = await startServer(t, { settings: { backends: { native: { searchLocations: [`file:${volume}/`], pollInterval: '1h', maxStaleness: '2h' } } } });
  await serves(server, '/app/default', 1);
  for (let generation = 2; generation <= 6; generation += 1) {
    write(generation);
    await eventually(
      `generation ${generation}`,
      async () => {
        const answer = await server.get('/app/default');
        const { propertySources } = JSON.parse(answer.body.toString('utf8')) as {
          readonly propertySources: readonly { readonly source: Record<string, unknown> }[];
        };
        const [w, v] = propertySources.map(({ source }) => source['w'] ?? source['v']);
        t.equal(v, w, 'both files are of one generation');
        return v;
      },
      (seen) => seen === generation,
    );
  }
});

t.test('a directory that cannot be read any more is reported, and its last good content stays', { skip: cannotDropRights() }, async (t) => {
  const volume = folderOf(t);
  const directory = join(volume, 'config');
  mkdirSync(directory);
  writeFileSync(join(directory, 'application.yml'), 'v: 1\n');
  const server = await startServer(t, {
    settings: { backends: { native: { searchLocations: [`file:${directory}/`], pollInterval: '100ms', maxStaleness: '1s' } } },
    wrapper: withoutRightsOfRoot(),
  });
  await serves(server, '/app/default', 1);
  chmodSync(directory, 0);
  const unreadable = await eventually(
    'the report',
    () => health(server),
    (body) => failing(body).some(({ kind }) => kind === 'source'),
  );
  t.match(unreadable, { httpStatus: 503, status: 'degraded' });
  t.match(failing(unreadable), [{ kind: 'source', details: { state: /retrying|stale/, lastError: { code: 'SOURCE_UNREADABLE', message: /EACCES/ } } }]);
  await eventually(
    'staleness',
    () => configuration(server, '/app/default'),
    ({ value, stale }) => value === 1 && stale !== null && stale >= 1,
  );
  t.match(await configuration(server, '/cold/default'), { status: 200, value: 1 });
  t.equal((await health(server, '/health/ready')).httpStatus, 200);
  t.match(logged(server, 'a source cannot be read'), [{ level: 'warn', code: 'SOURCE_UNREADABLE' }]);
  chmodSync(directory, 0o755);
  writeFileSync(join(directory, 'application.yml'), 'v: 2\n');
  await eventually(
    'the content of now',
    () => configuration(server, '/app/default'),
    ({ value, stale }) => value === 2 && stale === null,
  );
  await eventually(
    'health',
    () => health(server),
    ({ httpStatus }) => httpStatus === 200,
  );
});

t.test('a directory that is removed serves nothing, as upstream, and serves again when it is back', async (t) => {
  const server = await startServer(t, { files: { 'application.yml': 'v: 1\n', 'sub/x.yml': 'v: 2\n' } });
  await serves(server, '/app/default', 1);
  const aside = `${server.configDirectory}-aside`;
  renameSync(server.configDirectory, aside);
  await serves(server, '/app/default', null);
  t.equal((await health(server, '/health/ready')).httpStatus, 200);
  renameSync(aside, server.configDirectory);
  await serves(server, '/app/default', 1);
  server.write('application.yml', 'v: 3\n');
  await serves(server, '/app/default', 3);
});

t.test('a file that is broken keeps the last good answer of what reads it until it is repaired', async (t) => {
  const server = await startServer(t, { files: { 'application.yml': 'v: 1\n', 'app.properties': 'w=1\n' } });
  await serves(server, '/app/default', 1);
  await serves(server, '/else/default', 1);
  server.write('app.yml', '{"v": 2');
  const held = await eventually(
    'the report',
    () => health(server),
    (body) => failing(body).some(({ kind }) => kind === 'content'),
  );
  t.match(JSON.stringify(failing(held)), /\/app\/default.*CONTENT_INVALID/);
  await serves(server, '/app/default', 1);
  t.equal(await metric(server, 'vortex_held_back_entries'), 1);
  server.write('application.yml', 'v: 5\n');
  await serves(server, '/else/default', 5);
  await serves(server, '/app/default', 1);
  t.equal(await metric(server, 'vortex_held_back_entries'), 1, 'a later change does not forget it');
  server.write('app.yml', 'v: 3\n');
  await serves(server, '/app/default', 3);
  t.equal((await health(server)).httpStatus, 200);
});
