// How a YAML file splits into documents, and what YAML text is accepted.
import t from 'tap';
import { origins, readRows, yamlEntries, yamlErrorAt } from './readDocuments.ts';

function keysPerDocument(text: string): string[][] {
  return readRows('a.yml', text).map((rows) => rows.map(([key]) => key));
}

t.test('documents are split at --- and need it again after ...', async (t) => {
  t.same(keysPerDocument('a: 1\n---\nb: 2\n--- {c: 3}\n--- # comment\nd: 4\n'), [['a'], ['b'], ['c'], ['d']]);
  t.same(keysPerDocument('%YAML 1.2\n---\na: 1\n...\n...\n---\nb: 2\n...\n'), [['a'], ['b']]);
  t.equal(yamlErrorAt('a: 1\n...\nb: 2\n'), '3:1');
  t.equal(yamlErrorAt('...\n'), '1:1');
  t.equal(yamlErrorAt('%YAML 2.0\n---\na: 1\n'), '1:1');
  t.equal(yamlErrorAt('%YAML 1.1\n%YAML 1.1\n---\na: 1\n'), '2:1');
  t.equal(yamlErrorAt('%YAML 1.1\na: 1\n'), '2:1');
});

t.test('documents that hold nothing are left out, empty mappings are not', async (t) => {
  t.same(keysPerDocument(''), []);
  t.same(keysPerDocument('# only a comment\n'), []);
  t.same(keysPerDocument('---\n---\n~\n---\n""\n---\n[]\n---\n!!null x\n---\n# end\n'), []);
  t.same(keysPerDocument('{}\n---\na: {b: {}}\n---\na: 1\n'), [[], [], ['a']]);
});

t.test('a document that is no mapping has the key document', async (t) => {
  t.same(readRows('a.yml', 'some text\n---\n- x\n- {k: 5}\n---\n8\n---\n!!set {}\n'), [
    [['document', 'some text', '1:1']],
    [
      ['document[0]', 'x', '3:3'],
      ['document[1].k', 5n, '4:7'],
    ],
    [['document', 8n, '6:1']],
    [['document', '', null]],
  ]);
});

t.test('an origin is the first character of the value, its tag or its anchor', async (t) => {
  t.same(origins('a.yml', 'a: x\nb: "y"\nc: |\n  z\nd:   !!str 1\ne: &v 2\nf:\n  g:\n    - h\n'), ['a 1:4', 'b 2:4', 'c 3:4', 'd 5:6', 'e 6:4', 'f.g[0] 9:7']);
});

t.test('the origin of an empty value is the place where it would stand', async (t) => {
  t.same(origins('a.yml', 'a:\nb: [~, ]\nc: {d, e: , f: ~}\nl:\n-\n- []\ng: !!str\n? h\n'), [
    'a 1:3',
    'b[0] 2:5',
    'c.d 3:6',
    'c.e 3:10',
    'c.f 3:16',
    'l[0] 5:2',
    'l[1] 6:3',
    'g 7:4',
    'h 9:1',
  ]);
});

t.test('columns count characters outside of the basic plane once, and every kind of line end counts lines', async (t) => {
  t.same(origins('a.yml', '😀: {a: 😀, b: 1}\n'), ['😀.a 1:8', '😀.b 1:14']);
  t.same(origins('a.yml', 'a: 1\r\nb: 2\rc: 3\u0085d: 4\u2028e: 5\n'), ['a 1:4', 'b 2:4', 'c 3:4', 'd 4:4', 'e 5:4']);
  t.same(origins('a.yml', '? a\r\n'), ['a 2:1']);
  t.same(origins('a.yml', '? a\r'), ['a 1:5']);
});

t.test('plain scalars go on over lines that are further in', async (t) => {
  t.same(yamlEntries('a: one\n  two\n\n  three # comment\nb: x:y #z\n'), [
    ['a', 'one two\nthree'],
    ['b', 'x:y'],
  ]);
});

t.test('quoted scalars fold lines and know the escapes of YAML 1.1', async (t) => {
  t.same(yamlEntries("a: \"x\n\n  y \\\n  z\\t\\x41\\u00e9\\U0001F600\\N\\_\\L\\e\"\nb: 'it''s\n  \\n'\n"), [
    ['a', 'x\ny zA'.replace('zA', 'z\tAé😀\u0085\u00a0\u2028\u001b')],
    ['b', "it's \\n"],
  ]);
  for (const text of ['a: "\\q"', 'a: "\\/"', 'a: "\\x4"', 'a: "\\U00110000"']) t.equal(yamlErrorAt(text), '1:5', text);
  t.equal(yamlErrorAt('a: "x\n--- y"\n'), '2:1');
  t.equal(yamlErrorAt('a: "x\n'), '2:1');
});

t.test('block scalars keep or fold lines, chomp their end and find their indentation', async (t) => {
  t.same(
    yamlEntries('a: |\n  x\n   y\n\nb: >\n  x\n  y\n\n  z\n   w\n  v\nc: |+\n  x\n\nd: >-\n  x\n\ne: |2\n    x\n  y\nf: |-2 # comment\n   x\n').map(
      ([, value]) => value,
    ),
    ['x\n y\n', 'x y\nz\n w\nv\n', 'x\n\n', 'x', '  x\ny\n', ' x'],
  );
  t.same(yamlEntries('a: >\n  x\n  y')[0], ['a', 'x y']);
  t.equal(yamlErrorAt('a: |0\n x\n'), '1:5');
  t.equal(yamlErrorAt('a: |x\n x\n'), '1:5');
});

t.test('flow collections may close in the first column and may end in a comma', async (t) => {
  t.same(yamlEntries('a: [\n1,\n2,\n]\nb: {\n  c: d,\n}\ne: [f: g, ? h : i]\n'), [
    ['a[0]', 1n],
    ['a[1]', 2n],
    ['b.c', 'd'],
    ['e[0].f', 'g'],
    ['e[1].h', 'i'],
  ]);
});

t.test('what SnakeYAML refuses is refused, at the place', async (t) => {
  for (const [text, place] of [
    ['a:\tb\n', '1:3'],
    ['a:\n\tb: 1\n', '2:1'],
    ['-\tc\n', '1:2'],
    ['a: [d?e]\n', '1:6'],
    ['a: @b\n', '1:4'],
    ['a: `b`\n', '1:4'],
    ['a: %b\n', '1:4'],
    ['a: b: c\n', '1:5'],
    ['a: 1\n  b: 2\n', '2:4'],
    ['a: [1, 2\nb: 3\n', '2:2'],
    ['a: [\n', '2:1'],
    ['a: ]\n', '1:4'],
    ['a: - b\n', '1:4'],
    ['a: b\n- c\n', '2:1'],
    ['a: b\nc\n', '2:1'],
    [': b\n', '1:1'],
    ['[a\n b: c]\n', '2:3'],
    ['{a\n: b}\n', '2:1'],
    ['[a, , b]\n', '1:5'],
    ['a: |\n  x\n y\n', '3:2'],
    ['a: "x" y\n', '1:8'],
    ['a\n---b\n', '2:1'],
    ['a: &\n', '1:5'],
    ['a: &x &y b\n', '1:7'],
    ['? a\n  b: c\n', '2:4'],
    [`${'k'.repeat(1_025)}: v\n`, '1:1026'],
    ['a: !<tag\n', '1:9'],
    ['a: !%zz b\n', '1:5'],
  ] as const) {
    t.equal(yamlErrorAt(text), place, JSON.stringify(text.slice(0, 30)));
  }
});

t.test('what SnakeYAML forgives is forgiven', async (t) => {
  t.same(yamlEntries('? [a, b] c\n'), [['[[a, b]]', 'c']]);
  t.same(yamlEntries("'a'#comment\n"), [['document', 'a']]);
  t.same(yamlEntries(`${'k'.repeat(1_024)}: v\n`).length, 1);
  t.same(yamlEntries('a: &x:y\n'), [['a', ':y']]);
});
