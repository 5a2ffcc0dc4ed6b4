// How the server starts, refuses to start, and ends: exit codes and what it says.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { Server } from '../../fixtures/server.ts';

t.setTimeout(120_000);

/** What node does before its first line of JavaScript cannot be part of the start. */
const tellsWhenSignalsAreCaught = new URL('../../fixtures/lifecycle/tellSignals.js', import.meta.url).href;
const program = fileURLToPath(new URL('../../../src/cli.js', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Started {
  readonly folder: string;
  readonly ended: Promise<Ended>;
  /** With `tellsWhenSignalsAreCaught` only. */
  readonly caught: Promise<void>;
  readonly signal: (name: NodeJS.Signals) => void;
}

const quickDrain = { VORTEX_SERVER_DRAIN_PROPAGATION_DELAY: '0s', VORTEX_SERVER_DRAIN_SPREAD: '0s' };
const environment = {
  VORTEX_SERVER_HOST: '127.0.0.1',
  VORTEX_SERVER_PORT: '0',
  VORTEX_MANAGEMENT_HOST: '127.0.0.1',
  VORTEX_MANAGEMENT_PORT: '0',
  VORTEX_SERVER_WORKERS: '1',
};

/** In a folder of its own with an empty `config/`. Killed when the test ends before it does. */
function start(t: Test, argv: readonly string[], settings: Readonly<Record<string, string>> = {}): Started {
  const folder = mkdtempSync(join(tmpdir(), 'vortex-start-'));
  mkdirSync(join(folder, 'config'));
  writeFileSync(join(folder, 'config/application.yml'), 'v: 1\n');
  const child = spawn(process.execPath, [program, ...argv], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, VORTEX_STORAGE_DIRECTORY: join(folder, 'storage'), ...environment, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const caught = new Promise<void>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      if (stderr.includes('signals are caught')) resolve();
    });
  });
  const ended = new Promise<Ended>((resolve) => child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr })));
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  return { folder, ended, caught, signal: (name) => child.kill(name) };
}

t.test('SIGTERM and SIGINT at any moment of the start end the process with 0', async (t) => {
  const afterMs = [0, 10, 30, 60, 100, 160, 240, 350];
  for (const [index, ms] of afterMs.entries()) {
    const server = start(t, [], { ...quickDrain, NODE_OPTIONS: `--import ${tellsWhenSignalsAreCaught}` });
    await server.caught;
    await delay(ms);
    server.signal(index % 2 === 0 ? 'SIGTERM' : 'SIGINT');
    const { code, signal, stdout, stderr } = await server.ended;
    t.strictSame({ code, signal }, { code: 0, signal: null }, `after ${ms} ms: ${stdout}${stderr}`);
  }
});

t.test('a signal while the first fetch hangs ends the process with 0, well within the drain time-out', async (t) => {
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  t.teardown(() => silent.close());
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const server = start(t, [], {
    VORTEX_BACKENDS_GIT_URI: `http://127.0.0.1:${port}/x.git`,
    ...quickDrain,
    VORTEX_SERVER_DRAIN_TIMEOUT: '10s',
  });
  await Promise.race([server.ended, new Promise<void>((resolve) => silent.once('connection', () => resolve()))]);
  await delay(300);
  const signalledAtMs = Date.now();
  server.signal('SIGTERM');
  const { code, signal, stdout, stderr } = await server.ended;
  t.strictSame({ code, signal }, { code: 0, signal: null }, `${stdout}${stderr}`);
  t.ok(Date.now() - signalledAtMs < 8_000, `${Date.now() - signalledAtMs} ms`);
  t.notMatch(stdout, /"level":"(error|fatal)"/, 'ending is no failure of the source');
});

t.test('a port in use ends the process with 73 and says which, for either port', async (t) => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  t.teardown(() => taken.close());
  const address = taken.address();
  const port = String(typeof address === 'object' && address !== null ? address.port : 0);
  for (const variable of ['VORTEX_SERVER_PORT', 'VORTEX_MANAGEMENT_PORT']) {
    const { code, signal, stdout, stderr } = await start(t, [], { [variable]: port }).ended;
    t.strictSame({ code, signal }, { code: 73, signal: null }, `${stdout}${stderr}`);
    t.match(`${stdout}${stderr}`, new RegExp(`"PORT_IN_USE".*${port}`));
  }
});

t.test('an address of another machine ends the process with 73', async (t) => {
  const { code, stdout, stderr } = await start(t, [], { VORTEX_SERVER_HOST: '192.0.2.1' }).ended;
  t.equal(code, 73, `${stdout}${stderr}`);
  t.match(stdout, /"ADDRESS_UNUSABLE".*192\.0\.2\.1/);
});

t.test('settings that are wrong end the process with 78, all of them named with their place', async (t) => {
  const server = start(t, ['--config', 'bad.yaml'], { VORTEX_SERVER_WORKERS: 'many' });
  writeFileSync(join(server.folder, 'bad.yaml'), 'server: {prot: 1, limits: {missQueueMax: 0}}\n');
  const { code, stdout, stderr } = await server.ended;
  t.equal(code, 78, `${stdout}${stderr}`);
  for (const problem of [/server\.prot/, /missQueueMax/, /VORTEX_SERVER_WORKERS/, /3 problems/]) t.match(stderr, problem);
});

t.test('a settings file that is not there ends the process with 78 and its name', async (t) => {
  const { code, stderr } = await start(t, ['--config', 'missing.yaml']).ended;
  t.equal(code, 78);
  t.match(stderr, /missing\.yaml/);
});

t.test('--check exits 0 when the sources can be read, 69 with the reason when not, 78 for wrong settings', async (t) => {
  const good = await start(t, ['--check']).ended;
  t.equal(good.code, 0, good.stderr);
  t.match(good.stdout, /settings are valid, sources can be used/);
  const unreachable = await start(t, ['--check'], {
    VORTEX_BACKENDS_GIT_URI: 'http://127.0.0.1:9/x.git',
    VORTEX_BACKENDS_GIT_USERNAME: 'joe',
    VORTEX_BACKENDS_GIT_PASSWORD: 's3cret',
  }).ended;
  t.equal(unreachable.code, 69, unreachable.stdout);
  t.match(unreachable.stderr, /127\.0\.0\.1:9.*ECONNREFUSED/);
  t.notMatch(`${unreachable.stdout}${unreachable.stderr}`, /s3cret/);
  const broken = await start(t, ['--check'], { VORTEX_BACKENDS_GIT_URI: 'file:///nowhere/at/all.git' }).ended;
  t.equal(broken.code, 69, broken.stdout);
  t.match(broken.stderr, /nowhere/);
  const wrong = await start(t, ['--check'], { VORTEX_SERVER_PORT: '70000' }).ended;
  t.equal(wrong.code, 78);
});

t.test('a second server with the same storage does not harm the first', async (t) => {
  const first = new Server({ files: { 'application.yml': 'v: 1\n' } });
  t.teardown(() => first.remove());
  await first.listening(true);
  const second = new Server({ files: { 'application.yml': 'v: 1\n' }, settings: { storage: { directory: join(first.folder, 'storage') } } });
  t.teardown(() => second.remove());
  await second.listening(true);
  await Promise.all([first.get('/a/b'), second.get('/a/b')]);
  t.strictSame(
    await Promise.all([first.stop(), second.stop()]),
    [
      { code: 0, signal: null },
      { code: 0, signal: null },
    ],
    `${first.output}${second.output}`,
  );
  t.notMatch(`${first.output}${second.output}`, /"level":"error"/);
});
