// What may be in a log line: no secrets, plain values, bounded size.
import t from 'tap';
import { Secret } from '../../../src/base/secret.ts';
import { cleanFields } from '../../../src/telemetry/cleanFields.ts';

const clean = (fields: Record<string, unknown>): Readonly<Record<string, unknown>> => cleanFields({ message: '', fields }).fields;

t.test('fields with the name of a secret are masked at every depth', (t) => {
  const shown = clean({
    a: { b: [{ passphrase: 'x', Authorization: 'Basic x', 'set-cookie': 'x', private_key: 'x', apiKey: 'x', accessToken: 'x', clientSecret: 'x' }] },
    options: new Map<string, unknown>([
      ['git.password', 'x'],
      ['uri', 'https://joe:pw@host/'],
    ]),
  });
  t.same(shown, {
    a: { b: [{ passphrase: '***', Authorization: '***', 'set-cookie': '***', private_key: '***', apiKey: '***', accessToken: '***', clientSecret: '***' }] },
    options: { 'git.password': '***', uri: 'https://***@host/' },
  });
  t.end();
});

t.test('values that JSON does not know become plain', (t) => {
  const shown = clean({
    big: 12n,
    bytes: new Uint8Array(3),
    when: new Date(0),
    never: new Date(Number.NaN),
    infinite: Infinity,
    url: new URL('https://joe:pw@host/x'),
    call: () => 1,
    set: new Set([1, 2]),
    nothing: null,
    secret: new Secret('x'),
    shown: new Secret('x'),
  });
  t.same(shown, {
    big: '12',
    bytes: '[3 bytes]',
    when: '1970-01-01T00:00:00.000Z',
    never: 'Invalid Date',
    infinite: 'Infinity',
    url: 'https://***@host/x',
    call: '[function]',
    set: [1, 2],
    nothing: null,
    secret: '***',
    shown: '***',
  });
  t.end();
});

t.test('long texts, long lists, wide and deep structures and such that hold themselves are cut', (t) => {
  const self: Record<string, unknown> = {};
  self['self'] = self;
  const shown = clean({ text: 'x'.repeat(10_000), list: Array.from({ length: 1_000 }, () => 'item'), self });
  t.equal(shown['text'], `${'x'.repeat(8_192)}[1808 more]`);
  const list = shown['list'] as readonly unknown[];
  t.equal(list.length, 101);
  t.equal(list[100], '[900 more]');
  t.match(JSON.stringify(shown['self']), /\[deeper\]/);
  const wide = clean(Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`k${index}`, index])));
  t.equal(Object.keys(wide).length, 101);
  t.equal(wide['more'], 200);
  t.end();
});

t.test('a text is never cut within a URL, where its password would be shown', (t) => {
  const text = `${'x '.repeat(4_090)}https://joe:hunter2-and-more-of-it@host/x`;
  t.notMatch(clean({ text })['text'], /hunter2|joe/);
  t.match(clean({ text: `a://u:p@h ${'y'.repeat(9_000)}` })['text'], /^a:\/\/\*\*\*@h y+\[/);
  t.end();
});

t.test('an error that causes itself ends', (t) => {
  const error = new Error('round') as Error & { cause?: unknown };
  error.cause = error;
  t.ok(JSON.stringify(clean({ error })).length < 200_000);
  t.end();
});
