// Trees from flat keys: levels, keys that are refused, keys that contradict each other, limits.
import t from 'tap';
import { environment, flat, json, type Entries } from '../../../fixtures/renderFixture.ts';
import { codeOf } from '../../../fixtures/resolveFixture.ts';

t.test('points open objects, integers in brackets open lists', async (t) => {
  t.equal(json(['a.b.c', 1n], ['a.d', 2n]), '{"a":{"b":{"c":1},"d":2}}');
  t.equal(json(['l[0]', 'x'], ['l[1].k', 'y'], ['l[2][0]', 'z']), '{"l":["x",{"k":"y"},["z"]]}');
  t.equal(json(['l[003]', 'x']), '{"l":[null,null,null,"x"]}', 'holes are null, leading zeros are accepted');
  t.equal(json(['p', 1n], ['9', 2n], ['1', 3n], ['', 4n]), '{"p":1,"9":2,"1":3,"":4}', 'order is kept whatever the names look like');
  t.equal(json(), '{}');
});

t.test('other brackets are part of the name, in which a point still splits', async (t) => {
  t.equal(json(['m[k]', 1n]), '{"m[k]":1}');
  t.equal(json(['m[x.y].z', 1n]), '{"m[x":{"y]":{"z":1}}}');
  t.equal(json(['m[', 1n], ['n[]', 2n], ['o[1', 3n], ['p[1 ]', 4n]), '{"m[":1,"n[]":2,"o[1":3,"p[1 ]":4}');
  t.equal(json(['m[99999999999]', 1n]), '{"m[99999999999]":1}', 'too large for an integer');
  t.equal(json(['[x]', 1n]), '{"[x]":1}');
  t.equal(json(['m[k][0]', 1n]), '{"m[k]":[1]}');
});

t.test('a trailing point gives an empty name', async (t) => {
  t.equal(json(['a.', 1n], ['l[0].', 2n]), '{"a":{"":1},"l":[{"":2}]}');
});

t.test('malformed keys are refused', async (t) => {
  for (const key of ['.a', 'a..b', '.', '[0]', 'a.[0]', 'a[0]b', 'a[-1]', 'a[+1]', 'a[0][x]', 'a[0][]', 'a[0][', 'a[0][-1]', 'a[0][99999999999]']) {
    t.equal(
      codeOf(() => json([key, 1n])),
      'KEY_MALFORMED',
      key,
    );
  }
});

t.test('a scalar and an object of one name: the later scalar wins, a later object becomes a longer name', async (t) => {
  t.equal(json(['x.y', 1n], ['x', 's']), '{"x":"s"}');
  t.equal(json(['net.http', 'on'], ['net.http.port', 1n]), '{"net":{"http":"on","http.port":1}}');
  t.equal(json(['r', 'a'], ['r.s', 'b'], ['r.t.u', 'c']), '{"r":"a","r.s":"b","t":{"r.u":"c"}}', 'the start goes to the last name');
});

t.test('a list that meets something else is a conflict', async (t) => {
  const conflicts: readonly Entries[] = [
    [
      ['x', ''],
      ['x[0]', 'a'],
    ],
    [
      ['x.k', 'v'],
      ['x[0]', 'a'],
    ],
    [
      ['x[0]', 'a'],
      ['x[0].k', 'v'],
    ],
    [
      ['x[0].k', 'v'],
      ['x[0][0]', 'a'],
    ],
  ];
  for (const entries of conflicts) {
    t.equal(
      codeOf(() => json(...entries)),
      'KEY_CONFLICT',
      JSON.stringify(entries),
    );
  }
  t.equal(
    codeOf(() => json(['x.k', 1n], ['x[-1]', 2n])),
    'KEY_CONFLICT',
    'also where the rest of the key is malformed',
  );
  t.equal(json(['x[0].k', 'v'], ['x[0]', 's']), '{"x":["s"]}', 'a scalar may replace');
});

t.test('what the answer would need is bounded', async (t) => {
  const refused = (entries: Entries, limits = {}): string => codeOf(() => flat(environment(entries), 'json', { limits }));
  t.equal(refused([['l[1001]', 1n]]), 'LIMIT_EXCEEDED', 'a high index');
  t.equal(refused([[Array(21).fill('a').join('.'), 1n]]), 'LIMIT_EXCEEDED', 'many levels');
  t.equal(refused(Array.from({ length: 30 }, (_, index) => [`l${index}[1000]`, 1n] as const)), 'LIMIT_EXCEEDED', 'many holes');
  t.equal(refused([['k', 'x'.repeat(2000)]], { bodyBytesMax: 1000 }), 'LIMIT_EXCEEDED', 'many bytes');
  t.equal(refused([['k', '日'.repeat(400)]], { bodyBytesMax: 1000 }), 'LIMIT_EXCEEDED', 'bytes, not characters');
  t.equal(
    refused([
      ['l[1000]', 1n],
      [Array(20).fill('a').join('.'), 1n],
    ]),
    'no failure',
    'at the limits',
  );
});

t.test('long keys take linear time', async (t) => {
  const started = process.cpuUsage();
  t.equal(
    codeOf(() => json(['a.'.repeat(200_000), 1n])),
    'LIMIT_EXCEEDED',
  );
  t.match(flat(environment([[`a${'[x'.repeat(200_000)}]`, 1n]]), 'json', { limits: { bodyBytesMax: 1e6 } }), /^\{"a\[x.*\]":1\}$/);
  t.ok(process.cpuUsage(started).user < 2_000_000, 'microseconds');
});
