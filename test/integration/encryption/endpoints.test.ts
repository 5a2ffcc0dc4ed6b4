// /encrypt, /decrypt, /key and /encrypt/status of the built server: with each kind of key, with bodies of every kind, and under load.
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { ENCRYPTION_BODY_BYTES_MAX } from '../../../src/model/limits.ts';
import { rsaPem } from '../../fixtures/encryptSettings.ts';
import { JKS } from '../../fixtures/keyStores.ts';
import { startServer, type Server } from '../../fixtures/server.ts';

t.setTimeout(120_000);

const plain = { 'content-type': 'text/plain' };
const hexOf = '000102030405060708090a0b0c0d0e0f1e2a8f02a6ea575ed808c658bb271e74';

function serverWith(test: Test, encrypt: Readonly<Record<string, unknown>>): Promise<Server> {
  return startServer(test, { files: { 'application.yml': 'a: 1\n' }, settings: { encrypt, cache: { enabled: true } } });
}

async function post(server: Server, target: string, body: string, headers: Readonly<Record<string, string>> = plain): Promise<string> {
  const answer = await server.request('POST', target, headers, body);
  return `${answer.status} ${answer.body.toString('utf8')}`;
}

t.test('a password: both ways, names and profiles, prefixes, forms', async (t) => {
  const server = await serverWith(t, { key: 's3cret-key' });
  const answer = await server.request('POST', '/encrypt', plain, 'grüße');
  t.match(answer.headers, { 'content-type': 'text/plain;charset=UTF-8', 'cache-control': 'no-store' });
  t.match(answer.body.toString(), /^[0-9a-f]{64}$/);
  t.equal(await post(server, '/decrypt', answer.body.toString()), '200 grüße');
  t.equal(await post(server, '/decrypt/orders/prod,eu', hexOf), '200 p@ss word');
  t.equal(await post(server, '/config/decrypt', hexOf), '200 p@ss word', 'below the prefix of an Ingress');
  t.match(await post(server, '/encrypt', '{key:k1}hello'), /^200 \{key:k1\}[0-9a-f]{64}$/);
  t.equal(await post(server, '/decrypt', `${hexOf}=`, { 'content-type': 'application/x-www-form-urlencoded' }), '200 p@ss word');
  t.equal((await server.get('/encrypt/status')).body.toString(), '{"status":"OK"}');
  t.match(await server.get('/key'), { status: 404, headers: { 'content-type': 'application/json' } });
  t.match(await server.request('HEAD', '/encrypt/status'), { status: 200, headers: { 'content-length': '15' } });
  const metrics = (await server.manage('GET', '/metrics')).body.toString();
  t.match(metrics, /http_requests_total\{method="POST",path="\/encrypt",status="200"\} 2/);
});

t.test('what cannot be decrypted, and what is no request', async (t) => {
  const server = await serverWith(t, { key: 's3cret-key' });
  const invalid = '400 {"description":"Text not encrypted with this key","status":"INVALID"}';
  for (const body of ['nonsense', 'abc', '00ff', `${hexOf}\n`, `{cipher}${hexOf}`, `${hexOf.slice(0, -1)}5`, hexOf.slice(0, 40), '{key:k']) {
    t.equal(await post(server, '/decrypt', body), invalid, JSON.stringify(body));
  }
  t.equal((await server.request('POST', '/encrypt', plain, null)).status, 400, 'no body');
  t.equal((await server.request('POST', '/encrypt', {}, 'x')).status, 400, 'no content type');
  t.equal((await server.request('POST', '/decrypt/a..b/x', plain, hexOf)).status, 400);
  t.match(await server.get('/encrypt'), { status: 405, headers: { allow: 'POST' } });
  const badForm = await server.request('POST', '/encrypt', { 'content-type': 'application/x-www-form-urlencoded' }, 'a%');
  t.equal(badForm.status, 400);
});

t.test('a body up to the limit is taken, a larger one is refused, announced or not', async (t) => {
  const server = await serverWith(t, { key: 's3cret-key' });
  const large = 'x'.repeat(ENCRYPTION_BODY_BYTES_MAX);
  const encrypted = await post(server, '/encrypt', 'x'.repeat(ENCRYPTION_BODY_BYTES_MAX / 2 - 64));
  t.match(await post(server, '/decrypt', encrypted.slice(4)), /^200 x{1000}/);
  t.match(await post(server, '/encrypt', large), /^200 /);
  t.match(await server.request('POST', '/encrypt', plain, `${large}x`), { status: 413 });
  const chunked = await new Promise<string>((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString())).on('close', () => resolve(text));
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' || error.code === 'ECONNRESET' ? resolve(text) : reject(error)));
    socket.write('POST /encrypt HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n');
    const part = `4000\r\n${'y'.repeat(0x4000)}\r\n`;
    for (let count = 0; count < 20; count += 1) socket.write(part);
  });
  t.match(chunked, /^HTTP\/1\.1 413 /);
  t.match(chunked, /connection: close/i);
  t.equal(await post(server, '/decrypt', hexOf), '200 p@ss word', 'the worker goes on');
});

t.test('clients that go away in the middle of a body do no harm', async (t) => {
  const server = await serverWith(t, { key: 's3cret-key' });
  for (let count = 0; count < 20; count += 1) {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    const body = count % 2 === 0 ? 'half' : 'whole-body';
    socket.write(`POST /encrypt HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: 10\r\n\r\n${body}`, () => socket.destroy());
  }
  t.equal(await post(server, '/decrypt', hexOf), '200 p@ss word');
  t.ok(server.isRunning);
});

t.test('more requests at once than may wait are refused with Retry-After, the others are answered', async (t) => {
  const server = await serverWith(t, { key: rsaPem(2_048) });
  const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => server.request('POST', '/encrypt', plain, `secret ${index}`)));
  const refused = answers.filter(({ status }) => status === 503);
  t.ok(refused.every(({ headers }) => headers['retry-after'] === '1'));
  t.equal(answers.filter(({ status }) => status === 200).length + refused.length, 200);
  t.ok(refused.length < 200);
  t.equal((await server.get('/a/b')).status, 200);
});

t.test('a key store: aliases and secrets by prefix, the public key', async (t) => {
  const folder = t.testdir({});
  writeFileSync(join(folder, 'store.jks'), JKS);
  const keyStore = { location: `file:${folder}/store.jks`, password: 'storepass', secret: 'Main-secret', alias: 'main' };
  const server = await serverWith(t, { 'key-store': keyStore, rsa: { algorithm: 'OAEP', strong: true, salt: 'my salt' } });
  t.match((await server.get('/key')).body.toString(), /^ssh-rsa \S+ application$/);
  const selected = await post(server, '/encrypt', '{key:second}{secret:second-secret}text');
  t.match(selected, /^200 \{key:second\}\{secret:second-secret\}[A-Za-z0-9+/]+=*$/);
  t.equal(await post(server, '/decrypt', selected.slice(4)), '200 text');
  t.match(await post(server, '/encrypt', '{key:unknown}text'), /^500 .*"error":"Internal Server Error"/);
  t.match(await post(server, '/encrypt', '{key:second}{secret:wrong}text'), /^500 /);
  t.match(await post(server, '/decrypt', selected.slice(4).replace('key:second', 'key:unknown')), /^400 .*INVALID/);
});

t.test('the certificate alone: it encrypts, and says that it cannot decrypt', async (t) => {
  const folder = t.testdir({});
  writeFileSync(join(folder, 'store.jks'), JKS);
  const server = await serverWith(t, { keyStore: { location: join(folder, 'store.jks'), password: 'storepass', alias: 'cert' } });
  t.match(await post(server, '/encrypt', 'text'), /^200 /);
  t.equal(await post(server, '/decrypt', 'AAAA'), '400 {"description":"Server-side decryption is not supported","status":"BAD_REQUEST"}');
  t.equal((await server.get('/encrypt/status')).body.toString(), '{"status":"OK"}');
});

t.test('without a key: errors as recorded', async (t) => {
  const server = await serverWith(t, {});
  t.match(await post(server, '/encrypt', 'x'), /^500 .*Internal Server Error/);
  t.equal((await server.get('/encrypt/status')).status, 500);
  t.equal((await server.get('/key/a/b')).body.toString(), '{"description":"No public key available","status":"NOT_FOUND"}');
});
