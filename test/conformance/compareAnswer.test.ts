// Status, content type, headers and the kinds of bodies: equal by the rules of the corpus or reported. (corpus README 5, 6)
import t from 'tap';
import { compareAnswer, type Expectation } from './compareAnswer.ts';
import type { Answer } from './rawRequest.ts';

function answer(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: Buffer.from(body) };
}

function expectation(parts: Partial<Expectation>): Expectation {
  return { status: 200, contentType: null, bodyKind: 'text', body: '', optionalHeaders: {}, accept: null, ...parts };
}

t.test('status: equal or one of the alternatives', async (t) => {
  t.same(compareAnswer(expectation({ status: 404, bodyKind: 'empty' }), answer(404, '')), []);
  t.same(compareAnswer(expectation({ status: 404 }), answer(200, '')), ['status: expected 404, got 200']);
  t.same(compareAnswer(expectation({ status: 500, altStatus: [400] }), answer(400, 'whatever')), []);
});

t.test('content type: any case of type and charset, parameters as recorded', async (t) => {
  const text = expectation({ contentType: 'text/plain;charset=UTF-8' });
  t.same(compareAnswer(text, answer(200, '', { 'content-type': 'Text/Plain; charset=utf-8' })), []);
  t.match(compareAnswer(text, answer(200, '', { 'content-type': 'text/plain' })), [/expected text\/plain;charset=UTF-8, got text\/plain/]);
  t.match(compareAnswer(expectation({ contentType: 'text/plain' }), answer(200, '', { 'content-type': 'text/plain;charset=utf-8' })), [/content type/]);
  t.match(compareAnswer(text, answer(200, '')), [/got none/]);
});

t.test('headers: required ones must be there, optional ones only match when they are', async (t) => {
  const required = expectation({ headers: { Allow: 'GET,HEAD', 'Last-Modified': '*' } });
  t.same(compareAnswer(required, answer(200, '', { allow: 'HEAD, GET', 'last-modified': 'Tue, 05 Mar 2024 10:00:00 GMT' })), []);
  t.match(compareAnswer(required, answer(200, '', { allow: 'GET', 'last-modified': 'yesterday' })), [/Allow: expected GET,HEAD, got GET/, /Last-Modified/]);
  t.match(compareAnswer(required, answer(200, '')), [/Allow.*none/, /Last-Modified.*none/]);
  const optional = expectation({ optionalHeaders: { 'Content-Disposition': 'inline' } });
  t.same(compareAnswer(optional, answer(200, '')), []);
  t.match(compareAnswer(optional, answer(200, '', { 'content-disposition': 'attachment' })), [/Content-Disposition/]);
});

t.test('text: exact, with its final newline, or lines in any order', async (t) => {
  t.same(compareAnswer(expectation({ body: 'a: 1\nb: 2\n' }), answer(200, 'a: 1\nb: 2\n')), []);
  t.match(compareAnswer(expectation({ body: 'a: 1\n' }), answer(200, 'a: 1')), [/line 2 of 2: expected "", got the end of the text/]);
  t.match(compareAnswer(expectation({ body: 'a: 1\nb: 2\n' }), answer(200, 'b: 2\na: 1\n')), [/line 1 of 3: expected "a: 1", got "b: 2"/]);
  t.same(compareAnswer(expectation({ body: 'a: 1\nb: 2\n', unordered: true }), answer(200, 'b: 2\na: 1\n')), []);
});

t.test('bytes and empty bodies', async (t) => {
  const bytes = Buffer.from([0xff, 0, 10]);
  const binary = expectation({ bodyKind: 'bytes', body: bytes.toString('base64') });
  t.same(compareAnswer(binary, { status: 200, headers: {}, body: bytes }), []);
  t.match(compareAnswer(binary, answer(200, '\u00ff\u0000\n')), [/body: expected the bytes/]);
  t.match(compareAnswer(expectation({ bodyKind: 'empty', body: null }), answer(200, '{}')), [/expected none, got 2 bytes/]);
});

t.test('JSON goes to the JSON comparer', async (t) => {
  t.match(compareAnswer(expectation({ bodyKind: 'json', body: '{"a":1}' }), answer(200, '{"a":1.0}')), [/\$\.a/]);
});

t.test('error objects: members and a timestamp, unless the request prefers HTML or admits no JSON', async (t) => {
  const members = { status: 404, error: 'Not Found', path: '/x' };
  const error = expectation({ status: 404, bodyKind: 'errorObject', body: members });
  const good = JSON.stringify({ timestamp: '2026-01-02T03:04:05.678+00:00', ...members, further: true });
  t.same(compareAnswer(error, answer(404, good)), []);
  t.match(compareAnswer(error, answer(404, JSON.stringify(members))), [/timestamp/]);
  t.match(compareAnswer(error, answer(404, good.replace('/x', '/y'))), [/expected path "\/x", got "\/y"/]);
  t.match(compareAnswer(error, answer(404, 'Not Found')), [/expected an error object/]);
  for (const accept of ['text/html', 'text/html, */*;q=0.8', 'image/png', 'application/json;q=0']) {
    t.same(compareAnswer({ ...error, accept }, answer(404, '<html></html>')), [], accept);
  }
  for (const accept of ['application/json', '*/*', 'application/*;q=0.5, text/plain']) {
    t.equal(compareAnswer({ ...error, accept }, answer(404, '<html></html>')).length, 1, accept);
  }
});
