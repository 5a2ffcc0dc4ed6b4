// The S3 backend: which objects make which sources, in which order, under which names and versions.
import t from 'tap';
import { parseConfigFile } from '../../../../src/core/formats/parseConfigFile.ts';
import { objectBlobId } from '../../../../src/core/resolve/objectVersion.ts';
import { resolveEnvironment } from '../../../../src/core/resolve/resolveEnvironment.ts';
import { resolveResource } from '../../../../src/core/resolve/resolveResource.ts';
import { renderEnvironment } from '../../../../src/core/render/renderEnvironment.ts';
import type { ResolutionOptions, S3Backend } from '../../../../src/model/backend.ts';
import type { TreeLookup } from '../../../../src/model/contentView.ts';
import type { FileTree, TreeFile } from '../../../../src/model/fileTree.ts';
import { codeOf, context, native, options, target, tree } from '../../../fixtures/resolveFixture.ts';

type Objects = Readonly<Record<string, string>>;
type Lookups = Readonly<Record<string, FileTree | Exclude<TreeLookup, { kind: 'tree' }>>>;

function s3(settings: Partial<S3Backend> = {}): S3Backend {
  return { kind: 's3', repository: 's3', order: 0, defaultLabel: null, useDirectoryLayout: false, ...settings };
}

/** Versions by path. */
function bucket(objects: Objects, versions: Objects = {}): FileTree {
  const plain = tree('r1', objects);
  return {
    ...plain,
    file: (path) => {
      const file = plain.file(path);
      return file === null ? null : { ...file, blobId: objectBlobId('hash', versions[path] ?? null), bytes: () => file.bytes() };
    },
  };
}

function ask(lookups: Lookups, asked: { name?: string; profiles: string; label?: string | null }, backend = s3(), more: Partial<ResolutionOptions> = {}) {
  const settings = options([backend], more);
  const resolve = { ...context(lookups).context, parse: (file: TreeFile) => parseConfigFile(file.path, file.bytes(), settings.limits) };
  return resolveEnvironment(target(asked.name ?? 'till', asked.profiles, asked.label ?? null), settings, resolve);
}

function sources(environment: ReturnType<typeof ask>): unknown[] {
  return environment.propertySources.map(({ name, properties }) => [name, Object.fromEntries([...properties].map(([key, { value }]) => [key, value]))]);
}

const condition = 'spring.config.activate.on-profile';
const shop: Objects = {
  'till-qa.properties': 'k=qa\n',
  'till-eu.yml': 'k: eu\n',
  'till.json': '{"k":"base","n":5}',
  'application.yml': `s: 1\n---\n${condition}: qa\ns: 2\n`,
  'v1/till.yml': 'k: v1\n',
};

t.test('M16: the first profile comes first, documents for a profile are a source named after it, JSON is read', async (t) => {
  const environment = ask({ 's3@': bucket(shop) }, { profiles: 'qa,eu' });
  t.same(sources(environment), [
    ['s3:till-qa', { k: 'qa' }],
    ['s3:till-eu', { k: 'eu' }],
    ['s3:till', { k: 'base', n: 5n }],
    ['s3:application-qa', { [condition]: 'qa', s: 2n }],
    ['s3:application', { s: 1n }],
  ]);
  t.match(environment, { profiles: 'qa,eu', label: null, version: null, state: null });
});

t.test('M17: a label is a directory of the bucket, and no part of the name', async (t) => {
  const environment = ask({ 's3@v1': bucket({ 'till.yml': 'k: v1\n' }) }, { profiles: 'none', label: 'v1' });
  t.same(sources(environment), [['s3:till', { k: 'v1' }]]);
  t.equal(environment.label, 'v1');
  t.equal(environment.propertySources[0]?.provenance?.path, 'v1/till.yml');
});

t.test('M18: the directory layout', async (t) => {
  const objects = { 'till/application-qa.yml': 'k: dir\n', 'till/application.yml': 'k: base\n', 'till-qa.yml': 'k: no\n' };
  t.same(sources(ask({ 's3@': bucket(objects) }, { profiles: 'qa' }, s3({ useDirectoryLayout: true }))), [
    ['s3:till/application-qa', { k: 'dir' }],
    ['s3:till/application', { k: 'base' }],
  ]);
});

t.test('a label that does not exist is no failure, and of a list the last label wins', async (t) => {
  const lookups = { 's3@a': bucket({ 'till.yml': 'k: a\n' }), 's3@b': bucket({ 'till.yml': 'k: b\n' }) };
  t.same(sources(ask(lookups, { profiles: 'qa', label: 'no-such' })), []);
  t.same(sources(ask(lookups, { profiles: 'qa', label: 'a,no-such,b' })), [
    ['s3:till', { k: 'b' }],
    ['s3:till', { k: 'a' }],
  ]);
});

t.test('the default label is that of all backends, then its own, then none', async (t) => {
  const lookups = { 's3@': bucket({ 'till.yml': 'k: none\n' }), 's3@own': bucket({ 'till.yml': 'k: own\n' }), 's3@all': bucket({ 'till.yml': 'k: all\n' }) };
  const valueOf = (backend: S3Backend, defaultLabel: string | null): unknown => sources(ask(lookups, { profiles: 'qa' }, backend, { defaultLabel }));
  t.same(valueOf(s3(), null), [['s3:till', { k: 'none' }]]);
  t.same(valueOf(s3({ defaultLabel: 'own' }), null), [['s3:till', { k: 'own' }]]);
  t.same(valueOf(s3({ defaultLabel: 'own' }), 'all'), [['s3:till', { k: 'all' }]]);
});

t.test('the version is that of the last object that was used', async (t) => {
  const objects = { 'till.yml': 'k: 1\n', 'application.yml': `${condition}: other\nk: 2\n` };
  t.equal(ask({ 's3@': bucket(objects, { 'till.yml': 'v7', 'application.yml': 'v9' }) }, { profiles: 'qa' }).version, 'v7');
  t.equal(ask({ 's3@': bucket(shop, { 'application.yml': 'v9', 'till.json': 'v8' }) }, { profiles: 'qa' }).version, 'v9');
});

t.test('names: the last comes first, the shared one last, and once', async (t) => {
  const objects = { 'a.yml': 'k: a\n', 'b.yml': 'k: b\n', 'application.yml': 'k: s\n' };
  const namesOf = (name: string): unknown => ask({ 's3@': bucket(objects) }, { name, profiles: 'qa' }).propertySources.map((source) => source.name);
  t.same(namesOf('a, b'), ['s3:b', 's3:a', 's3:application']);
  t.same(namesOf('application,a'), ['s3:a', 's3:application']);
  t.same(namesOf('application'), ['s3:application']);
});

t.test('extensions: properties hide JSON, yml hides yaml, and each of the two makes a source', async (t) => {
  const objects = { 'till.properties': 'k=p\n', 'till.json': '{"k":"j"}', 'till.yml': 'k: y\n', 'till.yaml': 'k: a\n', 'till.xml': '<properties/>' };
  t.same(sources(ask({ 's3@': bucket(objects) }, { profiles: 'qa' })), [
    ['s3:till', { k: 'p' }],
    ['s3:till', { k: 'y' }],
  ]);
});

t.test('documents: of other profiles dropped, matching ones merged, expressions after everything else of their label', async (t) => {
  const profileObject = `a: 1\n---\n${condition}: qa\nb: 2\n---\n${condition}: eu\nc: 3\n`;
  t.same(sources(ask({ 's3@': bucket({ 'till-qa.yml': profileObject }) }, { profiles: 'qa,eu' })), [['s3:till-qa', { a: 1n, [condition]: 'qa', b: 2n }]]);
  const base = `${condition}: qa & eu\nboth: 1\n---\nplain: 1\n---\nspring.config.activate.onProfile: "us,eu"\nany: 1\n---\n${condition}: "!eu"\nnever: 1\n`;
  t.same(sources(ask({ 's3@': bucket({ 'till.yml': base }) }, { profiles: 'qa,eu' })), [
    ['s3:till', { plain: 1n }],
    ['s3:till', { [condition]: 'qa & eu', both: 1n, 'spring.config.activate.onProfile': 'us,eu', any: 1n }],
  ]);
});

t.test('dates that are written plain are served as JSON timestamps, null as an empty text', async (t) => {
  const objects = {
    'till.yml':
      'day: 2024-01-31\ntime: 2024-01-31 10:20:30.5 +02:00\nquoted: "2024-01-31"\nblock: |-\n  2024-01-31\nnothing: ~\nlist: [2001-12-14t21:59:43Z]\n',
    'application.properties': 'day=2024-01-31\n',
  };
  t.same(sources(ask({ 's3@': bucket(objects) }, { profiles: 'qa' })), [
    [
      's3:till',
      {
        day: '2024-01-31T00:00:00.000Z',
        time: '2024-01-31T08:20:30.500Z',
        quoted: '2024-01-31',
        block: '2024-01-31',
        nothing: '',
        'list[0]': '2001-12-14T21:59:43.000Z',
      },
    ],
    ['s3:application', { day: '2024-01-31' }],
  ]);
});

t.test('values have no origin on the wire, and one for explain', async (t) => {
  const environment = ask({ 's3@': bucket({ 'till.yml': 'k: 1\n' }) }, { profiles: 'qa' });
  t.match(Buffer.from(renderEnvironment(environment, 'v2').body).toString(), '{"name":"s3:till","source":{"k":1}}');
  t.equal(environment.propertySources[0]?.properties.get('k')?.origin, '1:4');
});

t.test('overrides are in every source too, as they are written', async (t) => {
  const environment = ask({ 's3@': bucket({ 'till.yml': 'k: 1\nz: 2\n' }) }, { profiles: 'qa' }, s3(), { overrides: new Map([['k', '\\{x}']]) });
  t.same(sources(environment), [
    ['overrides', { k: '{x}' }],
    ['s3:till', { k: '\\{x}', z: 2n }],
  ]);
});

t.test('a bucket that was never read fails with 500, one label of a list included', async (t) => {
  const unavailable = { kind: 'unavailable', reason: 'no route' } as const;
  t.equal(
    codeOf(() => ask({ 's3@': unavailable }, { profiles: 'qa' })),
    'BUCKET_UNAVAILABLE',
  );
  t.equal(
    codeOf(() => ask({ 's3@a': bucket(shop), 's3@b': unavailable }, { profiles: 'qa', label: 'a,b' })),
    'BUCKET_UNAVAILABLE',
  );
});

t.test('lists of a request cannot make it look for more objects than the limit', async (t) => {
  const list = (prefix: string): string => Array.from({ length: 64 }, (_, index) => `${prefix}${index}`).join(',');
  t.equal(
    codeOf(() => ask({}, { name: list('a'), profiles: list('p'), label: list('l') })),
    'LIMIT_EXCEEDED',
  );
});

t.test('plain text is looked for below the label, a list of labels is one that does not exist', async (t) => {
  const lookups = { 's3@v1': bucket({ 'site-qa.conf': 'q', 'deep/site.conf': 'd' }), 's3@': bucket({ 'site.conf': 'root' }) };
  const find = (path: string, label: string | null): string => {
    const request = { kind: 'resource', name: 'till', profiles: 'qa', label, path, resolvePlaceholders: false } as const;
    return Buffer.from(resolveResource(request, options([s3()]), context(lookups).context).file.bytes()).toString();
  };
  t.equal(find('site.conf', 'v1'), 'q');
  t.equal(find('deep/site.conf', 'v1'), 'd');
  t.equal(find('site.conf', null), 'root');
  t.equal(
    codeOf(() => find('site.conf', 'v1,v2')),
    'RESOURCE_UNKNOWN',
  );
  t.equal(
    codeOf(() => find('../site.conf', 'v1')),
    'RESOURCE_UNKNOWN',
  );
});

t.test('with another backend the answer has no version', async (t) => {
  const settings = options([s3({ order: 2 }), native({ order: 1 })]);
  const lookups = { 's3@': bucket({ 'till.properties': 'k=1\n' }, { 'till.properties': 'v1' }), 'native@': tree('n', { 'c/till.properties': 'k=2' }) };
  const environment = resolveEnvironment(target('till', 'qa'), settings, context(lookups).context);
  t.same(
    environment.propertySources.map(({ name }) => name),
    ['file:/c/till.properties', 's3:till'],
  );
  t.equal(environment.version, null);
});
