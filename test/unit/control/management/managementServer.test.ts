// The management port over real sockets: every route, every refusal, limits, counting and the way it closes.
import { request as httpRequest, Agent, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { healthVerdict } from '../../../../src/control/management/healthVerdict.ts';
import type { ManagementActions } from '../../../../src/control/management/managementRoutes.ts';
import { ManagementServer } from '../../../../src/control/management/managementServer.ts';
import { Failure } from '../../../../src/model/failure.ts';
import type { EnvironmentRequest } from '../../../../src/model/request.ts';
import { createLane } from '../../../../src/telemetry/lane.ts';
import { LaneWriter } from '../../../../src/telemetry/lane.hot.ts';
import { LaneTotals } from '../../../../src/telemetry/laneTotals.ts';
import { createLogLevel } from '../../../../src/telemetry/logLevel.ts';
import { Logger, type LogRecord } from '../../../../src/telemetry/logger.ts';
import { freshSource, healthyFacts } from '../../../fixtures/serverFacts.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Fixture {
  readonly port: number;
  readonly server: ManagementServer;
  readonly explained: EnvironmentRequest[];
  readonly logged: LogRecord[];
  readonly lane: SharedArrayBuffer;
  readonly ask: (method: string, path: string, body?: string, agent?: Agent) => Promise<Answer>;
  readonly raw: (text: string) => Promise<string>;
}

async function start(t: Test, changed: Partial<ManagementActions> = {}): Promise<Fixture> {
  const level = createLogLevel('info');
  const logged: LogRecord[] = [];
  const sink = { write: (record: LogRecord) => void logged.push(record), flush: () => Promise.resolve(), flushNow: () => undefined };
  const lane = createLane();
  const explained: EnvironmentRequest[] = [];
  const actions: ManagementActions = {
    health: (question) => healthVerdict(question, { ...healthyFacts, sources: [{ ...freshSource, ageSeconds: 1_000 }] }),
    scrape: () => Promise.resolve({ contentType: 'text/plain; version=0.0.4; charset=utf-8', body: 'vortex_epoch 4\n' }),
    explain: (request) => {
      explained.push(request);
      return Promise.resolve('{"keys":[]}');
    },
    logLevel: () => level.get(),
    setLogLevel: (next) => level.set(next),
    restartWorkers: () => Promise.resolve(2),
    webhook: null,
    ...changed,
  };
  const options = {
    host: '127.0.0.1',
    port: 0,
    headerBytesMax: 16_384,
    validateProfiles: true,
    webhookPrefix: '',
    log: new Logger(level, sink, 'management'),
    lane: new LaneWriter(lane),
  };
  const server = new ManagementServer(options, actions);
  const port = await server.listen();
  t.teardown(() => server.close(0));
  const ask: Fixture['ask'] = (method, path, body, agent) =>
    new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port, method, path, ...(agent === undefined ? {} : { agent }) }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() }));
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(body);
    });
  const raw: Fixture['raw'] = (text) =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      let received = '';
      socket.on('data', (chunk) => (received += chunk.toString()));
      socket.on('close', () => resolve(received));
      socket.on('error', reject);
    });
  return { port, server, explained, logged, lane, ask, raw };
}

t.test('health is the verdict as JSON, not cached, on three paths', async (t) => {
  const { ask } = await start(t);
  const live = await ask('GET', '/health/live');
  t.equal(live.status, 200);
  t.match(live.headers, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  t.match(JSON.parse(live.body), { status: 'ok', version: '1.2.3', uptime_secs: 61, checks: [] });
  t.equal((await ask('GET', '/health/ready')).status, 200);
  const full = await ask('GET', '/health?verbose=1');
  t.equal(full.status, 503);
  t.equal(JSON.parse(full.body).status, 'degraded');
});

t.test('HEAD has the headers of GET and no body, OPTIONS says what is allowed', async (t) => {
  const { ask } = await start(t);
  const get = await ask('GET', '/metrics');
  t.equal(get.body, 'vortex_epoch 4\n');
  t.equal(get.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  const head = await ask('HEAD', '/metrics');
  t.equal(head.status, 200);
  t.equal(head.body, '');
  t.equal(head.headers['content-length'], get.headers['content-length']);
  const options = await ask('OPTIONS', '/vortex/v1/logging/level');
  t.equal(options.status, 200);
  t.equal(options.headers.allow, 'GET, HEAD, PUT, OPTIONS');
});

t.test('what does not exist is 404, a wrong method 405 with Allow, both with the error object of the API', async (t) => {
  const { ask } = await start(t);
  for (const path of ['/', '/nope', '/health/', '/health/other', '/metrics/x', '/explain', '/vortex/v1', '//health', '/%68ealth']) {
    const answer = await ask('GET', path);
    t.equal(answer.status, 404, path);
    t.same(Object.keys(JSON.parse(answer.body)), ['timestamp', 'status', 'error', 'path', 'code', 'message']);
    t.match(JSON.parse(answer.body), { status: 404, error: 'Not Found', path, code: 'ROUTE_UNKNOWN' });
  }
  const post = await ask('POST', '/health', 'x');
  t.equal(post.status, 405);
  t.equal(post.headers.allow, 'GET, HEAD, OPTIONS');
  t.equal(JSON.parse(post.body).code, 'METHOD_NOT_ALLOWED');
  t.equal((await ask('DELETE', '/vortex/v1/logging/level')).status, 405);
});

t.test('explain gets application, profiles and label, decoded, validated and with slash markers replaced', async (t) => {
  const { ask, explained } = await start(t);
  t.equal((await ask('GET', '/explain/cart/dev,eu')).body, '{"keys":[]}');
  await ask('GET', '/explain/c%C3%A4rt/dev/feature(_)x?a=b');
  t.same(explained, [
    { kind: 'environment', name: 'cart', profiles: 'dev,eu', label: null },
    { kind: 'environment', name: 'cärt', profiles: 'dev', label: 'feature/x' },
  ]);
  for (const path of ['/explain/a/%', '/explain/a/%ff', '/explain/a/b/%2e%2e%2fetc', '/explain/..%2f/b', '/explain/a/b%00', '/explain/a/$b']) {
    const answer = await ask('GET', path);
    t.equal(answer.status, 400, path);
    t.equal(JSON.parse(answer.body).code, 'REQUEST_INVALID', path);
  }
  for (const path of ['/explain/', '/explain/cart', '/explain/cart/', '/explain/a/b/c/d', '/explain/main/cart-dev.yml', '/explain/cart-dev.json']) {
    t.equal((await ask('GET', path)).status, 404, path);
  }
  t.equal(explained.length, 2);
});

t.test('a failure of explain is answered with its status, code and message', async (t) => {
  const { ask, logged } = await start(t, {
    explain: ({ name }) => Promise.reject(name === 'bug' ? new TypeError('x is undefined') : new Failure('LABEL_UNKNOWN', 'no branch or tag nope')),
  });
  const answer = await ask('GET', '/explain/cart/dev/nope');
  t.equal(answer.status, 404);
  t.match(JSON.parse(answer.body), { code: 'LABEL_UNKNOWN', message: 'no branch or tag nope' });
  t.equal(logged.length, 0);
  const bug = await ask('GET', '/explain/bug/dev');
  t.equal(bug.status, 500);
  t.notMatch(bug.body, /undefined/, 'a bug shows no inner details');
  t.equal(logged.length, 1);
  t.match(logged[0], { level: 'error', component: 'management', fields: { target: '/explain/bug/dev', error: { message: 'x is undefined' } } });
});

t.test('an error is logged with the request id and the trace context', async (t) => {
  const { raw, logged } = await start(t, { scrape: () => Promise.reject(new Error('no registry')) });
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const answer = await raw(`GET /metrics HTTP/1.1\r\nhost: x\r\nx-request-id: abc-1\r\ntraceparent: ${traceparent}\r\nconnection: close\r\n\r\n`);
  t.match(answer, /^HTTP\/1\.1 500 /);
  t.match(logged[0]?.fields, { requestId: 'abc-1', traceparent });
});

t.test('the level of the log is shown and changed', async (t) => {
  const { ask } = await start(t);
  const path = '/vortex/v1/logging/level';
  t.same(JSON.parse((await ask('GET', path)).body), { level: 'info', levels: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] });
  const put = await ask('PUT', path, '{"level":"debug"}');
  t.equal(put.status, 200);
  t.equal(JSON.parse(put.body).level, 'debug');
  for (const body of ['', 'debug', '"debug"', 'null', '{}', '{"level":"loud"}', '{"level":3}', '[]', '{"level":"debug"']) {
    const answer = await ask('PUT', path, body);
    t.equal(answer.status, 400, body);
    t.equal(JSON.parse(answer.body).code, 'BODY_INVALID');
  }
  t.equal((await ask('PUT', path, JSON.stringify({ level: 'warn', fill: 'x'.repeat(2_000) }))).status, 413);
  t.equal(JSON.parse((await ask('GET', path)).body).level, 'debug', 'refused bodies changed nothing');
});

t.test('workers are restarted by POST only, and a refusal says why', async (t) => {
  const { ask } = await start(t);
  const path = '/vortex/v1/workers/restart';
  const answer = await ask('POST', path);
  t.equal(answer.status, 200);
  t.strictSame(JSON.parse(answer.body), { restarted: 2 });
  t.equal((await ask('GET', path)).status, 405);
  const draining = await start(t, { restartWorkers: () => Promise.reject(new Failure('NOT_READY', 'in phase lameDuck')) });
  const refused = await draining.ask('POST', path);
  t.equal(refused.status, 503);
  t.match(JSON.parse(refused.body), { code: 'NOT_READY', message: 'in phase lameDuck' });
});

t.test('a bug behind a body is answered too, and a client that went away is not', async (t) => {
  const { ask, raw, port, logged } = await start(t, {
    setLogLevel: () => {
      throw new Error('no word');
    },
  });
  t.equal((await ask('PUT', '/vortex/v1/logging/level', '{"level":"debug"}')).status, 500);
  t.equal(logged.length, 1);
  await new Promise<void>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write('PUT /vortex/v1/logging/level HTTP/1.1\r\nhost: x\r\ncontent-length: 30\r\n\r\n{"level"', () => socket.destroy());
    });
    socket.on('close', () => resolve());
  });
  t.match(await raw('GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'), /^HTTP\/1\.1 200 /);
  t.equal(logged.length, 1);
});

t.test('connections are kept, pipelined requests answered in order', async (t) => {
  const { ask, raw } = await start(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  const first = await ask('GET', '/health/live', undefined, agent);
  t.equal(first.headers.connection, 'keep-alive');
  t.equal((await ask('GET', '/health/live', undefined, agent)).status, 200);
  const both = await raw('GET /health/live HTTP/1.1\r\nhost: x\r\n\r\nGET /nope HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  t.match(both, /^HTTP\/1\.1 200 [^]*HTTP\/1\.1 404 /);
});

t.test('what is no HTTP, or too large, is refused and ends the connection; the server goes on', async (t) => {
  const { ask, raw } = await start(t);
  t.match(await raw('\u0016\u0003\u0001 hello\r\n\r\n'), /^HTTP\/1\.1 400 Bad Request\r\n[^]*connection: close[^]*"code":"REQUEST_INVALID"/);
  t.match(await raw(`GET /health HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`), /^HTTP\/1\.1 431 [^]*"code":"HEADERS_TOO_LARGE"/);
  t.match(await raw(`GET /${'y'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`), /^HTTP\/1\.1 431 /);
  t.match(await raw('GET /health/live HTTP/1.1\r\n\r\n'), /^HTTP\/1\.1 400 /, 'no Host header');
  t.match(await raw('GET /health/live HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'), /^HTTP\/1\.1 400 /);
  t.match(
    await raw('GET /health/live HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\nbeginning'),
    /^HTTP\/1\.1 200 [^]*connection: close/i,
    'a body that nobody wants is not waited for',
  );
  t.equal((await ask('GET', '/health/live')).status, 200);
});

t.test('requests are counted: probes, scrapes and the rest of the port apart', async (t) => {
  const { ask, raw, lane } = await start(t);
  await ask('GET', '/health/live');
  await ask('HEAD', '/health/ready');
  await ask('GET', '/metrics');
  await ask('GET', '/explain/a/b');
  await ask('PUT', '/vortex/v1/logging/level', '{"level":"warn"}');
  await ask('GET', '/nope');
  await raw('no http\r\n\r\n');
  const totals = new LaneTotals([lane]);
  t.same(
    totals
      .requests()
      .filter(({ value }) => value > 0)
      .map(({ labels: { method, path, status }, value }) => `${method} ${path} ${status} ${value}`)
      .toSorted(),
    [
      'GET management 200 1',
      'GET metrics 200 1',
      'GET probe 200 1',
      'GET unmatched 404 1',
      'HEAD probe 200 1',
      'PUT management 200 1',
      'other unmatched 400 1',
    ],
  );
  t.same(
    totals
      .durations()
      .map(({ labels }) => labels.path)
      .toSorted(),
    ['management', 'metrics', 'probe', 'unmatched'],
  );
});

t.test('a port in use and an address that is not ours are failures with their code', async (t) => {
  const { port } = await start(t);
  const other = (host: string): ManagementServer => {
    const log = new Logger(createLogLevel('info'), { write: () => undefined, flush: () => Promise.resolve(), flushNow: () => undefined }, 'management');
    const actions = {
      health: () => healthVerdict('live', healthyFacts),
      scrape: () => Promise.reject(new Error()),
      explain: () => Promise.reject(new Error()),
    };
    const rest = { logLevel: () => 'info' as const, setLogLevel: () => undefined, restartWorkers: () => Promise.resolve(0), webhook: null };
    return new ManagementServer(
      { host, port, headerBytesMax: 16_384, validateProfiles: true, webhookPrefix: '', log, lane: new LaneWriter(createLane()) },
      { ...actions, ...rest },
    );
  };
  await t.rejects(other('127.0.0.1').listen(), { name: 'Failure', code: 'PORT_IN_USE', message: new RegExp(String(port)) });
  await t.rejects(other('192.0.2.1').listen(), { name: 'Failure', code: 'ADDRESS_UNUSABLE' });
});

t.test('closing answers what has come in, drops idle connections and refuses new ones', async (t) => {
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  let asked = (): void => undefined;
  const reached = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const { ask, server } = await start(t, {
    explain: async () => {
      asked();
      await gate;
      return '{}';
    },
  });
  const agent = new Agent({ keepAlive: true });
  t.teardown(() => agent.destroy());
  await ask('GET', '/health/live', undefined, agent);
  const slow = ask('GET', '/explain/a/b');
  await reached;
  const closed = server.close(5_000);
  await t.rejects(ask('GET', '/health/live'), { code: 'ECONNREFUSED' });
  release();
  const answer = await slow;
  t.equal(answer.status, 200);
  t.equal(answer.headers.connection, 'close');
  await closed;
});

t.test('closing cuts what does not end in its time', async (t) => {
  const { ask, server } = await start(t, { explain: () => new Promise(() => undefined) });
  const hanging = ask('GET', '/explain/a/b').then(
    () => 'answered',
    (error: NodeJS.ErrnoException) => error.code,
  );
  await ask('GET', '/health/live');
  const startedMs = performance.now();
  await server.close(100);
  t.ok(performance.now() - startedMs < 3_000);
  t.equal(await hanging, 'ECONNRESET');
});

t.test('closing a server that never listened ends at once', async (t) => {
  const log = new Logger(createLogLevel('info'), { write: () => undefined, flush: () => Promise.resolve(), flushNow: () => undefined }, 'management');
  const actions: ManagementActions = {
    health: (question) => healthVerdict(question, healthyFacts),
    scrape: () => Promise.reject(new Error('unused')),
    explain: () => Promise.reject(new Error('unused')),
    logLevel: () => 'info',
    setLogLevel: () => undefined,
    restartWorkers: () => Promise.resolve(0),
    webhook: null,
  };
  const server = new ManagementServer(
    { host: '127.0.0.1', port: 0, headerBytesMax: 16_384, validateProfiles: true, webhookPrefix: '', log, lane: new LaneWriter(createLane()) },
    actions,
  );
  await t.resolves(server.close(1_000));
});
