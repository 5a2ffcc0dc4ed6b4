// Anchors, aliases and merge keys of YAML.
import t from 'tap';
import { origins, yamlEntries, yamlErrorAt } from './readDocuments.ts';

t.test('an alias repeats its anchor, with the origin of the anchor', async (t) => {
  const text = 'a: &v 5\nb: *v\nl: &l [x]\nm: [*l, *v]\n';
  t.same(yamlEntries(text), [
    ['a', 5n],
    ['b', 5n],
    ['l[0]', 'x'],
    ['m[0][0]', 'x'],
    ['m[1]', 5n],
  ]);
  t.same(origins('a.yml', text), ['a 1:4', 'b 1:4', 'l[0] 3:8', 'm[0][0] 3:8', 'm[1] 1:4']);
});

t.test('an anchor can be defined again, and ends with its document', async (t) => {
  t.same(yamlEntries('a: &v 1\nb: *v\nc: &v 2\nd: *v\n'), [
    ['a', 1n],
    ['b', 1n],
    ['c', 2n],
    ['d', 2n],
  ]);
  t.same(yamlEntries('a: &v [&v 1]\nb: *v\n'), [
    ['a[0]', 1n],
    ['b', 1n],
  ]);
  t.equal(yamlErrorAt('a: &v 1\n---\nb: *v\n'), '3:4');
  t.equal(yamlErrorAt('a: *nothing\n'), '1:4');
});

t.test('an alias can be a key', async (t) => {
  t.same(yamlEntries('a: &k name\n*k : x\n'), [
    ['a', 'name'],
    ['name', 'x'],
  ]);
});

t.test('an alias within its own anchor fails', async (t) => {
  t.equal(yamlErrorAt('a: &a\n  b: *a\n'), '2:6');
  t.equal(yamlErrorAt('a: &a [*a]\n'), '1:8');
});

t.test('a merged mapping stands where its merge key stands; own keys win and keep the first position', async (t) => {
  const text = 'base: &base {x: 1, y: 2}\nown:\n  z: 0\n  <<: *base\n  y: 3\n';
  t.same(yamlEntries(text).slice(2), [
    ['own.z', 0n],
    ['own.x', 1n],
    ['own.y', 3n],
  ]);
  t.same(origins('a.yml', text).slice(2), ['own.z 3:6', 'own.x 1:17', 'own.y 5:6']);
});

t.test('of several merged mappings the first wins', async (t) => {
  t.same(yamlEntries('a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b]}\nd: {<<: *b, <<: *a}\n').slice(3), [
    ['c.x', 1n],
    ['c.y', 2n],
    ['d.x', 2n],
    ['d.y', 2n],
  ]);
});

t.test('merges chain', async (t) => {
  t.same(yamlEntries('a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b, z: 3}\n').slice(3), [
    ['c.x', 1n],
    ['c.y', 2n],
    ['c.z', 3n],
  ]);
});

t.test('merged mappings replace nested mappings whole', async (t) => {
  t.same(yamlEntries('a: &a {n: {x: 1, y: 2}}\nb: {<<: *a, n: {x: 3}}\n').slice(2), [['b.n.x', 3n]]);
});

t.test('a mapping written in the merge itself is not known by its keys: the later entry wins', async (t) => {
  t.same(yamlEntries('a: {x: 1, <<: {x: 2, y: 3}}\n'), [
    ['a.x', 2n],
    ['a.y', 3n],
  ]);
  t.same(yamlEntries('a: &a {x: 1}\nb: {<<: &i {<<: *a, y: 2}}\nc: *i\n'), [
    ['a.x', 1n],
    ['b.x', 1n],
    ['b.y', 2n],
    ['c.y', 2n],
  ]);
  t.equal(yamlErrorAt('l: [{<<: {x: 1}}]\n'), '1:11', 'nor as a string, which a list asks for');
});

t.test('only mappings can be merged, and a quoted << is an ordinary key', async (t) => {
  t.equal(yamlErrorAt('a:\n  <<: 5\n'), '2:7');
  t.equal(yamlErrorAt('a: {<<: [b]}\n'), '1:10');
  t.same(yamlEntries('a: {"<<": 5, <<: []}\n'), [['a.<<', 5n]]);
});
