// Merging of sources, seen through the .properties format, which shows the merged keys as they are.
import t from 'tap';
import { environment, flat } from '../../../fixtures/renderFixture.ts';

t.test('the lowest source gives the order, the highest the value; lists come last', async (t) => {
  const high = [
    ['new', 'high'],
    ['both', 'high'],
  ] as const;
  const low = [
    ['list[0]', 'x'],
    ['low', 'low'],
    ['both', 'low'],
  ] as const;
  t.equal(flat(environment(high, low), 'properties'), 'low: low\nboth: high\nnew: high\nlist[0]: x');
});

t.test('a source that has one element of a list replaces the whole list and keeps its place', async (t) => {
  const merged = environment(
    [
      ['second[x]', 'high'],
      ['first[1].name', 'high'],
    ],
    [
      ['first[0].name', 'low'],
      ['first[1].name', 'low'],
      ['first[1].port', 1n],
      ['second[y]', 'low'],
      ['third[0]', 'low'],
    ],
  );
  t.equal(flat(merged, 'properties'), 'first[1].name: high\nsecond[x]: high\nthird[0]: low');
});

t.test('the group is the text before the first bracket, within one source across all places', async (t) => {
  const one = environment([
    ['a[0]', '1'],
    ['b[0]', '2'],
    ['a[1][k]', '3'],
    ['[x]', '4'],
    ['a', 'plain'],
  ]);
  t.equal(flat(one, 'properties'), 'a: plain\na[0]: 1\na[1][k]: 3\nb[0]: 2\n[x]: 4');
});

t.test('only the key spring.profiles is left out', async (t) => {
  const one = environment([
    ['spring.profiles', 'dev'],
    ['spring.profiles.active', 'dev'],
    ['spring.profiles[0]', 'dev'],
  ]);
  t.equal(flat(one, 'properties'), 'spring.profiles.active: dev\nspring.profiles[0]: dev');
});

t.test('.properties escapes nothing, has no final line end, and may be empty', async (t) => {
  const one = environment([
    ['a b', 'x\ny: z'],
    ['é', '#日'],
    ['n', 1e7],
    ['e', ''],
    ['b', new Uint8Array([0, 255])],
  ]);
  t.equal(flat(one, 'properties'), 'a b: x\ny: z\né: #日\nn: 1.0E7\ne: \nb: AP8=');
  t.equal(flat(environment(), 'properties'), '');
});
