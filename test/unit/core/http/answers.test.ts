// The small rules of answers: error object, encodings, entity tags, dispositions, and the encryption endpoints without a key.
import t from 'tap';
import { acceptEncoding } from '../../../../src/core/http/acceptEncoding.ts';
import { contentDisposition } from '../../../../src/core/http/contentDisposition.ts';
import { answerWithoutKey, problemBody } from '../../../../src/core/encryption/encryptionAnswers.ts';
import { errorCodes } from '../../../../src/model/errorCodes.ts';
import { entityTagMatches } from '../../../../src/core/http/entityTagMatches.ts';
import { errorBody } from '../../../../src/core/http/errorBody.ts';

const page = { status: 404, path: '/a"b/dev', timestampIso: '2026-01-31T10:15:30.123Z' };

t.test('the error object has its four fields in order', async (t) => {
  const answer = errorBody({ ...page, accept: '' });
  t.equal(answer?.body, '{"timestamp":"2026-01-31T10:15:30.123Z","status":404,"error":"Not Found","path":"/a\\"b/dev"}');
  t.equal(answer?.contentType, 'application/json');
});

t.test('the error object takes the type of a real client, HTML for a browser, nothing when nothing fits', async (t) => {
  const v2 = 'application/vnd.spring-cloud.config-server.v2+json';
  t.equal(errorBody({ ...page, accept: v2 })?.contentType, v2);
  t.equal(errorBody({ ...page, accept: 'application/*' })?.contentType, 'application/json');
  t.equal(errorBody({ ...page, accept: 'text/html,application/xhtml+xml,*/*;q=0.8' })?.contentType, 'text/html;charset=UTF-8');
  t.equal(errorBody({ ...page, accept: 'image/png' }), null);
  t.equal(errorBody({ ...page, accept: 'nonsense' })?.contentType, 'application/json');
  t.notMatch(errorBody({ ...page, path: '/<script>', accept: 'text/html' })?.body, /script/);
});

t.test('content encodings are chosen by quality, then br before gzip', async (t) => {
  const expected: readonly (readonly [header: string, encoding: string])[] = [
    ['', 'identity'],
    ['gzip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['gzip, deflate, br', 'br'],
    ['gzip;q=1.0, br;q=0.5', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['gzip;q=0', 'identity'],
    ['identity, gzip;q=0.5', 'identity'],
    ['*', 'br'],
    ['*;q=0.5, br;q=0', 'gzip'],
    ['*;q=0', 'identity'],
    ['GZIP ; Q=0.8', 'gzip'],
    ['br;q=x, gzip;q=0.1', 'gzip'],
    ['zstd', 'identity'],
  ];
  for (const [header, encoding] of expected) t.equal(acceptEncoding(header), encoding, header);
});

t.test('entity tags are compared weakly, in lists too', async (t) => {
  for (const header of ['"x1"', 'W/"x1"', '*', '"a", "x1"', '"a,b" , W/"x1"', ' "x1" ', '"a",,"x1"']) t.ok(entityTagMatches(header, '"x1"'), header);
  t.ok(entityTagMatches('"x1"', 'W/"x1"'));
  for (const header of ['', '"x"', 'x1', '"x1', '"x12"', '"a" "x1"', 'w/"x1"']) t.notOk(entityTagMatches(header, '"x1"'), header);
});

t.test('unknown extensions carry a disposition, safe and absent ones do not', async (t) => {
  for (const path of ['/a/dev/1.0.x', '/a/dev/main/site.conf', '/a/dev/main/no.ext.here', '/a/dev/.x', '/a/x.jsonb', '/a/dev/main/f.c%6Fnf']) {
    t.ok(contentDisposition(path), path);
  }
  for (const path of ['/a/dev', '/a/dev/main/f.txt', '/a/dev/main/f.YML', '/a.conf/dev', '/a/dev/main/f.', '/a/dev/main/l.svg', '/a/dev;x.conf']) {
    t.notOk(contentDisposition(path), path);
  }
});

t.test('without a key the encryption endpoints answer as recorded', async (t) => {
  const facts = { hasKey: false, canDecrypt: false, publicKeyText: null };
  t.same(answerWithoutKey('R9', 'text/plain', 5, facts), { kind: 'failed', code: 'KEY_MISSING' });
  t.same(answerWithoutKey('R10', 'text/plain', 5, facts), { kind: 'failed', code: 'KEY_MISSING' });
  t.same(answerWithoutKey('R9', '', 5, facts), { kind: 'failed', code: 'BODY_INVALID' });
  t.same(answerWithoutKey('R9', 'text/plain', 0, facts), { kind: 'failed', code: 'BODY_INVALID' });
  t.same(answerWithoutKey('R11', '', 0, facts), { kind: 'failed', code: 'KEY_MISSING' });
  const key = answerWithoutKey('R12', '', 0, facts);
  t.match(key, { kind: 'problem', problem: { status: 404 } });
  t.equal(key?.kind === 'problem' && problemBody(key.problem), '{"description":"No public key available","status":"NOT_FOUND"}');
  t.equal(errorCodes.KEY_MISSING.status, 500);
});

t.test('with the public half of a key alone only decryption is refused', async (t) => {
  const facts = { hasKey: true, canDecrypt: false, publicKeyText: 'ssh-rsa AAAA application' };
  t.equal(answerWithoutKey('R9', 'text/plain', 5, facts), null);
  t.equal(answerWithoutKey('R11', '', 0, facts), null);
  t.same(answerWithoutKey('R12', '', 0, facts), { kind: 'text', text: 'ssh-rsa AAAA application' });
  t.match(answerWithoutKey('R10', 'text/plain', 5, facts), {
    problem: { status: 400, description: 'Server-side decryption is not supported', name: 'BAD_REQUEST' },
  });
});
