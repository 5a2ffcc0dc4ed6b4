// The JSON of an environment, with and without origins.
import t from 'tap';
import { renderEnvironment } from '../../../../src/core/render/renderEnvironment.ts';
import type { Environment } from '../../../../src/model/environment.ts';
import type { Value } from '../../../../src/model/value.ts';
import { environment } from '../../../fixtures/renderFixture.ts';
import { codeOf } from '../../../fixtures/resolveFixture.ts';

function text(source: Environment, representation: 'v1' | 'v2'): string {
  return new TextDecoder().decode(renderEnvironment(source, representation).body);
}

t.test('all fields are present in their order, profiles is one string in an array, a slash stays a slash', async (t) => {
  const git: Environment = {
    name: 'shop,base',
    profiles: 'prod,eu',
    label: 'release/2',
    version: 'f00d',
    state: '',
    propertySources: [{ name: 'https://git.test/c.git/shop.yml', properties: new Map([['a', { value: 'x/y', origin: '1:4' }]]), provenance: null }],
  };
  t.equal(
    text(git, 'v1'),
    '{"name":"shop,base","profiles":["prod,eu"],"label":"release/2","version":"f00d","state":"",' +
      '"propertySources":[{"name":"https://git.test/c.git/shop.yml","source":{"a":"x/y"}}]}',
  );
  t.equal(text(environment(), 'v1'), '{"name":"shop","profiles":["prod"],"label":null,"version":null,"state":null,"propertySources":[]}');
});

t.test('the version offset counts bytes, not characters', async (t) => {
  const { body, versionOffset } = renderEnvironment({ ...environment(), name: 'café 🚀', version: 'abc"123', label: 'é' }, 'v1');
  t.equal(new TextDecoder().decode(body.subarray(versionOffset, versionOffset + 4)), 'abc\\');
  t.equal(body[versionOffset - 1], '"'.charCodeAt(0));
  t.equal(renderEnvironment(environment(), 'v2').versionOffset, -1, 'there is none to find');
});

t.test('v2 wraps what has an origin and only that', async (t) => {
  const sources = environment([
    ['a', 1n, '3:7'],
    ['b', 'plain'],
  ]);
  t.match(text(sources, 'v2'), '"source":{"a":{"value":1,"origin":"3:7"},"b":"plain"}}');
  t.match(text(sources, 'v1'), '"source":{"a":1,"b":"plain"}}');
});

t.test('numbers keep their kind, their digits and the spelling of doubles', async (t) => {
  const values: readonly (readonly [Value, string])[] = [
    [7n, '7'],
    [-31415926535897932384n, '-31415926535897932384'],
    [7, '7.0'],
    [2.5e12, '2.5E12'],
    [0.00025, '2.5E-4'],
    [-0, '-0.0'],
    [Infinity, '"Infinity"'],
    [-Infinity, '"-Infinity"'],
    [NaN, '"NaN"'],
    [false, 'false'],
    ['', '""'],
    ['"\\\n\u0001\u2028é', '"\\"\\\\\\n\\u0001\u2028é"'],
    [new Uint8Array([1, 2, 255]), '"AQL/"'],
    [new Uint8Array([9, 1, 2, 255, 9]).subarray(1, 4), '"AQL/"'],
  ];
  for (const [value, expected] of values) t.equal(text(environment([['k', value]]), 'v1').match(/"k":(.*)\}\}\]\}$/s)?.[1], expected);
});

t.test('keys that look like numbers stay where they are', async (t) => {
  t.match(
    text(
      environment([
        ['b', 1n],
        ['2', 1n],
        ['1', 1n],
      ]),
      'v1',
    ),
    '{"b":1,"2":1,"1":1}',
  );
});

t.test('a body above the limit is refused', async (t) => {
  const large = environment([['k', 'x'.repeat(1000)]]);
  t.equal(
    codeOf(() => renderEnvironment(large, 'v1', 500)),
    'LIMIT_EXCEEDED',
  );
  const wide = environment([['k', '日'.repeat(200)]]);
  t.equal(
    codeOf(() => renderEnvironment(wide, 'v1', 600)),
    'LIMIT_EXCEEDED',
    'bytes count, not characters',
  );
  t.ok(renderEnvironment(large, 'v1', 2000).body.length > 1000);
});
