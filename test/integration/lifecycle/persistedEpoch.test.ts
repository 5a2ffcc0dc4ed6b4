// What a server leaves on disk and the next one makes of it: with every source gone, other settings, damage, a full disk.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { configuration, failing, health, logged } from '../../fixtures/lifecycle/questions.ts';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';
import { withFilesOfAtMost } from '../../fixtures/lifecycle/wrappers.ts';
import { startServer } from '../../fixtures/server.ts';
import { testGitLife } from './gitLife.ts';

t.setTimeout(120_000);

const isEpochFile = (name: string): boolean => name.startsWith('epoch-');

testGitLife('with remote and mirror gone a restart serves what was hot at once, with its age, and the rest when the remote is back', async (test, life) => {
  const { fixture, network, storage, start } = life;
  const commit = fixture.push({ 'application.yml': 'v: 1\n' });
  let server = await start();
  await configuration(server, '/app/default');
  await configuration(server, '/flat/default');
  const stoppedAtMs = Date.now();
  test.strictSame(await server.stop(), { code: 0, signal: null }, server.output);
  rmSync(join(storage, 'git'), { recursive: true });
  await network.off();

  server = await start();
  test.match(logged(server, 'serving the epoch on disk until the sources are open'), [{ epoch: Number }]);
  test.match(await configuration(server, '/app/default'), { status: 200, value: 1, revision: commit, version: commit });
  const { stale } = await eventually(
    'staleness',
    () => configuration(server, '/app/default'),
    (seen) => seen.stale !== null,
  );
  const sinceStopSeconds = (Date.now() - stoppedAtMs) / 1_000;
  test.ok(stale! >= sinceStopSeconds - 2 && stale! <= sinceStopSeconds + 4, `stale for ${stale} s, ${sinceStopSeconds} s after the first server was stopped`);
  test.equal((await health(server, '/health/ready')).httpStatus, 200);
  // The first look at the source ends some time after the server serves.
  const body = await eventually(
    'the first look',
    () => health(server),
    (seen) => JSON.stringify(seen).includes('SOURCE_UNREACHABLE'),
  );
  test.match(body, { httpStatus: 503, status: 'degraded' });
  test.match(failing(body), [{ kind: 'source', details: { state: 'failed', ageSeconds: Number, lastError: { code: 'SOURCE_UNREACHABLE' } } }]);
  test.equal((await configuration(server, '/cold/default')).status, 404, 'nothing is known of what was not hot');
  test.match(await configuration(server, '/app/default'), { status: 200, value: 1 }, 'and that changed nothing');

  await network.on();
  fixture.push({ 'application.yml': 'v: 2\n' });
  await eventually(
    'the content of now',
    () => configuration(server, '/app/default'),
    ({ value, stale: age }) => value === 2 && age === null,
  );
  test.match(await configuration(server, '/cold/default'), { status: 200, value: 2 });
});

testGitLife('an epoch made with other settings is not served; settings that change no answer do not matter', async (test, life) => {
  const { fixture, network, storage, start } = life;
  fixture.push({ 'application.yml': 'v: 1\n' });
  let server = await start();
  await configuration(server, '/app/default');
  await server.stop();
  rmSync(join(storage, 'git'), { recursive: true });
  await network.off();
  server = await start({}, { settings: { config: { overrides: { v: 'overridden' } } }, waitUntilReady: false });
  test.match(logged(server, 'no epoch on disk to serve'), [{ reason: String }]);
  await eventually(
    'the source',
    () => health(server),
    (seen) => JSON.stringify(seen).includes('ECONNREFUSED'),
  );
  test.equal((await health(server, '/health/ready')).httpStatus, 503);
  await server.stop();
  server = await start({}, { settings: { cache: { ttlSeconds: 100 }, logging: { level: 'debug' } } });
  test.match(await configuration(server, '/app/default'), { status: 200, value: 1 });
});

testGitLife('a damaged epoch on disk is left aside with a line in the log', async (test, life) => {
  const { fixture, network, storage, start } = life;
  fixture.push({ 'application.yml': 'v: 1\n' });
  const first = await start();
  await configuration(first, '/app/default');
  await first.stop();
  rmSync(join(storage, 'git'), { recursive: true });
  await network.off();
  const [name, ...others] = readdirSync(storage).filter(isEpochFile);
  test.strictSame(others, []);
  const path = join(storage, name!);
  const whole = readFileSync(path);
  const flipped = Buffer.from(whole);
  flipped[whole.length - 20]! ^= 0x40;
  for (const [what, damaged] of [
    ['cut', whole.subarray(0, whole.length >> 1)],
    ['a flipped bit', flipped],
    ['empty', Buffer.alloc(0)],
    ['something else', Buffer.from('{"epoch":1}')],
  ] as const) {
    writeFileSync(path, damaged);
    const server = await start({}, { waitUntilReady: false });
    test.match(logged(server, 'no epoch on disk to serve'), [{ reason: /damaged/ }], what);
    test.equal((await health(server, '/health/live')).httpStatus, 200, what);
    test.equal((await health(server, '/health/ready')).httpStatus, 503, what);
    test.strictSame(await server.stop(), { code: 0, signal: null }, server.output);
  }
});

t.test('a disk without room for the epoch costs nothing but the epoch: the log says so, and nothing is left behind', async (t) => {
  const storage = mkdtempSync(join(tmpdir(), 'vortex-full-'));
  t.teardown(() => rmSync(storage, { recursive: true, force: true }));
  const large = (v: number): string => `v: ${v}\nlarge: ${'x'.repeat(40_000)}\n`;
  const server = await startServer(t, {
    files: { 'application.yml': large(1) },
    settings: { storage: { directory: storage } },
    wrapper: withFilesOfAtMost(16),
  });
  t.match(await configuration(server, '/app/default'), { status: 200, value: 1 });
  for (const v of [2, 3]) {
    server.write('application.yml', large(v));
    await eventually(
      `value ${v}`,
      () => configuration(server, '/app/default'),
      ({ value }) => value === v,
    );
  }
  await eventually(
    'the log line',
    () => logged(server, /^failed: store .*epoch-/),
    (lines) => lines.length > 0,
  );
  t.match(logged(server, /^failed: store /)[0], { level: 'error', error: { message: /EFBIG/ } });
  t.equal((await health(server)).httpStatus, 200);
  t.strictSame(await server.stop(), { code: 0, signal: null }, server.output);
  t.strictSame(
    readdirSync(storage).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

t.test('a storage directory that cannot be made costs nothing but the epoch', async (t) => {
  const server = await startServer(t, { files: { 'application.yml': 'v: 1\n' }, settings: { storage: { directory: '/dev/null/storage' } } });
  t.match(await configuration(server, '/app/default'), { status: 200, value: 1 });
  await eventually(
    'the log line',
    () => logged(server, /^failed: store /),
    (lines) => lines.length > 0,
  );
  t.match(logged(server, /^failed: store /)[0], { error: { message: /ENOTDIR/ } });
  t.equal((await health(server)).httpStatus, 200);
  t.strictSame(await server.stop(), { code: 0, signal: null }, server.output);
});

testGitLife('a disk without room for the mirror: the source says so, and what is there is served on', async (test, life) => {
  const { fixture, start } = life;
  fixture.push({ 'application.yml': 'v: 1\n' });
  const server = await start({}, { wrapper: withFilesOfAtMost(64) });
  test.match(await configuration(server, '/app/default'), { value: 1 });
  const noise = randomBytes(200_000);
  fixture.push({ 'application.yml': 'v: 2\n', 'noise.bin': noise });
  const body = await eventually(
    'the report',
    () => health(server),
    (seen) => failing(seen).some(({ kind }) => kind === 'source'),
  );
  test.match(failing(body), [{ kind: 'source', details: { state: /retrying|stale/, lastError: { message: /EFBIG|file too large/i } } }]);
  test.match(await configuration(server, '/app/default'), { status: 200, value: 1 });
  test.equal((await health(server, '/health/ready')).httpStatus, 200);
  fixture.push({ 'application.yml': 'v: 3\n', 'noise.bin': null });
  test.strictSame(await server.stop(), { code: 0, signal: null }, server.output);
  const after = await start();
  await eventually(
    'the content of now',
    () => configuration(after, '/app/default'),
    ({ value }) => value === 3,
  );
});
