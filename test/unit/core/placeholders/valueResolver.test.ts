// Placeholders in the single values of the .yml and .json formats.
import t from 'tap';
import { environment, flat, type Entries } from '../../../fixtures/renderFixture.ts';
import { codeOf } from '../../../fixtures/resolveFixture.ts';

const zone: Entries = [
  ['host', 'db.test'],
  ['port', 5432n],
  ['quoted', '\\${host}'],
  ['which', 'host'],
  ['odd:key', 'whole'],
];

/** What the value of one more key becomes in JSON. */
function resolved(value: string, ...more: Entries): unknown {
  const answer = JSON.parse(flat(environment([...zone, ...more, ['it', value]]), 'json')) as Record<string, unknown>;
  return answer['it'];
}

t.test('each string value is resolved on its own, and the result is a string', async (t) => {
  t.equal(resolved('${port}'), '5432');
  t.equal(resolved('${host}:${port} ${nope:x} ${nope} ${}'), 'db.test:5432 x ${nope} ${}');
  t.equal(resolved('${nope:${host}} ${${which}} ${odd:key} ${x${host}'), 'db.test db.test whole ${xdb.test');
  const yaml = flat(
    environment([
      ['n', '${port}'],
      ['port', 1n],
      ['l[0]', '${n}'],
      ['l[1].m', 'a\n${n}\n'],
    ]),
    'yml',
  );
  t.equal(yaml, "n: '1'\nport: 1\nl:\n- '1'\n- m: |\n    a\n    1\n");
});

t.test('names are not touched, and an open placeholder does not reach the next value', async (t) => {
  const sources = environment([
    ['${host}', 'a'],
    ['host', '${nope:'],
    ['x', '}'],
  ]);
  t.equal(flat(sources, 'json'), '{"${host}":"a","host":"${nope:","x":"}"}');
});

t.test('blanks around a key do not count', async (t) => {
  t.equal(resolved('${ host } ${host :x} ${\thost\n} ${ nope }'), 'db.test db.test db.test ${ nope }');
  t.equal(
    resolved('${\u2003host\u001f} ${\u00a0host} ${\u0001host}'),
    'db.test ${\u00a0host} ${\u0001host}',
    'of all blanks but those that forbid a line break',
  );
});

t.test('backslashes escape placeholders but not colons', async (t) => {
  t.equal(resolved('\\${host} \\\\${host} \\\\\\${host}'), '${host} ${host} \\${host}');
  t.equal(resolved('${odd\\:key}'), 'key', 'the backslash is part of the key, the rest is the default');
  t.equal(resolved('$_{host}'), '$_{host}');
  t.equal(resolved('$_{host} ${host}'), '${host} db.test', 'beside a placeholder it turns into one');
});

t.test('a value without any closed placeholder keeps its backslashes', async (t) => {
  for (const value of ['\\${', '\\${host', '\\${}', '$_{x} ${}', '${}}\\${', '} \\${host']) t.equal(resolved(value), value);
  t.equal(resolved('\\${} ${x\n}'), '${} ${x\n}', 'one is enough, whatever it holds');
});

t.test('the value of a referenced key is resolved strictly, then read once more', async (t) => {
  t.equal(resolved('${a}', ['a', '<${host}>']), '<db.test>');
  t.equal(resolved('${quoted}'), 'db.test', 'its escape was used up by the first reading');
  t.equal(resolved('${a}', ['a', '${nope:${host}}']), 'db.test');
  const code = (value: string, ...more: Entries): string => codeOf(() => resolved(value, ...more));
  t.equal(code('${a}', ['a', '${nope}']), 'PLACEHOLDER_UNRESOLVED');
  t.equal(code('${a:x}', ['a', '${nope}']), 'PLACEHOLDER_UNRESOLVED', 'a default does not help');
  t.equal(code('${a}', ['a', '${ host }']), 'PLACEHOLDER_UNRESOLVED', 'blanks count there');
  t.equal(code('x', ['a', '${nope}']), 'no failure', 'unreferenced it may stay');
});

t.test('a reference to itself fails', async (t) => {
  const code = (value: string, ...more: Entries): string => codeOf(() => resolved(value, ...more));
  t.equal(code('${it}'), 'PLACEHOLDER_CIRCULAR');
  t.equal(code('${it:x}'), 'PLACEHOLDER_CIRCULAR');
  t.equal(code('${a}', ['a', '${b}'], ['b', '${a}']), 'PLACEHOLDER_CIRCULAR');
  t.equal(code('${a}', ['a', '\\${a}']), 'PLACEHOLDER_CIRCULAR', 'also through an escape that the second reading no longer sees');
});

t.test('without resolution everything stays', async (t) => {
  t.equal(flat(environment([['a', '\\${x} ${y} $_{z}']]), 'json', { resolvePlaceholders: false }), '{"a":"\\\\${x} ${y} $_{z}"}');
});

t.test('all values share one budget', async (t) => {
  const copies = Array.from({ length: 200 }, (_, index) => [`c${index}`, '${large}'] as const);
  const sources = environment([['large', 'x'.repeat(1000)], ...copies]);
  t.equal(
    codeOf(() => flat(sources, 'json')),
    'LIMIT_EXCEEDED',
  );
  t.equal(
    codeOf(() => flat(sources, 'json', { limits: { bodyBytesMax: 1e6 } })),
    'no failure',
  );
});
