// From nested YAML to flat keys.
import t from 'tap';
import { yamlEntries, yamlErrorAt } from './readDocuments.ts';

t.test('mappings join with dots, sequences with indexes', async (t) => {
  t.same(yamlEntries('db:\n  url: u\n  pool: {max: 5}\nnodes:\n- n0\n- [x, {y: z}]\n'), [
    ['db.url', 'u'],
    ['db.pool.max', 5n],
    ['nodes[0]', 'n0'],
    ['nodes[1][0]', 'x'],
    ['nodes[1][1].y', 'z'],
  ]);
});

t.test('keys keep their characters, and integer-like keys keep their position', async (t) => {
  t.same(
    yamlEntries('b: 1\n"7": 2\n"a.b/c d": 3\nß: 4\n"3": 5\n').map(([key]) => key),
    ['b', '7', 'a.b/c d', 'ß', '3'],
  );
});

t.test('a string key that starts with a bracket joins without a dot', async (t) => {
  t.same(yamlEntries('m: {"[x.y]": 1, "[0]": {k: 2}}\n"[top]": 3\n'), [
    ['m[x.y]', 1n],
    ['m[0].k', 2n],
    ['[top]', 3n],
  ]);
});

t.test('a key that is no string is put in brackets, in the text of Java', async (t) => {
  const keys = (text: string): string[] => yamlEntries(text).map(([key]) => key);
  t.same(keys('443: a\nm: {80: b, no: c, 2.50: d, 1e10: e, ~: f, 017: g}\n'), ['[443]', 'm[80]', 'm[false]', 'm[2.5]', 'm[1.0E10]', 'm[null]', 'm[15]']);
  t.same(keys('? [a, 1, ~, {b: c}, !!set {d}]\n: x\n? {e: [f], 2: ~}\n: y\n'), ['[[a, 1, , {b=c}, [d]]]', '[{e=[f], 2=}]']);
  t.same(keys('? []\n: x\n'), ['']);
  t.equal(yamlErrorAt('m:\n  ? !!binary AA==\n  : x\n'), '2:5', 'bytes have no stable text');
});

t.test('a key that is no string and one in written brackets become one key: the later replaces all of the earlier', async (t) => {
  t.same(yamlEntries('m: {1: {a: x, b: y}, "[1]": {c: z}}\n'), [['m[1].c', 'z']]);
});

t.test('within a list, at any depth, a key that is no string fails', async (t) => {
  t.equal(yamlErrorAt('l:\n- 1: a\n'), '2:3');
  t.equal(yamlErrorAt('l: [[{m: {yes: a}}]]\n'), '1:11');
  t.same(yamlEntries('l: [{"1": a}]\nm: {1: [b]}\n'), [
    ['l[0].1', 'a'],
    ['m[1][0]', 'b'],
  ]);
});

t.test('an empty or blank parent key disappears, an empty last key leaves its dot', async (t) => {
  t.same(yamlEntries('"": {a: 1}\n" ": {b: 2, "": 3}\nx: {"": 4, " ": {c: 5}}\n'), [
    ['a', 1n],
    ['b', 2n],
    ['', 3n],
    ['x.', 4n],
    ['x. .c', 5n],
  ]);
});

t.test('an empty sequence is an empty string, an empty mapping is dropped and leaves a hole in a list', async (t) => {
  t.same(yamlEntries('a: []\nb: {}\nc: [{}, x, [], ~]\n'), [
    ['a', ''],
    ['c[1]', 'x'],
    ['c[2]', ''],
    ['c[3]', ''],
  ]);
});

t.test('a flat key that arises twice has the position of the first and the value of the last', async (t) => {
  t.same(yamlEntries('a.b: 1\nc: 2\na: {b: 3}\n'), [
    ['a.b', 3n],
    ['c', 2n],
  ]);
});

t.test('a set is like a list, an ordered map like a mapping', async (t) => {
  t.same(yamlEntries('s: !!set {x, 2, ~}\nt: !!set {}\no: !!omap [p: 1, q: 2, p: 3]\ne: !!omap []\n'), [
    ['s[0]', 'x'],
    ['s[1]', 2n],
    ['s[2]', ''],
    ['t', ''],
    ['o.p', 3n],
    ['o.q', 2n],
    ['e', ''],
  ]);
});

t.test('the same key twice in one mapping fails, by type and value and not by spelling', async (t) => {
  t.equal(yamlErrorAt('port: 1\nx: 0\n"port": 2\n'), '3:1');
  t.equal(yamlErrorAt('{1: a, 0x1: b}\n'), '1:8');
  t.equal(yamlErrorAt('{yes: a, true: b}\n'), '1:10');
  t.equal(yamlErrorAt('{1.5: a, 1.50: b}\n'), '1:10');
  t.equal(yamlErrorAt('? {a: 1, b: 2}\n: x\n? {b: 2, a: 1}\n: y\n'), '3:3');
  t.equal(yamlErrorAt('? [a, b]\n: x\n? [b, a]\n: y\n'), '');
  t.equal(yamlErrorAt('? !!set {a, b}\n: x\n? !!set {b, a}\n: y\n'), '3:3');
  t.equal(yamlErrorAt('{1: a, 1.0: b, "1": c}\n'), '');
  t.equal(yamlErrorAt('a: 1\n---\nb: {x: 1, x: 2}\n'), '3:11');
});
