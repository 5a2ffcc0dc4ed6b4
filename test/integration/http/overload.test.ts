// More misses than may wait, clients that go away meanwhile, and the cache switched off: refusals, recovery, same answers.
import t from 'tap';
import { startServer } from '../../fixtures/server.ts';
import { HttpWire } from '../../fixtures/httpWire.ts';

const slowToResolve = Array.from({ length: 10_000 }, (_, index) => `key${index}: \${key${(index * 7 + 1) % 10_000}:none}x`).join('\n');

await t.test('above the limit of waiting misses requests are refused with Retry-After, then the server recovers', async (t) => {
  const server = await startServer(t, {
    files: { 'application.yml': 'shared: true\n', 'slow.yml': slowToResolve },
    settings: { server: { workers: 2, limits: { missQueueMax: 20 } } },
  });
  t.equal((await server.get('/shop/dev')).status, 200);
  const statuses = new Map<number, number>();
  const started = Date.now();
  const flood = Array.from({ length: 400 }, async (_, index) => {
    const answer = await server.get(`/slow/p${index}`);
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    if (answer.status === 503) {
      t.match(answer.headers['retry-after'], /^[1-9]\d*$/);
      t.match(JSON.parse(answer.body.toString()), { status: 503, error: 'Service Unavailable' });
    }
  });
  const cached = Array.from({ length: 40 }, async () => (await server.get('/shop/dev')).status);
  t.same([...new Set(await Promise.all(cached))], [200], 'what is in the snapshot is answered all the time');
  await Promise.all(flood);
  t.same(
    [...statuses.keys()].sort((left, right) => left - right),
    [200, 503],
  );
  t.ok((statuses.get(200) ?? 0) >= 20, `${JSON.stringify([...statuses])} in ${Date.now() - started} ms`);
  t.equal((await server.get('/slow/after')).status, 200, 'recovered');
  t.equal((await server.get('/health')).status, 200);
  const metrics = (await server.manage('GET', '/metrics')).body.toString();
  const refused = Number(/^vortex_miss_refused_total\{code="OVERLOADED"\} (\d+)$/m.exec(metrics)?.[1]);
  t.equal(refused, statuses.get(503), 'each refusal is counted');
});

await t.test('clients that go away while they wait do not hold their places for ever', async (t) => {
  const server = await startServer(t, { files: { 'slow.yml': slowToResolve }, settings: { server: { limits: { missQueueMax: 10 } } } });
  for (let index = 0; index < 60; index += 1) {
    const wire = await HttpWire.open(server.port);
    wire.send(`GET /slow/gone${index} HTTP/1.1\r\nhost: a\r\n\r\n`);
    setTimeout(() => wire.destroy(), 3);
  }
  const deadlineMs = Date.now() + 15_000;
  let status = 0;
  while (status !== 200 && Date.now() < deadlineMs) status = (await server.get('/slow/stays')).status;
  t.equal(status, 200);
});

await t.test('with the cache switched off every answer is computed and the same', async (t) => {
  const files = { 'application.yml': 'shared: true\n', 'shop.yml': `text: ${'long '.repeat(1_000)}\n`, 'shop/notes.txt': 'a note\n' };
  const [kept, computed] = await Promise.all([startServer(t, { files }), startServer(t, { files, settings: { cache: { enabled: false } } })]);
  for (const target of ['/shop/dev', '/shop-dev.yml', '/shop/dev/main/shop/notes.txt', '/other-dev.json']) {
    for (const encoding of ['identity', 'gzip', 'br']) {
      for (let round = 0; round < 3; round += 1) {
        const answer = await computed.get(target, { 'accept-encoding': encoding });
        const same = await kept.get(target, { 'accept-encoding': encoding });
        t.equal(answer.status, 200);
        t.equal(answer.headers['content-encoding'], same.headers['content-encoding']);
        t.equal(withoutFolder(answer.body, computed.folder).length > 0, true);
        const again = await computed.get(target, { 'accept-encoding': encoding, 'if-none-match': answer.headers['etag'] ?? '' });
        t.equal(again.status, 304);
      }
      const plain = await computed.get(target);
      t.equal(withoutFolder(plain.body, computed.folder), withoutFolder((await kept.get(target)).body, kept.folder));
    }
  }
  const metrics = (await computed.manage('GET', '/metrics')).body.toString();
  t.match(metrics, /^cache_operations_total\{operation="lookup",result="miss"\} [1-9]/m);
  t.notMatch(metrics, /^cache_operations_total\{operation="lookup",result="hit"\} [1-9]/m, 'nothing is kept');
});

function withoutFolder(body: Buffer, folder: string): string {
  return body.toString().replaceAll(folder, '');
}
