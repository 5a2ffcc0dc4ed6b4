// What text a body means, by its content type: what curl and a servlet container make of it.
import t from 'tap';
import { encryptionText } from '../../../../src/core/encryption/encryptionBody.ts';
import type { EncryptionQuestion } from '../../../../src/model/encryption.ts';
import { Random } from '../../../integration/fuzz/random.ts';

const form = 'application/x-www-form-urlencoded';

function text(operation: EncryptionQuestion['operation'], contentType: string, body: string | Buffer, hasQuery = false): string | null {
  return encryptionText({ operation, contentType, hasQuery, body: typeof body === 'string' ? Buffer.from(body) : body });
}

t.test('plain text is taken literally', async (t) => {
  for (const body of ['secret', 'a=b', 'ends=', 'line\n', '%41+', '"json"', 'grüße €']) {
    t.equal(text('encrypt', 'text/plain', body), body);
    t.equal(text('decrypt', 'text/plain', body), body);
  }
  t.equal(text('encrypt', 'application/json', '"hello"'), '"hello"', 'JSON is not parsed');
  t.equal(text('encrypt', 'text/plain;charset=ISO-8859-1', Buffer.from([0xfc])), 'ü');
  t.equal(text('encrypt', 'text/plain;charset=klingon', 'x'), null);
});

t.test('a form body to encrypt: what curl -d sends is the text', async (t) => {
  t.equal(text('encrypt', form, 'secret'), 'secret');
  t.equal(text('encrypt', form, 'my%20secret'), 'my secret');
  t.equal(text('encrypt', form, 'my secret+x'), 'my secret x');
  t.equal(text('encrypt', form, '100%25'), '100%');
  t.equal(text('encrypt', form, 'gr%C3%BC%C3%9Fe'), 'grüße');
  t.equal(text('encrypt', form, 'key=value'), 'key=value', 'not decoded');
  t.equal(text('encrypt', form, 'a=1&b=2&a=3'), 'a=1&a=3&b=2', 'a form read and written again');
  t.equal(text('encrypt', form, 'secret', true), 'secret', 'with a query it is no form');
  t.equal(text('encrypt', form, 'bad%'), null);
  t.equal(text('encrypt', `${form};charset=UTF-8`, 'p%40ss~(1)!*'), 'p@ss~(1)!*');
});

t.test('a form body to decrypt: the equals sign of the form goes, padding stays', async (t) => {
  t.equal(text('decrypt', form, '00ff'), '00ff');
  t.equal(text('decrypt', form, '00ff='), '00ff');
  t.equal(text('decrypt', form, 'AB+/'), 'AB+/');
  t.equal(text('decrypt', form, 'AB%2BC'), 'AB+C');
  t.equal(text('decrypt', form, 'abc'), 'abc=', 'of an odd length with its sign it could be padding');
  t.equal(text('decrypt', form, '{key:k}00ff'), '{key:k}00ff=', 'of an even length with its sign it stays, as upstream');
  t.equal(text('decrypt', 'text/plain;charset=UTF-8', '00ff='), '00ff', 'a parameter makes it another type');
});

t.test('any bytes of any type are a text or refused', async (t) => {
  const random = new Random(8);
  for (let round = 0; round < 5_000; round += 1) {
    const body = Buffer.from(random.some(40, () => (random.chance(0.7) ? random.pick('%&=+a{}:/'.split('')).charCodeAt(0) : random.below(256))));
    const contentType = random.pick([form, 'text/plain', 'text/plain;charset=utf-16', 'x', `${form};charset="`, 'application/json']);
    const read = text(random.pick(['encrypt', 'decrypt']), contentType, body);
    if (read !== null && typeof read !== 'string') t.fail(body.toString('hex'));
  }
  t.pass('5,000 bodies');
});
