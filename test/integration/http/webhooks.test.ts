// POST /monitor of the built server, on both ports: what Spring Cloud Config Monitor answers, and what no client may do to it.
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { Answer } from '../../conformance/rawRequest.ts';
import { WEBHOOK_POLL_DELAY_MS } from '../../../src/model/limits.ts';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';
import { configuration, logged, metric } from '../../fixtures/lifecycle/questions.ts';
import { HttpWire } from '../../fixtures/httpWire.ts';
import { startServer, type Server } from '../../fixtures/server.ts';
import { push, signed } from '../../fixtures/webhook/deliveries.ts';

const files = { 'application.yml': 'v: 1\n' };
const token = 'a token';
const form = 'application/x-www-form-urlencoded';
const bearer = { authorization: `Bearer ${token}` };

type Send = (headers: Readonly<Record<string, string>>, body: string | null, target?: string) => Promise<Answer>;

interface Port {
  readonly name: string;
  readonly number: (server: Server) => number;
  readonly send: (server: Server) => Send;
}

const ports: readonly Port[] = [
  {
    name: 'management',
    number: (server) => server.managementPort,
    send: (server) => (headers, body, target) => server.manage('POST', target ?? '/monitor', headers, body),
  },
  { name: 'API', number: (server) => server.port, send: (server) => (headers, body, target) => server.request('POST', target ?? '/monitor', headers, body) },
];

function start(t: Test, monitor: Readonly<Record<string, unknown>> = {}, more: Readonly<Record<string, unknown>> = {}): Promise<Server> {
  const native = { pollInterval: '1h', maxStaleness: '2h' };
  return startServer(t, { files, settings: { monitor: { token, onApiPort: true, ...monitor }, backends: { native }, ...more } });
}

for (const port of ports) {
  void t.test(`${port.name} port: the generic form is answered as upstream does, and polls`, async (t) => {
    const server = await start(t);
    const send = port.send(server);
    const before = await metric(server, 'vortex_source_polls_total');
    const answer = await send({ ...bearer, 'content-type': form }, 'path=a-b.yml&path=application-x.yml');
    t.equal(answer.status, 200);
    t.match(answer.headers, { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-vortex-webhook': 'polled', 'x-vortex-sources-polled': '1' });
    t.equal(answer.body.toString(), '["a-b","a","application-x","*"]');
    await eventually(
      'the poll',
      () => metric(server, 'vortex_source_polls_total'),
      (polls) => polls > before,
    );
    t.equal((await send({ ...bearer, 'content-type': 'application/json' }, '{"path":["z.yml","z.properties"]}')).body.toString(), '["z"]', 'M10');
    t.equal((await send({ ...bearer, 'content-type': form }, 'other=1')).status, 400, 'M09');
    t.equal((await send({ ...bearer, 'content-type': form }, 'path=ä-ö.yml')).body.toString(), '["ä-ö","ä"]');
    // A worker counts after it has answered.
    await eventually(
      'the count of the answers',
      () => metric(server, 'http_requests_total', { path: '/monitor', status: '200' }),
      (count) => count === 3,
    );
    t.equal(await metric(server, 'vortex_webhook_deliveries_total', { provider: 'generic', outcome: 'polled' }), 3);
    t.equal(await metric(server, 'vortex_webhook_deliveries_total', { provider: 'generic', outcome: 'invalid' }), 1);
  });

  void t.test(`${port.name} port: what is not signed, no body or of another type is refused`, async (t) => {
    const server = await start(t, { github: { secret: 'g' }, bodyBytesMax: '64KiB' });
    const send = port.send(server);
    const delivery = push('github', 'git.example.com', 'team/config');
    t.equal((await send(delivery.headers, delivery.body)).status, 401);
    const wrong = signed('github', delivery, 'other');
    t.equal((await send(wrong.headers, wrong.body)).status, 401);
    const right = signed('github', delivery, 'g');
    const answer = await send(right.headers, right.body);
    t.equal(answer.status, 200);
    t.equal(answer.headers['x-vortex-webhook'], 'unmatched');
    t.equal((await send({ 'content-type': form }, 'path=a')).status, 401);
    t.equal((await send({ ...bearer, 'content-type': 'application/json' }, '{')).status, 400);
    t.equal((await send({ ...bearer, 'content-type': 'application/json' }, null)).status, 400);
    t.equal((await send({ ...bearer, 'content-type': 'text/plain' }, 'path=a')).status, 415);
    t.equal((await send(bearer, 'path=a')).status, 415);
    t.equal((await send({ ...bearer, 'content-type': 'application/json' }, `{"path":"${'x'.repeat(70_000)}"}`)).status, 413);
    const [line] = await eventually(
      'the log line',
      () => logged(server, 'a webhook has nothing polled'),
      ({ length }) => length > 0,
    );
    t.match(line, { level: 'warn', provider: 'github' });
    t.equal((await server.get('/app/default')).status, 200);
  });

  void t.test(`${port.name} port: a body without end is cut off, one that comes in drops too`, async (t) => {
    const server = await start(t, { bodyBytesMax: '64KiB' });
    const head = `POST /monitor HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n`;
    const endless = await HttpWire.open(port.number(server));
    endless.send(`${head}content-length: 1000000000\r\n\r\n`);
    const answered = endless.answer('POST').then(
      ({ status }) => status,
      () => 'closed',
    );
    for (let sent = 0; sent < 40 && !endless.closed; sent += 1) {
      endless.send(Buffer.alloc(8_192, 'x'));
      await delay(5);
    }
    t.ok([413, 'closed'].includes(await answered));
    endless.destroy();
    const slow = await HttpWire.open(port.number(server));
    slow.send(`${head}content-length: 20\r\n\r\n`);
    const drops = setInterval(() => slow.send(' '), 1_500);
    t.teardown(() => clearInterval(drops));
    t.equal((await slow.answer('POST')).status, 408);
    await slow.ended();
    t.equal((await port.send(server)({ ...bearer, 'content-type': form }, 'path=a')).status, 200, 'the server goes on');
    t.equal(logged(server, /failed|could not/).length, 0, 'no bug was logged');
  });

  void t.test(`${port.name} port: a burst of deliveries is answered and causes one look at the source`, async (t) => {
    const server = await start(t);
    const send = port.send(server);
    const before = await metric(server, 'vortex_source_polls_total');
    server.write('application.yml', 'v: 2\n');
    const startedMs = performance.now();
    const answers = await Promise.all(Array.from({ length: 40 }, () => send({ ...bearer, 'content-type': form }, 'path=application.yml')));
    const windows = Math.ceil((performance.now() - startedMs) / WEBHOOK_POLL_DELAY_MS);
    t.ok(answers.every(({ status }) => status === 200));
    await eventually(
      'the new content',
      () => configuration(server, '/app/default'),
      ({ value }) => value === 2,
    );
    await delay(500);
    const polls = (await metric(server, 'vortex_source_polls_total')) - before;
    // a busy machine may spread them over several delays; the file's own events may cause two more
    t.ok(polls >= 1 && polls <= windows + 2, `${polls} polls for 40 deliveries in ${windows} delays`);
  });

  void t.test(`${port.name} port: clients that go away leave nothing behind`, async (t) => {
    const server = await start(t);
    for (let count = 0; count < 150; count += 1) {
      const wire = await HttpWire.open(port.number(server));
      wire.send('POST /monitor HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"path"');
      wire.reset();
    }
    await eventually(
      'an answer',
      () => port.send(server)({ ...bearer, 'content-type': form }, 'path=a'),
      ({ status }) => status === 200,
    );
    t.equal(logged(server, /failed|could not/).length, 0);
  });
}

void t.test('the path has its own prefix on both ports, and the API has it below /config too', async (t) => {
  const server = await start(t, { path: '/hooks' }, { server: { prefix: '/api' } });
  const headers = { ...bearer, 'content-type': form };
  t.equal((await server.manage('POST', '/hooks/monitor', headers, 'path=a')).status, 200);
  t.equal((await server.manage('POST', '/monitor', headers, 'path=a')).status, 404);
  t.equal((await server.manage('GET', '/hooks/monitor')).status, 405);
  t.equal((await server.manage('OPTIONS', '/hooks/monitor')).headers['allow'], 'POST, OPTIONS');
  t.equal((await server.request('POST', '/hooks/monitor', headers, 'path=a')).status, 200);
  t.equal((await server.request('POST', '/config/hooks/monitor', headers, 'path=a')).status, 200);
  t.equal((await server.request('POST', '/api/hooks/monitor', headers, 'path=a')).status, 405, 'server.prefix does not apply: here it is an application');
  t.equal((await server.get('/api/hooks/monitor')).status, 200, 'and reading it is untouched');
});

void t.test('the API port takes no webhooks unless told to, and none are taken when switched off', async (t) => {
  const server = await start(t, { onApiPort: false });
  const headers = { ...bearer, 'content-type': form };
  t.equal((await server.request('POST', '/monitor', headers, 'path=a')).status, 404);
  t.equal((await server.manage('POST', '/monitor', headers, 'path=a')).status, 200);
  const off = await start(t, { enabled: false });
  t.equal((await off.request('POST', '/monitor', headers, 'path=a')).status, 404);
  t.equal((await off.manage('POST', '/monitor', headers, 'path=a')).status, 404);
});
