// Changes between two merged bodies: exact to the digit, and several steps as one.
import t from 'tap';
import { readFlatJson } from '../../../../src/core/push/flatJson.ts';
import { keyChanges, mergeKeyChanges } from '../../../../src/core/push/keyChanges.ts';
import { Random } from '../../../integration/fuzz/random.ts';

t.test('a flat object comes apart into texts', async (t) => {
  const text = '{"a":1,"b\\"c":"x,}\\\\","d":12345678901234567890,"e":true,"f":"","größe":1.5E10}';
  t.same(
    [...readFlatJson(text)],
    [
      ['"a"', '1'],
      ['"b\\"c"', '"x,}\\\\"'],
      ['"d"', '12345678901234567890'],
      ['"e"', 'true'],
      ['"f"', '""'],
      ['"größe"', '1.5E10'],
    ],
  );
  t.equal(readFlatJson('{}').size, 0);
  t.equal(readFlatJson(`{"a":"${'x\\n'.repeat(1_000_000)}"}`).size, 1, 'a long text is no trouble');
  for (const broken of ['', '{', '{"a"}', '{"a":1', '[1]', '{"a":1}}']) t.throws(() => readFlatJson(broken), broken);
});

t.test('added, changed and removed', async (t) => {
  t.same(keyChanges('{"a":1,"b":2,"c":9007199254740993}', '{"a":1,"c":9007199254740992,"d":"x"}'), [
    ['"b"', '2', null],
    ['"c"', '9007199254740993', '9007199254740992'],
    ['"d"', null, '"x"'],
  ]);
  t.same(keyChanges('{"a":1}', '{"a":1}'), []);
});

t.test('of a secret that was, nothing is told', async (t) => {
  const secret = (properties: string, ...keys: readonly string[]): string => `${properties}\n${JSON.stringify(keys)}`;
  t.same(keyChanges(secret('{"a":"old","b":1,"c":"x"}', 'a', 'c'), secret('{"a":"new","b":2,"d":"y"}', 'a', 'd')), [
    ['"a"', '"***"', '"new"', true],
    ['"b"', '1', '2'],
    ['"c"', '"***"', null, true],
    ['"d"', null, '"y"', true],
  ]);
  t.same(keyChanges('{"a":"x"}', secret('{"a":"x"}', 'a')), [['"a"', '"***"', '"x"', true]], 'it became secret');
  t.same(keyChanges(secret('{"a":"x"}', 'a'), '{"a":"x"}'), [['"a"', '"***"', '"x"']], 'it is none any more');
  t.same(keyChanges(secret('{"a\\"b":"x"}', 'a"b'), secret('{"a\\"b":"x"}', 'a"b')), []);
});

t.test('steps over a secret', async (t) => {
  const steps = (...all: Parameters<typeof mergeKeyChanges>[0][number][number][]): ReturnType<typeof mergeKeyChanges> =>
    mergeKeyChanges(all.map((each) => [each]));
  t.same(steps(['"a"', '"***"', '"1"', true], ['"a"', '"***"', '"2"', true]), [['"a"', '"***"', '"2"', true]]);
  t.same(steps(['"a"', '"plain"', '"b"'], ['"a"', '"***"', '"c"', true]), [['"a"', '"***"', '"c"', true]], 'what was before it may be its text');
  t.same(steps(['"a"', null, '"1"', true], ['"a"', '"***"', null, true]), [], 'came and went');
  t.same(steps(['"a"', '"***"', null, true], ['"a"', null, '"***"', true]), [['"a"', '"***"', '"***"', true]], 'a secret that reads like the mask is told');
});

t.test('steps merged are the step from the first to the last', async (t) => {
  const random = new Random(5);
  const body = (): string => {
    const members = ['a', 'b', 'c', 'd'].filter(() => random.chance(0.6)).map((key) => `"${key}":${random.below(3)}`);
    return `{${members.join(',')}}`;
  };
  for (let round = 0; round < 200; round += 1) {
    const bodies = Array.from({ length: 2 + random.below(5) }, body);
    const steps = bodies.slice(1).map((after, index) => keyChanges(bodies[index]!, after));
    t.same(mergeKeyChanges(steps), keyChanges(bodies[0]!, bodies.at(-1)!), bodies.join(' '));
  }
});
