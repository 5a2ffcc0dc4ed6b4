// The client against the real server: first content, changes, falling back, coming back, and starting without a server.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { WebSocket } from 'ws';
import { connect, ConfigurationTypeError, type ChangeEvent, type ConnectOptions, type TransportName } from '../../../src/client/connect.ts';
import { startServer, type Server } from '../../fixtures/server.ts';

t.setTimeout(120_000);
// Node 20 has none of its own; browsers and later versions have.
(globalThis as { WebSocket?: unknown }).WebSocket ??= WebSocket;

const settings = { backends: { native: { pollInterval: '1h', maxStaleness: '2h' } } };

function options(server: Server, more: Partial<ConnectOptions> = {}): ConnectOptions {
  return { url: `http://127.0.0.1:${server.port}`, application: 'orders', profile: 'prod', ...more };
}

/** The next change below a prefix. */
function nextChange(t: Test, configuration: Awaited<ReturnType<typeof connect>>, prefix: string): Promise<ChangeEvent> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no change of ${prefix} came`)), 15_000);
    const end = configuration.onChange(prefix, (event) => {
      clearTimeout(timer);
      end();
      resolve(event);
    });
    t.teardown(() => clearTimeout(timer));
  });
}

for (const transport of ['websocket', 'events', 'poll'] as const satisfies readonly TransportName[]) {
  t.test(`${transport}: typed values, and changes by prefix`, async (t) => {
    const files = { 'orders.yml': 'server: {port: 8443}\nfeature: {enabled: true, rate: "0.5"}\nhosts: [a, b]\ntags: x, y\n' };
    const server = await startServer(t, { files, settings });
    const configuration = await connect(options(server, { transports: [transport] }));
    t.teardown(() => configuration.close());
    t.equal(configuration.number('server.port'), 8_443);
    t.equal(configuration.number('feature.rate'), 0.5);
    t.equal(configuration.boolean('feature.enabled'), true);
    t.same(configuration.list('hosts'), ['a', 'b']);
    t.same(configuration.list('tags'), ['x', 'y']);
    t.equal(configuration.string('nothing', 'else'), 'else');
    t.throws(() => configuration.string('nothing'), ConfigurationTypeError);
    t.throws(() => configuration.number('tags'), ConfigurationTypeError);
    t.throws(() => configuration.boolean('tags'), ConfigurationTypeError);
    const others: ChangeEvent[] = [];
    configuration.onChange('server', (event) => others.push(event));
    const change = nextChange(t, configuration, 'feature');
    server.write('orders.yml', files['orders.yml'].replace('enabled: true', 'enabled: false'));
    t.same((await change).changes, [{ key: 'feature.enabled', from: true, to: false }]);
    t.equal(configuration.boolean('feature.enabled'), false);
    t.same(others, [], 'what is not below the prefix is not told');
  });
}

t.test('where WebSockets do not get through, event streams do', async (t) => {
  const server = await startServer(t, { files: { 'orders.yml': 'a: 1\n' }, settings });
  // A proxy that knows nothing of upgrades.
  const proxy = createServer((request, response) => {
    fetch(`http://127.0.0.1:${server.port}${request.url}`, { headers: { accept: request.headers.accept ?? '' } })
      .then(async (answer) => {
        response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
        for await (const chunk of answer.body ?? []) response.write(chunk);
        response.end();
      })
      .catch(() => response.destroy());
  });
  proxy.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const errors: string[] = [];
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const configuration = await connect({ ...options(server), url, onError: (error) => errors.push(error.message) });
  t.teardown(() => configuration.close());
  t.equal(configuration.number('a'), 1);
  t.match(errors[0], /WebSocket could not be opened/);
  const change = nextChange(t, configuration, 'a');
  server.write('orders.yml', 'a: 2\n');
  t.same((await change).changes, [{ key: 'a', from: 1, to: 2 }]);
});

t.test('a service starts from its cache while the server is away, and is brought up to date', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'vortex-client-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const cacheFile = join(folder, 'cache.json');
  const server = await startServer(t, { files: { 'orders.yml': 'a: 1\n' }, settings });
  const first = await connect(options(server, { cacheFile }));
  first.close();
  await new Promise((resolve) => setTimeout(resolve, 200));
  t.match(JSON.parse(readFileSync(cacheFile, 'utf8')), { properties: { a: 1 } });
  const away = { ...options(server, { cacheFile, timeoutMs: 300 }), url: 'http://127.0.0.1:1' };
  await t.rejects(connect(away), 'a cache of another server is not used');
  const cached = readFileSync(cacheFile, 'utf8');
  writeFileSync(cacheFile, cached.replace(/"source":"http:\/\/127.0.0.1:\d+/, '"source":"http://127.0.0.1:1'));
  const offline = await connect(away);
  t.teardown(() => offline.close());
  t.ok(offline.isFromCache);
  t.equal(offline.number('a'), 1);
  writeFileSync(cacheFile, cached);
  server.write('orders.yml', 'a: 2\n');
  await new Promise((resolve) => setTimeout(resolve, 300));
  const second = await connect(options(server, { cacheFile }));
  t.teardown(() => second.close());
  t.notOk(second.isFromCache);
  t.equal(second.number('a'), 2, 'only what changed since the cache was sent');
  writeFileSync(cacheFile, 'damaged');
  await t.rejects(connect({ ...away, cacheFile }), 'a damaged cache is none');
});

t.test('what the server refuses, and what is refused before it is asked', async (t) => {
  const server = await startServer(t, { files: { 'orders.yml': 'a: 1\n' }, settings });
  await t.rejects(connect(options(server, { application: 'a\u0001', timeoutMs: 1_000, transports: ['events'] })), /the server answers 400/);
  await t.rejects(connect(options(server, { application: '..' })), RangeError);
});
