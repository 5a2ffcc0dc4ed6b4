// The generated schema of the chart's values: what it takes over from the settings, what it leaves out, and that Helm can check it.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import t from 'tap';
import { parse } from 'yaml';
import { withoutLookaheads } from '../../../src/cli/chartPatterns.ts';
import { chartSchema } from '../../../src/cli/chartSchema.ts';
import { chartValues, type ChartValue } from '../../../src/cli/chartValues.ts';
import { optionList } from '../../../src/settings/optionList.ts';

const chart = resolve(import.meta.dirname, '../../../../charts/vortex-config');
const text = readFileSync(join(chart, 'values.yaml'), 'utf8');
const schema = chartSchema(chartValues(text));
const validate = new Ajv({ strict: true, strictTypes: false, allErrors: true }).compile(schema);

/** Beside what values.yaml sets. */
function fits(vortex: Tree): boolean {
  return validate({ vortex: merged((parse(text) as { readonly vortex: Tree }).vortex, vortex) });
}

type Tree = Readonly<Record<string, unknown>>;

function merged(below: Tree, above: Tree): Tree {
  const inner = Object.entries(above).map(([key, value]) => [key, isTree(value) && isTree(below[key]) ? merged(below[key], value) : value] as const);
  return { ...below, ...Object.fromEntries(inner) };
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

t.test('the chart has the version of the package, and the values that it ships are valid', async (t) => {
  const { version } = JSON.parse(readFileSync(join(chart, '../../package.json'), 'utf8')) as { version: string };
  const { appVersion, version: chartVersion } = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8')) as Record<string, string>;
  t.strictSame([appVersion, chartVersion], [version, version]);
  t.ok(validate(parse(text)), JSON.stringify(validate.errors));
});

t.test('every option that is no secret may stand below vortex, every secret may not', async (t) => {
  for (const { path, segments, option } of optionList()) {
    if (option.type.kind === 'named' || option.type.kind === 'entries') continue;
    // null is no value of most options: what is refused then is the value, not the name
    fits(segments.reduceRight<unknown>((inner, name) => ({ [name]: inner }), null) as Tree);
    const isRefused = (validate.errors ?? []).some(({ keyword }) => keyword === 'additionalProperties');
    t.equal(isRefused, option.type.kind === 'secret', path);
  }
});

t.test('bounds, patterns and both spellings are those of the settings', async (t) => {
  t.ok(fits({ backends: { git: { uri: 'https://x/y', 'search-paths': ['a'], repos: { a: { uri: '/srv/a' } } } }, server: { drain: { timeout: '1m30s' } } }));
  t.ok(
    fits({
      backends: {
        composite: [
          { type: 'git', uri: '/srv/x' },
          { type: 'native', order: 1 },
        ],
      },
    }),
  );
  for (const bad of [
    { backends: { git: { uri: '-x' } } },
    { backends: { git: { uri: 'ext::sh' } } },
    { backends: { git: { uri: '/x', repos: { a: { uri: '/y', token: 'x' } } } } },
    { server: { drain: { timeout: '' } } },
    { server: { drain: { timeout: '5' } } },
    { server: { drain: { 'propagation-delay': '5s' } } },
    { server: { port: 65_536 } },
  ]) {
    t.notOk(fits(bad), JSON.stringify(bad));
  }
});

t.test('what values.yaml sets are defaults of the settings, but for what a pod is', async (t) => {
  const ofPod = { 'cache.maxCapacity': 2_000, 'cache.maxBytes': '24MiB', 'storage.directory': '/var/lib/vortex-config' };
  const settings = chartValues(text).find(({ path }) => path[0] === 'vortex');
  const bare = new Ajv({ strict: false, useDefaults: true }).compile(chartSchema([]));
  for (const { path, default: value } of leaves(settings?.children ?? [])) {
    const name = path.slice(1).join('.');
    const filled = path.slice(1, -1).reduceRight<Record<string, unknown>>((inner, step) => ({ [step]: inner }), {});
    bare({ vortex: filled });
    const preset = path.slice(1).reduce<unknown>((node, step) => (node as Record<string, unknown> | undefined)?.[step], filled);
    t.equal(value, (ofPod as Record<string, unknown>)[name] ?? preset, name);
  }
});

function leaves(values: readonly ChartValue[]): readonly ChartValue[] {
  return values.flatMap((value) => (value.children === null ? [value] : leaves(value.children)));
}

t.test('patterns lose their lookaheads, not their meaning', async (t) => {
  t.strictSame(withoutLookaheads({ pattern: '^(?=.)a?$' }), { pattern: '^a?$', allOf: [{ pattern: '^.' }] });
  t.strictSame(withoutLookaheads({ items: [{ pattern: '^(?!-)(?!\\w+::)\\S+$' }] }), {
    items: [{ pattern: '^\\S+$', allOf: [{ not: { pattern: '^-' } }, { not: { pattern: '^\\w+::' } }] }],
  });
  t.strictSame(withoutLookaheads({ pattern: '^a$' }), { pattern: '^a$' });
  t.strictSame(withoutLookaheads({ type: 'string', pattern: '^(?!x)(a|(?!b).)$' }), { type: 'string', allOf: [{ not: { pattern: '^x' } }] });
  t.notMatch(JSON.stringify(schema), /\(\?[=!<]/);
});

t.test('values and their comments are read from values.yaml', async (t) => {
  const values = chartValues('# First.\na: 1\nb:\n  # Inner,\n  # two lines.\n  c: [x]\n  d: null\n# Free.\ne: {}\n');
  t.strictSame(values, [
    { path: ['a'], default: 1, comment: 'First.', children: null },
    {
      path: ['b'],
      default: { c: ['x'], d: null },
      comment: '',
      children: [
        { path: ['b', 'c'], default: ['x'], comment: 'Inner, two lines.', children: null },
        { path: ['b', 'd'], default: null, comment: '', children: null },
      ],
    },
    { path: ['e'], default: {}, comment: 'Free.', children: null },
  ]);
  t.throws(() => chartSchema(chartValues('x: null\n')), /x is null/);
  t.throws(() => chartSchema(chartValues('vortex: { sever: { port: 1 } }\n')), /vortex.sever is no setting/);
});
