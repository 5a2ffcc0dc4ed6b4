// The SQL backend: which rows answer, in which order, and what happens when there is nothing to read. (compatibility document 6.3)
import t from 'tap';
import { formatRows, parseRows } from '../../../../src/core/formats/parseRows.ts';
import { ContentPending } from '../../../../src/core/resolve/contentPending.ts';
import { resolveEnvironment } from '../../../../src/core/resolve/resolveEnvironment.ts';
import { resolveResource } from '../../../../src/core/resolve/resolveResource.ts';
import { parseSqlTriplesLabel, sqlTriplePath, sqlTriplesLabel } from '../../../../src/core/resolve/sqlTriple.ts';
import type { ResolutionOptions, SqlBackend } from '../../../../src/model/backend.ts';
import type { Environment } from '../../../../src/model/environment.ts';
import type { FileTree } from '../../../../src/model/fileTree.ts';
import { codeOf, context, native, options, target, tree } from '../../../fixtures/resolveFixture.ts';

type Row = readonly [application: string, profile: string | null, label: string, key: string, value: string];

/** Those of the compatibility document, 9.5. */
const rows: readonly Row[] = [
  ['application', null, 'master', 'g', 'shared'],
  ['application', 'qa', 'master', 'g', 'shared-qa'],
  ['till', null, 'master', 'a.b', 'base'],
  ['till', 'qa', 'master', 'a.b', 'qa'],
  ['till', 'eu', 'master', 'a.b', 'eu'],
  ['till', null, 'next', 'a.b', 'next'],
  ['application-till', null, 'master', 'k', 'v'],
];

function rowTree(of: readonly Row[]): FileTree {
  const paths = new Set(of.map(([application, profile, label]) => sqlTriplePath({ application, profile, label })));
  const files = [...paths].map((path) => {
    const own = of.filter(([application, profile, label]) => sqlTriplePath({ application, profile, label }) === path);
    return [path, new TextDecoder().decode(formatRows(own.map(([, , , key, value]) => [key, value])))] as const;
  });
  return tree('r1', Object.fromEntries(files));
}

function backend(settings: Partial<SqlBackend> = {}): SqlBackend {
  return { kind: 'sql', repository: 'sql', order: 0, defaultLabel: null, failOnError: true, origin: '', content: 'table', ...settings };
}

type Lookup = Parameters<typeof context>[0][string];

function resolve(
  asked: ReturnType<typeof target>,
  settings: Partial<SqlBackend> = {},
  lookups: Readonly<Record<string, Lookup>> = { 'sql@': rowTree(rows) },
  more: Partial<ResolutionOptions> = {},
): Environment {
  return resolveEnvironment(asked, options([backend(settings)], more), { ...context(lookups).context, parse: (file) => parseRows(file.bytes()) });
}

function sources(environment: Environment): unknown {
  return environment.propertySources.map(({ name, properties }) => [name, Object.fromEntries([...properties].map(([key, { value }]) => [key, value]))]);
}

t.test('M11: the last profile and application come first, rows without a profile last', async (t) => {
  const environment = resolve(target('till', 'qa,eu'));
  t.same(sources(environment), [
    ['till-eu', { 'a.b': 'eu' }],
    ['till-qa', { 'a.b': 'qa' }],
    ['application-qa', { g: 'shared-qa' }],
    ['till', { 'a.b': 'base' }],
    ['application', { g: 'shared' }],
  ]);
  t.match(environment, { name: 'till', profiles: 'qa,eu', label: null, version: null, state: null });
  t.equal(environment.propertySources[0]?.properties.get('a.b')?.origin, null, 'v2 shows the value without an origin');
  t.same(environment.propertySources[0]?.provenance, { source: 'sql', revision: 'r1', path: 'master/till/eu.rows' });
});

t.test('M12, M13, M14: unknown profiles, lists of labels, and names that begin with application', async (t) => {
  t.same(sources(resolve(target('till', 'none'))), [
    ['till', { 'a.b': 'base' }],
    ['application', { g: 'shared' }],
  ]);
  t.same(sources(resolve(target('till', 'none', 'master,next'))), [
    ['till', { 'a.b': 'next' }],
    ['till', { 'a.b': 'base' }],
    ['application', { g: 'shared' }],
  ]);
  t.same(sources(resolve(target('application-till', 'none'))), [['application-till', { k: 'v' }]]);
  t.same(sources(resolve(target('till', 'qa', 'no-such'))), [], 'an unknown label is empty');
});

t.test('names and profiles count once; names are compared letter by letter', async (t) => {
  t.same(sources(resolve(target('till,till', 'qa,qa'))), sources(resolve(target('till', 'qa'))));
  t.same(sources(resolve(target('Till', 'QA'))), [['application', { g: 'shared' }]]);
});

t.test('the default label is master, else that of the backend, else that of the server', async (t) => {
  const next = [['till', { 'a.b': 'next' }]];
  t.same(sources(resolve(target('till', 'x'), { defaultLabel: 'next' })), next);
  t.same(sources(resolve(target('till', 'x'), { defaultLabel: 'master' }, { 'sql@': rowTree(rows) }, { defaultLabel: 'next' })), next);
  t.same(sources(resolve(target('till', 'x', 'next'), { defaultLabel: 'master' })), next);
});

t.test('statements are asked for all that one request needs, under one label', async (t) => {
  const triples = [
    { application: 'till', profile: 'qa', label: 'm' },
    { application: 'application', profile: 'qa', label: 'm' },
    { application: 'till', profile: null, label: 'm' },
    { application: 'application', profile: null, label: 'm' },
  ];
  const label = sqlTriplesLabel(triples);
  t.same(parseSqlTriplesLabel(label), triples);
  const answer = rowTree([['till', null, 'm', 'x', '1']]);
  t.same(sources(resolve(target('till', 'qa', 'm'), { content: 'statements' }, { [`sql@${label}`]: answer })), [['till', { x: '1' }]]);
  t.throws(() => resolve(target('till', 'qa', 'm'), { content: 'statements' }, { [`sql@${label}`]: { kind: 'pending' } }), ContentPending);
});

t.test('with a statement for profiles alone, the profile default is put before the others and nothing is without one', async (t) => {
  const label = sqlTriplesLabel(
    ['qa', 'default'].flatMap((profile) => ['till', 'application'].map((application) => ({ application, profile, label: 'master' }))),
  );
  const answer = rowTree([
    ['till', 'default', 'master', 'x', '1'],
    ['till', 'qa', 'master', 'x', '2'],
    ['till', null, 'master', 'x', '3'],
  ]);
  t.same(sources(resolve(target('till', 'qa'), { content: 'profileStatement' }, { [`sql@${label}`]: answer })), [
    ['till-qa', { x: '2' }],
    ['till-default', { x: '1' }],
  ]);
});

t.test('texts that are no list of triples are no label', async (t) => {
  for (const text of ['', 'main', '{}', '[1]', '[["a"]]', '[["a",1,"b"]]', '["a"]']) t.equal(parseSqlTriplesLabel(text), null, text);
});

t.test('distinct triples have distinct paths, whatever characters are in them', async (t) => {
  const texts = ['', 'a', 'a/b', 'b', '%', '%2F', '/', '\0', '.', '..', 'a.rows'];
  const paths = texts.flatMap((label) => texts.flatMap((application) => [null, ...texts].map((profile) => sqlTriplePath({ label, application, profile }))));
  t.equal(new Set(paths).size, paths.length);
  t.notOk(paths.some((path) => path.includes('\0')));
});

t.test('a database that was never read fails the answer with 500, or adds nothing to it', async (t) => {
  const lookups = { 'sql@': { kind: 'unavailable', reason: 'refused' } } as const;
  t.equal(
    codeOf(() => resolve(target('till', 'qa'), {}, lookups)),
    'DATABASE_UNAVAILABLE',
  );
  t.same(sources(resolve(target('till', 'qa'), { failOnError: false }, lookups)), []);
});

t.test('rows are no files: a plain-text request finds nothing in a database, and looks in the backends beside it', async (t) => {
  const request = { kind: 'resource', ...target('till', 'default', 'master'), path: 'a.txt', resolvePlaceholders: true } as const;
  const alone = context({ 'sql@': rowTree(rows) }).context;
  t.equal(
    codeOf(() => resolveResource(request, options([backend()]), alone)),
    'RESOURCE_UNKNOWN',
  );
  const both = context({ 'sql@': rowTree(rows), 'native@': tree('n1', { 'c/a.txt': 'text' }) }).context;
  t.equal(resolveResource(request, options([backend(), native()]), both).file.path, 'c/a.txt');
});

t.test('rows are read as they are written: order, repeated keys, any text', async (t) => {
  const [document] = parseRows(
    formatRows([
      ['b', '1'],
      ['a', ' "\n\u{1f600}\\'],
      ['b', '2'],
    ]),
  );
  t.same(
    [...(document?.properties ?? [])].map(([key, { value }]) => [key, value]),
    [
      ['b', '2'],
      ['a', ' "\n\u{1f600}\\'],
    ],
  );
  t.same(parseRows(formatRows([])), []);
});
