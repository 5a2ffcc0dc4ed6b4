// Health, metrics, explain and the log level: the shapes on both ports, and that the counters count what was asked for.
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import type { Answer } from '../../conformance/rawRequest.ts';
import { HttpWire } from '../../fixtures/httpWire.ts';
import { startServer, type Server } from '../../fixtures/server.ts';

interface Health {
  readonly status: string;
  readonly version: string;
  readonly uptime_secs: number;
  readonly checks: readonly { readonly name: string; readonly kind: string; readonly status: string }[];
}

const files = { 'application.yml': 'a: 1\nb: ${a}\n', 'shop.yml': 'a: 2\n', 'broken.yml': 'a: [1\n' };

await t.test('health has one shape on both ports', async (t) => {
  const server = await startServer(t, { files, settings: { server: { workers: 2 } } });
  for (const [port, get] of [
    ['API', (target: string) => server.get(target)],
    ['management', (target: string) => server.manage('GET', target)],
  ] as const) {
    for (const target of ['/health', '/health/ready', '/health/live', '/health?verbose=1']) {
      const answer = await get(target);
      t.equal(answer.status, 200, `${target} on the ${port} port`);
      t.equal(answer.headers['content-type'], 'application/json');
      t.equal(answer.headers['cache-control'], 'no-store');
      const health = JSON.parse(answer.body.toString()) as Health;
      t.same(Object.keys(health), ['status', 'version', 'uptime_secs', 'checks']);
      t.equal(health.status, 'ok');
      t.ok(Number.isInteger(health.uptime_secs));
      t.match(health.version, /^\d+\.\d+\.\d+/);
      const kinds = new Set(health.checks.map((check) => check.kind));
      if (target.startsWith('/health/live')) t.equal(health.checks.length, 0);
      else t.ok(kinds.has('process') && kinds.has('snapshot') && kinds.has('worker'));
      if (target === '/health') t.ok(kinds.has('source') && kinds.has('content'));
      t.ok(health.checks.every((check) => check.status === 'ok'));
    }
    t.equal(names((await get('/health')).body, 'worker').length, 2);
  }
  const heads = await Promise.all(['/health', '/health/ready', '/health/live', '/metrics'].map((target) => server.request('HEAD', target)));
  for (const head of heads) {
    t.equal(head.status, 200);
    t.equal(head.body.length, 0);
    t.ok(Number(head.headers['content-length']) > 0);
  }
});

await t.test('explain says which file and line won and what it hides', async (t) => {
  const server = await startServer(t, { files });
  const answer = await server.manage('GET', '/explain/shop/dev');
  t.equal(answer.status, 200);
  const { keys } = JSON.parse(answer.body.toString()) as {
    keys: readonly { key: string; winner: { path: string; line: number; value: unknown }; hidden: readonly { value: unknown }[] }[];
  };
  const a = keys.find(({ key }) => key === 'a');
  t.match(a, { winner: { line: 1, value: 2 }, hidden: [{ value: 1, line: 1 }] });
  t.match(a?.winner.path, /shop\.yml$/);
  t.equal((await server.manage('GET', '/explain/shop/dev/main')).status, 200);
  t.equal((await server.manage('GET', '/explain/shop')).status, 404);
  t.equal((await server.manage('GET', '/explain/shop/..%2f/x')).status, 400);
  t.equal((await server.manage('GET', '/explain/broken/dev')).status, 500);
  t.equal((await server.manage('POST', '/explain/shop/dev')).status, 405);
  t.equal((await server.manage('HEAD', '/explain/shop/dev')).body.length, 0);
  t.equal((await server.manage('OPTIONS', '/explain/shop/dev')).headers['allow'], 'GET, HEAD, OPTIONS');
});

await t.test('the log level changes at run time what is logged', async (t) => {
  const server = await startServer(t, { files });
  const provoke = async (name: string): Promise<boolean> => {
    t.equal((await server.get(`/broken,${name}/dev`)).status, 500);
    await delay(300);
    return server.logLines().some((line) => JSON.stringify(line).includes(`broken,${name}`));
  };
  t.equal(await provoke('first'), true, 'a file that cannot be read is a warning');
  const level = async (): Promise<unknown> => JSON.parse((await server.manage('GET', '/vortex/v1/logging/level')).body.toString());
  t.match(await level(), { level: 'info' });
  t.equal((await server.manage('PUT', '/vortex/v1/logging/level', {}, '{"level":"error"}')).status, 200);
  t.match(await level(), { level: 'error' });
  t.equal(await provoke('second'), false, 'warnings are off');
  t.equal((await server.manage('PUT', '/vortex/v1/logging/level', {}, '{"level":"debug"}')).status, 200);
  t.equal(await provoke('third'), true, 'warnings are on again');
  for (const body of ['', 'debug', '{"level":"loud"}', '{"level":1}', '[]', 'null', `{"level":"${'x'.repeat(2_000)}"}`]) {
    const answer = await server.manage('PUT', '/vortex/v1/logging/level', {}, body);
    t.ok(answer.status === 400 || answer.status === 413, `${answer.status} for ${body.slice(0, 20)}`);
  }
  t.match(await level(), { level: 'debug' });
});

await t.test('the metrics count what was asked for', async (t) => {
  const server = await startServer(t, { files, settings: { server: { workers: 2 } } });
  const before = await scrape(server);
  t.equal(before.counter('http_requests_total', { path: '/{name}/{profiles}' }), 0);
  await times(7, () => server.get('/shop/dev'));
  await times(3, () => server.request('HEAD', '/shop/dev'));
  const etag = (await server.get('/shop/dev')).headers['etag'] ?? '';
  await times(4, () => server.get('/shop/dev', { 'if-none-match': etag }));
  await times(2, () => server.get('/config/shop-dev.yml'));
  await times(2, () => server.get('/shop/..%2f'));
  await times(5, () => server.get('/no-route'));
  await times(2, () => server.request('DELETE', '/shop/dev'));
  await times(6, () => server.get('/health/ready'));
  await times(2, () => server.manage('GET', '/health/live'));
  const after = await scrape(server);
  const counted = (labels: Labels): number => after.counter('http_requests_total', labels) - before.counter('http_requests_total', labels);
  t.equal(counted({ method: 'GET', path: '/{name}/{profiles}', status: '200' }), 8);
  t.equal(counted({ method: 'GET', path: '/{name}/{profiles}', status: '304' }), 4);
  t.equal(counted({ method: 'HEAD', path: '/{name}/{profiles}', status: '200' }), 3);
  t.equal(counted({ path: '/{name}-{profiles}.yml', status: '200' }), 2);
  t.equal(counted({ status: '400' }), 2);
  t.equal(counted({ path: 'unmatched', status: '404' }), 5);
  t.equal(counted({ status: '405' }), 2);
  t.equal(counted({ path: 'probe' }), 8);
  t.equal(counted({ path: 'metrics' }), 1, 'the scrape before, not the one that reports');
  for (const path of ['/{name}/{profiles}', '/{name}-{profiles}.yml', 'unmatched', 'probe', 'metrics']) {
    const requests = after.counter('http_requests_total', { path });
    t.equal(after.counter('http_request_duration_seconds_count', { path }), requests, `the histogram of ${path} counts every request`);
    t.equal(after.counter('http_request_duration_seconds_bucket', { path, le: '+Inf' }), requests);
  }
  const lookups = after.counter('cache_operations_total', { operation: 'lookup' });
  t.equal(lookups, 8 + 4 + 3 + 2);
  t.ok(after.counter('cache_operations_total', { operation: 'lookup', result: 'hit' }) >= lookups - 4);
  t.equal(
    (await scrapeText(server.get('/metrics'))).match(/^http_requests_total\{/gm)?.length,
    after.text.match(/^http_requests_total\{/gm)?.length,
    'the same series on both ports',
  );
});

await t.test('a request that was aborted while it waited is counted', async (t) => {
  const server = await startServer(t, { files, settings: { cache: { enabled: false } } });
  for (let index = 0; index < 50; index += 1) {
    const wire = await HttpWire.open(server.port);
    wire.send(`GET /shop/abort${index} HTTP/1.1\r\nhost: a\r\n\r\n`);
    wire.reset();
  }
  t.equal((await server.get('/shop/dev')).status, 200, 'the server goes on');
  const metrics = await scrape(server);
  const answered = metrics.counter('http_requests_total', { path: '/{name}/{profiles}', status: '200' });
  const aborted = metrics.counter('http_requests_aborted_total', {});
  t.ok(answered + aborted <= 51, `${answered} answered, ${aborted} aborted`);
});

type Labels = Readonly<Record<string, string>>;

interface Metrics {
  readonly text: string;
  /** The sum of all series with these labels. */
  readonly counter: (name: string, labels: Labels) => number;
}

async function scrape(server: Server): Promise<Metrics> {
  const text = await scrapeText(server.manage('GET', '/metrics'));
  const counter = (name: string, labels: Labels): number => {
    let sum = 0;
    for (const line of text.split('\n')) {
      const series = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
      if (series?.[1] !== name) continue;
      if (Object.entries(labels).every(([label, value]) => `,${series[2] ?? ''}`.includes(`,${label}="${value}"`))) sum += Number(series[3]);
    }
    return sum;
  };
  return { text, counter };
}

async function scrapeText(answer: Promise<Answer>): Promise<string> {
  const { status, headers, body } = await answer;
  t.equal(status, 200);
  t.match(headers['content-type'], /^text\/plain; version=0\.0\.4/);
  return body.toString();
}

async function times(count: number, send: () => Promise<Answer>): Promise<void> {
  for (let index = 0; index < count; index += 1) await send();
}

function names(body: Buffer, kind: string): readonly string[] {
  return (JSON.parse(body.toString()) as Health).checks.filter((check) => check.kind === kind).map((check) => check.name);
}
