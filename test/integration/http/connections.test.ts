// Connections that behave badly: slow writers and readers, pipelines, half-closed sockets, aborts, and many that are idle.
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { HttpWire } from '../../fixtures/httpWire.ts';
import { startServer } from '../../fixtures/server.ts';

const idleConnections = Number(process.env['VORTEX_TEST_IDLE_CONNECTIONS'] ?? 2_000);
const large = Array.from({ length: 60_000 }, (_, index) => `key.number${index}: ${'v'.repeat(60)}${index}`).join('\n');

const server = await startServer(t, {
  files: { 'application.yml': 'shared: true\n', 'large.yml': large, 'large/data.bin': new Uint8Array(6_000_000).fill(65) },
  settings: { server: { workers: 2, limits: { idleTimeout: '8s' } } },
});

await server.get('/shop/dev');

await t.test('a client that sends byte by byte is served', async (t) => {
  const wire = await HttpWire.open(server.port);
  for (let round = 0; round < 2; round += 1) {
    for (const byte of Buffer.from('GET /shop/dev HTTP/1.1\r\nhost: slow\r\naccept: application/json\r\n\r\n')) {
      wire.send(Uint8Array.of(byte));
      await delay(1);
    }
    const answer = await wire.answer();
    t.equal(answer.status, 200);
    t.match(JSON.parse(answer.body.toString()), { name: 'shop' });
  }
  wire.destroy();
});

await t.test('a client that sends half a request is closed after the idle time-out, others are served meanwhile', async (t) => {
  const started = Date.now();
  const wires = await Promise.all(
    ['GET /sh', 'GET /shop/dev HTTP/1.1\r\nhost: a\r\n', 'POST /encrypt HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ncontent-length: 10\r\n\r\nab'].map(
      async (bytes) => {
        const wire = await HttpWire.open(server.port);
        wire.send(bytes);
        return wire;
      },
    ),
  );
  for (let round = 0; round < 20; round += 1) t.equal((await server.get('/shop/dev')).status, 200);
  await Promise.all(wires.map((wire) => wire.ended(20_000)));
  t.ok(Date.now() - started < 20_000, 'closed');
});

await t.test('a slow reader of a large answer gets all of it, and others are served meanwhile', async (t) => {
  const expected = await server.get('/large/dev');
  t.ok(expected.body.length > 5_000_000, `${expected.body.length} bytes`);
  const before = server.residentMegabytes();
  const wires = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const wire = await HttpWire.open(server.port);
      wire.socket.pause();
      wire.send('GET /large/dev HTTP/1.1\r\nhost: a\r\n\r\n');
      return wire;
    }),
  );
  await delay(300);
  const started = Date.now();
  for (let round = 0; round < 20; round += 1) t.equal((await server.get('/shop/dev')).status, 200);
  t.ok(Date.now() - started < 2_000, 'others do not wait');
  t.ok(server.residentMegabytes() - before < 30, 'ten readers that do not read hold no copy each');
  for (let step = 0; step < 20; step += 1) {
    for (const wire of wires) wire.socket.resume();
    await delay(2);
    for (const wire of wires) wire.socket.pause();
    await delay(10);
  }
  for (const wire of wires) wire.socket.resume();
  for (const wire of wires) {
    const answer = await wire.answer();
    t.ok(answer.body.equals(expected.body), 'the same bytes');
    wire.send('GET /shop/dev HTTP/1.1\r\nhost: a\r\n\r\n');
    t.equal((await wire.answer()).status, 200, 'the connection goes on');
    wire.destroy();
  }
});

await t.test('a reader that never reads and goes away leaves nothing behind', async (t) => {
  for (let round = 0; round < 30; round += 1) {
    const wire = await HttpWire.open(server.port);
    wire.socket.pause();
    wire.send(`GET ${round % 2 === 0 ? '/large/dev' : '/shop/dev/main/large/data.bin'} HTTP/1.1\r\nhost: a\r\naccept: */*\r\n\r\n`);
    await delay(5);
    if (round % 3 === 0) wire.reset();
    else wire.destroy();
  }
  t.equal((await server.get('/shop/dev')).status, 200);
  await eventually(async () => (await gauge('vortex_worker_requests_in_flight')) === 0, 'nothing is in flight');
});

await t.test('requests pipelined in one write are answered in order when they are in the snapshot', async (t) => {
  for (const name of ['p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7']) await server.get(`/${name}/dev`);
  const wire = await HttpWire.open(server.port);
  const order = [0, 3, 1, 7, 2, 2, 5, 6, 4, 0];
  wire.send(order.map((index) => `GET /p${index}/dev HTTP/1.1\r\nhost: a\r\n\r\n`).join(''));
  for (const index of order) {
    const answer = await wire.answer();
    t.equal(answer.status, 200);
    t.match(JSON.parse(answer.body.toString()), { name: `p${index}` });
  }
  wire.send(
    'GET /shop HTTP/1.1\r\nhost: a\r\n\r\nHEAD /p1/dev HTTP/1.1\r\nhost: a\r\n\r\nOPTIONS /p1/dev HTTP/1.1\r\nhost: a\r\n\r\nGET /health/live HTTP/1.1\r\nhost: a\r\n\r\n',
  );
  t.equal((await wire.answer()).status, 404);
  t.equal((await wire.answer('HEAD')).status, 200);
  t.equal((await wire.answer()).status, 200);
  t.equal((await wire.answer()).status, 200);
  wire.destroy();
});

await t.test('a pipelined request behind one that must be computed is answered in order or the connection ends cleanly', async (t) => {
  for (let round = 0; round < 20; round += 1) {
    const wire = await HttpWire.open(server.port);
    const names = [`miss${round}a`, 'shop', `miss${round}b`];
    wire.send(names.map((name) => `GET /${name}/dev HTTP/1.1\r\nhost: a\r\n\r\n`).join(''));
    for (const name of names) {
      const answer = await wire.answer('GET', 10_000).catch(() => null);
      if (answer === null) {
        t.equal((await wire.ended(5_000)).length, 0, 'closed without half an answer, so that the client sends it again');
        break;
      }
      t.match(JSON.parse(answer.body.toString()), { name });
    }
    wire.destroy();
  }
  t.equal((await server.get('/shop/dev')).status, 200);
});

await t.test('a client that has closed its sending side still gets the answers', async (t) => {
  for (const target of ['/shop/dev', '/half-closed/dev', '/health', '/large/dev']) {
    const wire = await HttpWire.open(server.port);
    wire.send(`GET ${target} HTTP/1.1\r\nhost: a\r\n\r\n`);
    wire.endOurs();
    const answer = await wire.answer('GET', 10_000).catch(() => null);
    if (answer !== null) t.equal(answer.status, 200, target);
    // uWebSockets.js takes the half close for the end: what did not fit into the socket at once is cut, and its length says so.
    else if (target === '/large/dev') t.match(wire.unread().subarray(0, 15).toString(), 'HTTP/1.1 200 OK');
    else t.equal(wire.unread().length, 0, `${target}: closed without half an answer`);
    wire.destroy();
  }
  await eventually(async () => (await gauge('vortex_worker_requests_in_flight')) === 0, 'nothing is in flight');
});

await t.test('clients that go away while they wait cost nothing', async (t) => {
  for (let round = 0; round < 100; round += 1) {
    const wire = await HttpWire.open(server.port);
    wire.send(`GET /gone${round}/dev HTTP/1.1\r\nhost: a\r\n\r\n`);
    if (round % 2 === 0) wire.reset();
    else wire.destroy();
  }
  t.equal((await server.get('/gone1/dev')).status, 200);
  await eventually(async () => (await gauge('vortex_worker_requests_in_flight')) === 0, 'nothing is in flight');
});

await t.test(`${idleConnections} idle connections do not slow the others, and are closed when their time is over`, async (t) => {
  const before = server.residentMegabytes();
  const wires: HttpWire[] = [];
  for (let index = 0; index < idleConnections; index += 200) {
    wires.push(...(await Promise.all(Array.from({ length: 200 }, () => HttpWire.open(server.port)))));
  }
  const started = Date.now();
  for (let round = 0; round < 50; round += 1) t.equal((await server.get('/shop/dev')).status, 200);
  t.ok(Date.now() - started < 3_000, `50 requests in ${Date.now() - started} ms`);
  const grown = server.residentMegabytes() - before;
  t.ok(grown < (idleConnections / 1_000) * 20 + 20, `${grown} MB for ${idleConnections} connections`);
  const wire = wires.at(-1);
  wire?.send('GET /shop/dev HTTP/1.1\r\nhost: a\r\n\r\n');
  t.equal((await wire?.answer())?.status, 200, 'an idle connection can still be used');
  await eventually(async () => (await gauge('vortex_worker_connections')) >= idleConnections, 'all are open');
  for (const each of wires) each.destroy();
  await eventually(async () => (await gauge('vortex_worker_connections')) < 20, 'the server has let go of them');
});

await t.test('the server is still healthy', async (t) => {
  t.equal((await server.get('/health')).status, 200);
  t.equal(await gauge('vortex_worker_restarts_total'), 0);
  t.notMatch(server.output, /"level":"(error|fatal)"/);
});

async function gauge(name: string): Promise<number> {
  const { body } = await server.manage('GET', '/metrics');
  return [...body.toString().matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm'))].reduce((sum, match) => sum + Number(match[1]), 0);
}

async function eventually(holds: () => Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = Date.now() + 10_000;
  while (Date.now() < deadlineMs) {
    if (await holds()) {
      t.pass(what);
      return;
    }
    await delay(100);
  }
  t.fail(what);
}
