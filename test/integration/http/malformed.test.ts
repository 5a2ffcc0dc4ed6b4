// Requests that are no HTTP, too large, or of the wrong kind: a clear status or a clean close, and the server goes on.
import t from 'tap';
import { HttpWire, type WireAnswer } from '../../fixtures/httpWire.ts';
import { startServer } from '../../fixtures/server.ts';

const headerBytesMax = 16 * 1_024;
const urlBytesMax = 2_048;

const server = await startServer(t, {
  files: { 'application.yml': 'shared: true\n', 'shop/notes.txt': 'a note\n' },
  settings: { server: { limits: { headerBytesMax: `${headerBytesMax}B`, urlBytesMax: `${urlBytesMax}B` } } },
});

const ports = [
  ['API', server.port],
  ['management', server.managementPort],
] as const;

/** The answer to these bytes, or null when the connection was closed without one. */
async function answerTo(port: number, bytes: string | Uint8Array, method = 'GET'): Promise<WireAnswer | null> {
  const wire = await HttpWire.open(port);
  wire.send(bytes);
  try {
    return await wire.answer(method, 5_000);
  } catch (error) {
    if ((await wire.ended(15_000)).length > 0) throw error;
    return null;
  } finally {
    wire.destroy();
  }
}

const garbage: Readonly<Record<string, string>> = {
  'no HTTP at all': 'hello\r\n\r\n',
  'a TLS handshake': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + 'x'.repeat(100) + '\r\n\r\n',
  'a request line without version': 'GET /shop/dev\r\n\r\n',
  'an unknown version': 'GET /shop/dev HTTP/9.9\r\nhost: a\r\n\r\n',
  'HTTP/2 with prior knowledge': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a target without slash': 'GET shop/dev HTTP/1.1\r\nhost: a\r\n\r\n',
  'blanks in the target': 'GET /shop /dev HTTP/1.1\r\nhost: a\r\n\r\n',
  'a header line without colon': 'GET /shop/dev HTTP/1.1\r\nhost: a\r\nnonsense\r\n\r\n',
  'a blank in a header name': 'GET /shop/dev HTTP/1.1\r\nhost: a\r\nif none: b\r\n\r\n',
  'a header without name': 'GET /shop/dev HTTP/1.1\r\nhost: a\r\n: b\r\n\r\n',
  'a folded header': 'GET /shop/dev HTTP/1.1\r\nhost: a\r\nx: b\r\n c\r\n\r\n',
  'a NUL in a header': 'GET /shop/dev HTTP/1.1\r\nhost: a\r\nx: b\0c\r\n\r\n',
  'a NUL in the target': 'GET /shop/d\0ev HTTP/1.1\r\nhost: a\r\n\r\n',
  'a control character in the target': 'GET /shop/d\x07ev HTTP/1.1\r\nhost: a\r\n\r\n',
  'a bare line feed': 'GET /shop/dev HTTP/1.1\nhost: a\n\n',
  'a content-length that is no number': 'POST /encrypt HTTP/1.1\r\nhost: a\r\ncontent-length: ten\r\n\r\n',
  'a negative content-length': 'POST /encrypt HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n',
  'an endless content-length': 'POST /encrypt HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999999999999999\r\n\r\n',
  'two content-lengths': 'POST /encrypt HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
  'content-length beside chunks': 'POST /encrypt HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  'a chunk size that is no number': 'POST /encrypt HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n\r\n',
  'an unknown transfer-encoding': 'POST /encrypt HTTP/1.1\r\nhost: a\r\ntransfer-encoding: rot13\r\n\r\n',
  'no host': 'GET /shop/dev HTTP/1.1\r\n\r\n',
};

for (const [name, port] of ports) {
  for (const [what, bytes] of Object.entries(garbage)) {
    await t.test(`${what} gets an answer or a close on the ${name} port`, async (t) => {
      const answer = await Promise.race([answerTo(port, bytes), lateNull()]);
      if (answer !== null) t.ok(answer.status >= 200 && answer.status < 506, `status ${answer.status}`);
      else t.pass('closed, or still waiting for the rest');
      t.equal((await server.get('/shop/dev')).status, 200, 'the server goes on');
    });
  }
}

/** What looks as if the rest were still to come is waited for: see the idle time-out in connections.test.ts. */
function lateNull(): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), 500));
}

await t.test('a header block above the limit is 431 on both ports, below it is served', async (t) => {
  for (const [name, port] of ports) {
    for (const header of [
      `x: ${'y'.repeat(headerBytesMax + 100)}`,
      `cookie: ${'z'.repeat(headerBytesMax * 4)}`,
      'header: value\r\n'.repeat(headerBytesMax / 10),
    ]) {
      const answer = await answerTo(port, `GET /health/live HTTP/1.1\r\nhost: a\r\n${header.trimEnd()}\r\n\r\n`);
      t.equal(answer?.status, 431, `${header.slice(0, 8)} on the ${name} port`);
    }
    const large = await answerTo(port, `GET /health/live HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${'y'.repeat(headerBytesMax - 2_000)}\r\n\r\n`);
    t.equal(large?.status, 200, `a large token on the ${name} port`);
  }
});

await t.test('a target above the limit is 414, just below it is served', async (t) => {
  const name = 'n'.repeat(urlBytesMax - '//dev'.length);
  t.equal((await server.get(`/${name}/dev`)).status, 200);
  const tooLong = await server.get(`/${name}nnnnn/dev`);
  t.equal(tooLong.status, 414);
  t.match(JSON.parse(tooLong.body.toString()), { status: 414, error: 'URI Too Long' });
  t.equal((await server.get(`/never-asked/dev?${'q'.repeat(urlBytesMax)}`)).status, 414);
  t.equal((await server.get(`/shop-dev.yml?${'q=1&'.repeat(urlBytesMax / 4)}`)).status, 414);
  t.equal((await server.request('POST', `/${name}${name}/dev`)).status, 414);
});

await t.test('a body on GET is read past, and the next request on the connection is served', async (t) => {
  for (const target of ['/shop/dev', '/shop/never-asked', '/health/live', '/health', '/no-route']) {
    const expected = target === '/no-route' ? 404 : 200;
    for (const body of ['content-length: 5\r\n\r\nhello', 'transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n']) {
      const wire = await HttpWire.open(server.port);
      wire.send(`GET ${target} HTTP/1.1\r\nhost: a\r\n${body}`);
      t.equal((await wire.answer()).status, expected, `${target} with ${body.slice(0, 14)}`);
      wire.send('GET /shop/dev HTTP/1.1\r\nhost: a\r\n\r\n');
      t.equal((await wire.answer()).status, 200);
      wire.destroy();
    }
  }
});

await t.test('a large body nobody wants does not stay in memory', async (t) => {
  const before = server.residentMegabytes();
  for (const target of ['/shop/dev', '/encrypt', '/health/live']) {
    const wire = await HttpWire.open(server.port);
    const length = 50 * 1_024 * 1_024;
    wire.send(`POST ${target} HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ncontent-length: ${length}\r\n\r\n`);
    const part = Buffer.alloc(1_024 * 1_024, 120);
    for (let sent = 0; sent < length && !wire.closed; sent += part.length) {
      await new Promise<void>((resolve) => {
        wire.socket.write(part, () => resolve());
        wire.socket.once('close', () => resolve());
      });
    }
    const answer = await wire.answer('POST', 10_000).catch(() => null);
    if (answer !== null) t.ok(answer.status >= 400, `${target}: ${answer.status}`);
    wire.destroy();
  }
  t.ok(server.residentMegabytes() - before < 60, `${before} MB, then ${server.residentMegabytes()} MB`);
  t.equal((await server.get('/shop/dev')).status, 200);
});

await t.test('input that no name, label or path may hold is 400', async (t) => {
  for (const target of [
    '/shop%00/dev',
    '/shop%0d%0aset-cookie:x/dev',
    '/shop/dev/a%07b',
    '/shop/dev/main/a%1bb.txt',
    '/shop/d%7fev',
    '/sh%c2%85op/dev',
    '/%ff%fe/dev',
    '/shop/%zz',
    '/shop/dev/%c0%ae',
    '/shop%2500/dev',
    '/{shop}/dev',
    '/shop/dev/main/%250a',
  ]) {
    const answer = await server.get(target);
    t.equal(answer.status, 400, target);
    t.notOk(answer.headers['set-cookie']);
  }
});

await t.test('methods are case-sensitive, unknown ones are refused', async (t) => {
  for (const method of ['get', 'Get', 'FOO', 'CONNECT', 'G'.repeat(64)]) {
    const answer = await answerTo(server.port, `${method} /shop/dev HTTP/1.1\r\nhost: a\r\n\r\n`);
    if (answer !== null) t.ok([400, 405, 501].includes(answer.status), `${method}: ${answer.status}`);
    else t.pass(`${method}: closed`);
  }
  t.equal((await server.get('/shop/dev')).status, 200);
});

await t.test('an absolute target is answered, not followed', async (t) => {
  const answer = await answerTo(server.port, 'GET http://127.0.0.1:1/shop/dev HTTP/1.1\r\nhost: a\r\n\r\n');
  if (answer !== null) t.ok([200, 400, 404, 505].includes(answer.status), `status ${answer.status}`);
  else t.pass('closed');
  t.equal((await server.get('/shop/dev')).status, 200);
});

await t.test('HTTP/1.0 is answered', async (t) => {
  const answer = await answerTo(server.port, 'GET /shop/dev HTTP/1.0\r\n\r\n');
  t.ok(answer === null || answer.status === 200 || answer.status === 505, `status ${answer?.status ?? 'closed'}`);
});

await t.test('nothing of this is an error of the server', async (t) => {
  t.notMatch(server.output, /"level":"(error|fatal)"/);
  t.equal((await server.get('/health')).status, 200);
});
