// Conditional requests, HEAD, OPTIONS, revisions and compressed variants of every route, through real sockets.
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import t from 'tap';
import { HttpWire } from '../../fixtures/httpWire.ts';
import { startServer } from '../../fixtures/server.ts';

const many = Array.from({ length: 300 }, (_, index) => `key${index}: a value that repeats ${index % 7}`).join('\n');

const server = await startServer(t, {
  files: {
    'application.yml': `shared: true\nurl: http://\${host}/x\nhost: example.org\n`,
    'many.yml': many,
    'many/notes.txt': 'line ${key1}\n'.repeat(200),
    'many/logo.bin': new Uint8Array(5_000).fill(7),
  },
});

const v2 = 'application/vnd.spring-cloud.config-server.v2+json';

/** One target of every route that answers 200, with what it is asked for. */
const targets: readonly (readonly [target: string, accept: string])[] = [
  ['/shop/dev', '*/*'],
  ['/shop/dev', v2],
  ['/shop/dev/main', 'application/json'],
  ['/shop-dev.properties', '*/*'],
  ['/shop-dev.yml', '*/*'],
  ['/shop-dev.yaml', '*/*'],
  ['/shop-dev.json', '*/*'],
  ['/main/shop-dev.properties', '*/*'],
  ['/main/shop-dev.yml', '*/*'],
  ['/main/shop-dev.yaml', '*/*'],
  ['/main/shop-dev.json', '*/*'],
  ['/shop-dev.json?resolvePlaceholders=false', '*/*'],
  ['/many/dev', '*/*'],
  ['/many-dev.yml', '*/*'],
  ['/shop/dev/main/many/notes.txt', '*/*'],
  ['/many/dev/main/many/notes.txt', 'text/plain'],
  ['/many/dev/main/many/logo.bin', 'application/octet-stream'],
];

/** Present in both, and what a cache stores with an answer. */
const metadata = ['etag', 'x-vortex-revision', 'vary', 'last-modified', 'content-encoding'];

for (const [target, accept] of targets) {
  await t.test(`${target} for ${accept} has an entity tag that works in every form of If-None-Match`, async (t) => {
    const full = await server.get(target, { accept });
    t.equal(full.status, 200);
    const etag = full.headers['etag'] ?? '';
    t.match(etag, /^"[\x21\x23-\x7e]+"$/, 'a strong entity tag');
    t.match(full.headers['x-vortex-revision'], /^[0-9a-f]{40}$/);
    t.match(full.headers['vary'], /accept-encoding/);
    for (const condition of [etag, `W/${etag}`, `"other", ${etag}`, `"a", W/"b",W/${etag} , "c"`, '*', ` ${etag} `]) {
      const answer = await server.get(target, { accept, 'if-none-match': condition });
      t.equal(answer.status, 304, `304 for ${condition}`);
      t.equal(answer.body.length, 0);
      t.ok(
        ['', String(full.body.length)].includes(answer.headers['content-length'] ?? ''),
        `content-length ${answer.headers['content-length']} is that of the 200 or absent`,
      );
      for (const name of metadata) t.equal(answer.headers[name], full.headers[name], name);
    }
    for (const condition of ['"other"', etag.slice(1, -1), `${etag.slice(0, -1)}x"`, `"${etag}"`, '""']) {
      const answer = await server.get(target, { accept, 'if-none-match': condition });
      t.equal(answer.status, 200, `200 for ${condition}`);
      t.same(answer.body, full.body);
    }
  });

  await t.test(`HEAD ${target} for ${accept} has the headers of GET and no body`, async (t) => {
    const full = await server.get(target, { accept });
    const head = await server.request('HEAD', target, { accept });
    t.equal(head.status, 200);
    t.equal(head.body.length, 0);
    t.same(withoutDate(head.headers), withoutDate(full.headers));
    t.equal(head.headers['content-length'], String(full.body.length));
    const conditional = await server.request('HEAD', target, { accept, 'if-none-match': full.headers['etag'] ?? '' });
    t.equal(conditional.status, 304);
  });

  await t.test(`OPTIONS ${target} says what is allowed`, async (t) => {
    const options = await server.request('OPTIONS', target);
    t.equal(options.status, 200);
    t.same(options.headers['allow']?.split(', ').sort(), ['GET', 'HEAD', 'OPTIONS']);
    t.equal(options.body.length, 0);
  });
}

await t.test('different answers have different entity tags, equal answers the same', async (t) => {
  const tag = async (target: string, accept = '*/*'): Promise<string | undefined> => (await server.get(target, { accept })).headers['etag'];
  t.equal(await tag('/shop/dev'), await tag('/config/shop/dev'));
  t.not(await tag('/shop/dev'), await tag('/shop/dev', v2));
  t.not(await tag('/shop-dev.json'), await tag('/shop-dev.json?resolvePlaceholders=false'));
  t.not(await tag('/shop/dev'), await tag('/shop/prod'));
});

await t.test('a compressed variant decodes to the same bytes, on the very first request too', async (t) => {
  const firstTargets = [
    ['/many/first-gzip', '/many/first-br'],
    ['/many-firstgzip.properties', '/many-firstbr.properties'],
  ] as const;
  for (const [gzipTarget, brTarget] of firstTargets) {
    const gzip = await server.get(gzipTarget, { 'accept-encoding': 'gzip' });
    const br = await server.get(brTarget, { 'accept-encoding': 'gzip, deflate, br' });
    t.equal(gzip.headers['content-encoding'], 'gzip');
    t.equal(br.headers['content-encoding'], 'br');
    const plainOfGzip = await server.get(gzipTarget);
    const plainOfBr = await server.get(brTarget);
    t.same(gunzipSync(gzip.body), plainOfGzip.body);
    t.same(brotliDecompressSync(br.body), plainOfBr.body);
    t.notOk(plainOfGzip.headers['content-encoding']);
    t.equal(gzip.headers['content-type'], plainOfGzip.headers['content-type']);
    t.ok(gzip.body.length < plainOfGzip.body.length / 2);
  }
});

await t.test('each variant has an entity tag of its own that only revalidates itself', async (t) => {
  const plain = await server.get('/many/dev');
  const gzip = await server.get('/many/dev', { 'accept-encoding': 'gzip' });
  const br = await server.get('/many/dev', { 'accept-encoding': 'br' });
  const tags = [plain, gzip, br].map((answer) => answer.headers['etag'] ?? '');
  t.equal(new Set(tags).size, 3);
  for (const answer of [plain, gzip, br]) t.match(answer.headers['vary'], /accept-encoding/);
  for (const [index, encoding] of ['identity', 'gzip', 'br'].entries()) {
    const again = await server.get('/many/dev', { 'accept-encoding': encoding, 'if-none-match': tags[index] ?? '' });
    t.equal(again.status, 304, `${encoding} revalidates its own tag`);
    const head = await server.request('HEAD', '/many/dev', { 'accept-encoding': encoding });
    t.equal(head.headers['etag'], tags[index]);
    t.equal(head.headers['content-length'], String([plain, gzip, br][index]?.body.length));
  }
  const other = await server.get('/many/dev', { 'accept-encoding': 'gzip', 'if-none-match': tags[0] ?? '' });
  t.equal(other.status, 200, 'the tag of the plain body does not revalidate the compressed one');
});

await t.test('what a client refuses is not sent, and small bodies stay as they are', async (t) => {
  for (const encoding of ['gzip;q=0', 'identity', 'deflate', 'gzip;q=0, br;q=0, *', 'nonsense;;;', '']) {
    const answer = await server.get('/many/dev', { 'accept-encoding': encoding });
    t.equal(answer.status, 200);
    t.notOk(answer.headers['content-encoding'], `plain for ${JSON.stringify(encoding)}`);
  }
  t.equal((await server.get('/many/dev', { 'accept-encoding': 'br;q=0.1, gzip;q=0.9' })).headers['content-encoding'], 'gzip');
  t.equal((await server.get('/many/dev', { 'accept-encoding': '*' })).headers['content-encoding'], 'br');
  t.notOk((await server.get('/shop/dev', { 'accept-encoding': 'gzip, br' })).headers['content-encoding'], 'one packet anyway');
});

await t.test('a connection stays usable after 304, HEAD and OPTIONS', async (t) => {
  const etag = (await server.get('/many/dev')).headers['etag'] ?? '';
  const wire = await HttpWire.open(server.port);
  for (let round = 0; round < 3; round += 1) {
    wire.send(`GET /many/dev HTTP/1.1\r\nhost: a\r\nif-none-match: ${etag}\r\n\r\n`);
    t.equal((await wire.answer()).status, 304);
    wire.send('HEAD /many/dev HTTP/1.1\r\nhost: a\r\n\r\n');
    t.equal((await wire.answer('HEAD')).status, 200);
    wire.send('OPTIONS /many/dev HTTP/1.1\r\nhost: a\r\n\r\n');
    t.equal((await wire.answer()).status, 200);
    wire.send('GET /many/dev HTTP/1.1\r\nhost: a\r\n\r\n');
    t.equal((await wire.answer()).status, 200);
  }
  t.equal(wire.unread().length, 0);
  wire.destroy();
});

await t.test('a plain-text file is revalidated by its time too', async (t) => {
  const target = '/shop/dev/main/many/notes.txt';
  const full = await server.get(target);
  const lastModified = full.headers['last-modified'] ?? '';
  t.ok(Date.parse(lastModified) > 0);
  const unchanged = await server.get(target, { 'if-modified-since': lastModified });
  t.equal(unchanged.status, 304);
  t.equal(unchanged.headers['last-modified'], lastModified);
  t.notOk(unchanged.headers['content-length'] === '0', 'a length of nothing would be stored as that of the file');
  t.equal((await server.get(target, { 'if-modified-since': 'Sat, 01 Jan 2000 00:00:00 GMT' })).status, 200);
  t.equal((await server.get(target, { 'if-unmodified-since': 'Sat, 01 Jan 2000 00:00:00 GMT' })).status, 412);
  t.equal((await server.get(target, { 'if-modified-since': 'yesterday' })).status, 200);
});

function withoutDate(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { date: _date, ...rest } = headers;
  return rest;
}
