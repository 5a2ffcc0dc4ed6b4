// A decrypted value on its way: clients get it; logs, explain, the disk and what is told of changes do not show it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { connect as connectClient } from '../../../src/client/connect.ts';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';
import { keyRing } from '../../fixtures/encryptSettings.ts';
import { startServer, type Server } from '../../fixtures/server.ts';
import { carriers } from '../push/pushClients.ts';

t.setTimeout(120_000);

const key = 'the-key-of-this-test';
const cli = fileURLToPath(new URL('../../../src/cli.js', import.meta.url));
const vortex = fileURLToPath(new URL('../../../src/vortex.js', import.meta.url));

async function cipher(text: string, ofKey = key): Promise<string> {
  return `{cipher}${(await keyRing({ key: ofKey })).encrypt(text) ?? ''}`;
}

async function orders(password: string): Promise<string> {
  return `plain: 1\ndb:\n  password: '${await cipher(password)}'\n  url: 'postgres://app:\${db.password}@db'\n`;
}

async function serverWith(test: Test, files: Readonly<Record<string, string>>, settings: Readonly<Record<string, unknown>> = {}): Promise<Server> {
  return startServer(test, { files, settings: { encrypt: { key }, logging: { level: 'trace', access: { sampleRate: 1 } }, ...settings } });
}

for (const [name, connect] of Object.entries(carriers)) {
  t.test(`${name}: values and which are secret, but nothing of what a secret was`, async (t) => {
    const server = await serverWith(t, { 'orders.yml': await orders('hunter-one') });
    const subscriber = connect(server.port, '/orders/prod');
    t.teardown(() => subscriber.end());
    const first = await subscriber.next('snapshot');
    t.same(first.properties, { 'db.password': 'hunter-one', 'db.url': 'postgres://app:hunter-one@db', plain: 1 });
    t.same(first['secrets'], ['db.password', 'db.url'], 'a placeholder makes its value secret');
    server.write('orders.yml', await orders('hunter-two'));
    const change = await subscriber.next('change');
    t.same(change.changed, {
      'db.password': { from: '***', to: 'hunter-two' },
      'db.url': { from: '***', to: 'postgres://app:hunter-two@db' },
    });
    t.same(change['secrets'], ['db.password', 'db.url']);
    server.write('orders.yml', 'plain: 1\n');
    const gone = await subscriber.next('change');
    t.same(gone.removed, { 'db.password': '***', 'db.url': '***' });
    t.notMatch(server.output, /hunter/);
  });
}

t.test('explain masks, the log is silent, and the disk is sealed', async (t) => {
  const server = await serverWith(t, {
    'orders.yml': await orders('hunter-one'),
    'application.yml': `db.password: '${await cipher('hunter-hidden')}'\nbroken: '{cipher}00ff'\nloop: '${await cipher('x${hunter-part}')}'\nref: '\${loop}'\n`,
  });
  t.match((await server.get('/orders/prod')).body.toString(), /"db\.password":"hunter-one"/);
  t.equal((await server.get('/orders-prod.yml')).status, 400, 'what looks like a placeholder in a secret');
  const explained = (await server.manage('GET', '/explain/orders/prod')).body.toString();
  t.notMatch(explained, /hunter|\{cipher\}/);
  const keys = (JSON.parse(explained) as { readonly keys: readonly { readonly key: string }[] }).keys;
  t.match(
    keys.find((explainedKey) => explainedKey.key === 'db.password'),
    { winner: { value: '***', secret: true, line: 3 }, hidden: [{ value: '***', secret: true }] },
  );
  t.match(
    keys.find((explainedKey) => explainedKey.key === 'invalid.broken'),
    { winner: { value: '<n/a>' } },
  );
  await server.get('/orders/dev');
  t.strictSame(await server.stop(), { code: 0, signal: null });
  t.notMatch(server.output, /hunter/);
  const told = server.logLines().filter(({ msg }) => msg.startsWith('values cannot be decrypted'));
  t.equal(told.length, 1, 'once, however often it is met');
  t.match(told, [{ level: 'warn', values: [/^broken of file:.*application\.yml/] }]);
  const stored = readdirSync(join(server.folder, 'storage')).filter((file) => file.startsWith('epoch-'));
  t.equal(stored.length, 1);
  t.notOk(readFileSync(join(server.folder, 'storage', stored[0]!)).includes('hunter'), 'what is secret in the repository does not lie open on the disk');
});

t.test('a restart serves the sealed epoch, a restart with another key does not', async (t) => {
  const storage = mkdtempSync(join(tmpdir(), 'vortex-sealed-'));
  t.teardown(() => rmSync(storage, { recursive: true, force: true }));
  const locations = join(storage, 'config');
  mkdirSync(locations);
  writeFileSync(join(locations, 'orders.yml'), await orders('hunter-one'));
  const settings = (ofKey: string): Readonly<Record<string, unknown>> => ({
    encrypt: { key: ofKey },
    storage: { directory: join(storage, 'state') },
    backends: { native: { searchLocations: [locations] } },
  });
  const first = await serverWith(t, {}, settings(key));
  t.match((await first.get('/orders/prod')).body.toString(), /hunter-one/);
  await first.stop();
  const again = await serverWith(t, {}, settings(key));
  t.ok(again.logLines().some(({ msg }) => msg.startsWith('serving the epoch on disk')));
  t.match((await again.get('/orders/prod')).body.toString(), /hunter-one/);
  await again.stop();
  const other = await serverWith(t, {}, settings('another key'));
  t.ok(other.logLines().some(({ msg }) => msg === 'no epoch on disk to serve'));
  t.match((await other.get('/orders/prod')).body.toString(), /"invalid\.db\.password":"<n\/a>"/);
});

t.test('rotation: values of the previous key are read until they are encrypted anew', async (t) => {
  const server = await serverWith(
    t,
    { 'orders.yml': await orders('hunter-one') },
    { encrypt: { key: 'new key', previousKeys: { y2025: { key: 'something else' }, y2026: { key } } } },
  );
  t.match((await server.get('/orders/prod')).body.toString(), /"db\.password":"hunter-one"/);
  const encrypted = (await server.request('POST', '/encrypt', { 'content-type': 'text/plain' }, 'hunter-two')).body.toString();
  t.equal((await keyRing({ key: 'new key' })).decrypt(encrypted), 'hunter-two');
  server.write('orders.yml', `db.password: '{cipher}${encrypted}'\n`);
  await eventually(
    'the new value',
    async () => (await server.get('/orders/prod')).body.toString(),
    (body) => body.includes('"db.password":"hunter-two"'),
  );
});

t.test('the vortex command shows no secret unless it is told to', async (t) => {
  const server = await serverWith(t, { 'orders.yml': await orders('hunter-one') });
  const run = (...argv: readonly string[]): string =>
    spawnSync(process.execPath, [vortex, ...argv, '--url', `http://127.0.0.1:${server.port}`], { encoding: 'utf8' }).stdout;
  t.equal(run('get', 'orders', 'prod'), 'db.password: "***"\ndb.url: "***"\nplain: 1\n');
  t.equal(run('get', 'orders', 'prod', '--key', 'db.password'), '***\n');
  t.equal(run('get', 'orders', 'prod', '--key', 'db.password', '--show-secrets'), 'hunter-one\n');
  t.same(JSON.parse(run('get', 'orders', 'prod', '--json')), { 'db.password': '***', 'db.url': '***', plain: 1 });
});

t.test('the client library knows which values are secret, also from its cache file', async (t) => {
  const server = await serverWith(t, { 'orders.yml': await orders('hunter-one') });
  const cacheFile = join(t.testdir({}), 'cache.json');
  const options = { url: `http://127.0.0.1:${server.port}`, application: 'orders', profile: 'prod', cacheFile };
  const configuration = await connectClient(options);
  t.teardown(() => configuration.close());
  t.equal(configuration.string('db.password'), 'hunter-one');
  t.same(
    ['db.password', 'db.url', 'plain'].map((name) => configuration.isSecret(name)),
    [true, true, false],
  );
  const changed = new Promise<unknown>((resolve) => configuration.onChange('db.password', ({ changes }) => resolve(changes)));
  server.write('orders.yml', await orders('hunter-two'));
  t.match(await changed, [{ key: 'db.password', to: 'hunter-two', isSecret: true }]);
  await eventually(
    'the cache file',
    async () => readFileSync(cacheFile, 'utf8'),
    (text) => text.includes('hunter-two'),
  );
  configuration.close();
  await server.stop();
  const cached = await connectClient({ ...options, timeoutMs: 200 });
  cached.close();
  t.ok(cached.isFromCache && cached.isSecret('db.password') && !cached.isSecret('plain'));
});

t.test('--check and a failed start name the option, never the key', async (t) => {
  const folder = t.testdir({});
  const check = (...flags: readonly string[]): { readonly status: number | null; readonly output: string } => {
    const run = spawnSync(process.execPath, [cli, '--check', `--backends.native.searchLocations=${folder}`, ...flags], { encoding: 'utf8' });
    return { status: run.status, output: run.stdout + run.stderr };
  };
  const good = check('--encrypt.key=hunter-key', '--encrypt.previousKeys={"a":{"key":"hunter-old"}}');
  t.match(good, { status: 0, output: /^encrypt\.key = \*\*\* \(flag/m });
  t.match(good.output, /^encrypt\.previousKeys\.a\.key = \*\*\*/m);
  t.notMatch(good.output, /hunter/);
  const bad = check('--encrypt.key=ssh-rsa hunter');
  t.match(bad, { status: 78, output: /encrypt\.key is a public key/ });
  t.notMatch(bad.output, /hunter/);
  const started = spawnSync(process.execPath, [cli, '--encrypt.key=ssh-rsa hunter', '--server.port=0', '--management.port=0'], { encoding: 'utf8' });
  t.equal(started.status, 78);
  t.match(started.stdout, /"code":"ENCRYPTION_KEY_UNUSABLE"/);
  t.notMatch(started.stdout + started.stderr, /hunter/);
});
