// The order, names and locations of property sources on the native backend.
import t from 'tap';
import { resolveEnvironment } from '../../../../src/core/resolve/resolveEnvironment.ts';
import { codeOf, context, names, native, options, target, tree } from '../../../fixtures/resolveFixture.ts';
import type { NativeBackend } from '../../../../src/model/backend.ts';
import type { ResolutionOptions } from '../../../../src/model/backend.ts';
import type { Environment } from '../../../../src/model/environment.ts';

interface Setup {
  readonly backend?: Partial<NativeBackend>;
  readonly options?: Partial<ResolutionOptions>;
}

/** `files` are below the directory `/c`. */
function resolve(files: Readonly<Record<string, string>>, asked: ReturnType<typeof target>, setup: Setup = {}): Environment {
  const below = Object.fromEntries(Object.entries(files).map(([path, text]) => [path.startsWith('/') ? path.slice(1) : `c/${path}`, text]));
  const recorded = context({ 'native@': tree('r1', below) });
  return resolveEnvironment(asked, options([native(setup.backend)], setup.options), recorded.context);
}

const one = 'k=1';
const two = 'k=1\n---\nk=2';

t.test('profile files outrank all others; names, locations and extensions decide below that', async (t) => {
  const files = {
    'application.yml': one,
    'till.yml': one,
    'till.properties': one,
    'till.xml': one,
    'till.yaml': one,
    'application-dev.yml': one,
    'till-qa.yml': one,
  };
  const environment = resolve(files, target('till', 'dev,qa'));
  t.same(names(environment), ['till-qa.yml', 'application-dev.yml', 'till.properties', 'till.xml', 'till.yml', 'till.yaml', 'application.yml']);
  t.match(environment, { name: 'till', profiles: 'dev,qa', label: null, version: null, state: null });
});

t.test('later names, locations and profiles win, the profile level above all', async (t) => {
  const files = { 'x/a.yml': one, 'x/b.yml': one, 'y/a.yml': one, 'x/application-p.yml': one, 'y/b-p.yml': one };
  const backend = { searchLocations: ['file:/c/x', 'file:/c/y/'] };
  t.same(names(resolve(files, target('a,b', 'p'), { backend })), ['y/b-p.yml', 'x/application-p.yml', 'y/a.yml', 'x/b.yml', 'x/a.yml']);
});

t.test('the shared name is lowest and never twice, blanks and duplicates are dropped', async (t) => {
  const files = { 'application.yml': one, 'a.yml': one };
  for (const name of ['a', 'a,application', ',a', 'a,,a', ' a ']) t.same(names(resolve(files, target(name, 'p'))), ['a.yml', 'application.yml'], name);
  t.same(names(resolve(files, target('application', 'p'))), ['application.yml']);
});

t.test('empty names or profiles have no locations, hence no sources', async (t) => {
  const files = { 'application.yml': one };
  t.same(names(resolve(files, target('', 'dev'))), []);
  t.same(names(resolve(files, target('till', ''))), []);
});

t.test('names with slashes reach into directories, never out of a location', async (t) => {
  const files = { 'ap/p.yml': one, '/etc/hosts.yml': one, 'etc/hosts.yml': one };
  t.same(names(resolve(files, target('ap/p', 'x'))), ['ap/p.yml']);
  t.same(names(resolve(files, target('x,/etc/hosts', 'x'))), ['etc/hosts.yml']);
});

t.test('a star in the name fails, and so do profiles that were not validated before', async (t) => {
  t.equal(
    codeOf(() => resolve({}, target('a*', 'x'))),
    'NAME_WILDCARD',
  );
  for (const profiles of ['dev,,qa', '-x', 'de v', 'a/b'])
    t.equal(
      codeOf(() => resolve({}, target('a', profiles))),
      'PROFILES_REFUSED',
      profiles,
    );
  t.same(names(resolve({ 'a-a..b.yml': one }, target('a', 'a..b'))), ['a-a..b.yml']);
});

t.test('several documents are named by number, in file order, and the later one wins', async (t) => {
  const environment = resolve({ 'a.yml': two }, target('a', 'x'));
  t.same(names(environment), [
    "Config resource 'file [/c/a.yml]' via location 'file:/c/' (document #1)",
    "Config resource 'file [/c/a.yml]' via location 'file:/c/' (document #0)",
  ]);
  t.same(environment.propertySources[0]?.provenance, { source: 'native', revision: 'r1', path: 'c/a.yml' });
});

t.test('label directories outrank the rest; the first label of a list wins inside each entry', async (t) => {
  const files = { 'a.yml': one, 'v1/a.yml': one, 'v2/a.yml': one, 'd/v1/a.yml': one, 'd/v2/a.yml': one, 'master/a.yml': one };
  const backend = { searchLocations: ['file:/c/', 'file:/c/d/'] };
  t.same(names(resolve(files, target('a', 'x', 'v1,v2'), { backend })), ['d/v1/a.yml', 'd/v2/a.yml', 'v1/a.yml', 'v2/a.yml', 'a.yml']);
  t.same(names(resolve(files, target('a', 'x'), { backend })), ['master/a.yml', 'a.yml']);
  t.same(names(resolve(files, target('a', 'x', 'unknown'), { backend })), ['a.yml']);
});

t.test('the default label of the server replaces that of the backend', async (t) => {
  const files = { 's/a.yml': one, 'b/a.yml': one };
  t.same(names(resolve(files, target('a', 'x'), { backend: { defaultLabel: 'b' } })), ['b/a.yml']);
  t.same(names(resolve(files, target('a', 'x'), { backend: { defaultLabel: 'b' }, options: { defaultLabel: 's' } })), ['s/a.yml']);
  t.same(names(resolve(files, target('a', 'x', 's'), { backend: { addLabelLocations: false } })), []);
});

t.test('placeholders expand per profile and application; such entries get no label directories', async (t) => {
  const files = { 'p/dev/a.yml': one, 'p/qa/a.yml': one, 'n/a/b.yml': one, 'n/b/a.yml': one, 'l/v1/a.yml': one, 'n/a/v1/a.yml': one };
  const backend = { searchLocations: ['file:/c/n/{application}', 'file:/c/p/{profile}/', 'file:/c/l/{label}'] };
  t.same(names(resolve(files, target('a,b', 'dev,qa', 'v1'), { backend })), ['l/v1/a.yml', 'p/qa/a.yml', 'p/dev/a.yml', 'n/b/a.yml', 'n/a/b.yml']);
});

t.test('braces in a value are not expanded a second time', async (t) => {
  const backend = { searchLocations: ['file:/c/{label}/{application}'] };
  t.same(names(resolve({ '{application}/a/a.yml': one, 'a/a/a.yml': one }, target('a', 'x', '{application}'), { backend })), ['{application}/a/a.yml']);
});

t.test('a label list inside a location breaks the lookup', async (t) => {
  const backend = { searchLocations: ['file:/c/{label}'] };
  t.equal(
    codeOf(() => resolve({}, target('a', 'x', 'v1,v2'), { backend })),
    'CONTENT_INVALID',
  );
});

t.test('a star lists directories in byte order, with the names outside of the directories', async (t) => {
  const files = { 'w/b/a.yml': one, 'w/a/a.yml': one, 'w/B/application.yml': one, 'w/a/application.yml': one, 'w/a/deep/a.yml': one, 'w/a.yml': one };
  const backend = { searchLocations: ['file:/c/w/*/'], addLabelLocations: false };
  t.same(names(resolve(files, target('a', 'x'), { backend })), ['w/b/a.yml', 'w/a/a.yml', 'w/a/application.yml', 'w/B/application.yml']);
});

t.test('a directory under two spellings is read once, at its last position', async (t) => {
  const files = { 'x/a.yml': two, 'y/a.yml': one };
  const backend = { searchLocations: ['file:/c/x', 'file:/c/y', '/c/./x'] };
  t.match(names(resolve(files, target('a', 'x'), { backend })), [/via location '\/c\/\.\/x\/' \(document #1\)/, /document #0/, 'y/a.yml']);
});

t.test('entries that name a file or a class path are no directories', async (t) => {
  const backend = { searchLocations: ['file:/c/a.yml', 'classpath:/c/', 'file:/c/'] };
  t.same(names(resolve({ 'a.yml': one }, target('a', 'x'), { backend })), ['a.yml']);
});

t.test('a file that cannot be read fails the request, also as a profile file', async (t) => {
  t.equal(
    codeOf(() => resolve({ 'a.yml': 'broken' }, target('a', 'x'))),
    'CONTENT_INVALID',
  );
  t.equal(
    codeOf(() => resolve({ 'a-x.yml': 'broken' }, target('a', 'x'))),
    'CONTENT_INVALID',
  );
  t.same(names(resolve({ 'a-x.yml': 'broken' }, target('a', 'y'))), []);
});

t.test('overrides come first with the fixed origin, unescaped once', async (t) => {
  const overrides = new Map([
    ['a', '\\${x} \\{y}'],
    ['b', '\\{y}'],
    ['c', '{cipher}00'],
  ]);
  const environment = resolve({ 'a.yml': one }, target('a', 'x'), { options: { overrides } });
  t.same(names(environment), ['overrides', 'a.yml']);
  t.same(
    [...(environment.propertySources[0]?.properties ?? [])],
    [
      ['a', { value: '${x} \\{y}', origin: 'Config server overrides' }],
      ['b', { value: '{y}', origin: 'Config server overrides' }],
      ['c', { value: '{cipher}00', origin: 'Config server overrides' }],
    ],
  );
});

t.test('encrypted values become markers at the end of their source while there is no key', async (t) => {
  const environment = resolve({ 'a.yml': 'p={cipher}ff\nq=1' }, target('a', 'x'));
  t.same(
    [...(environment.propertySources[0]?.properties ?? [])],
    [
      ['q', { value: '1', origin: '1:1' }],
      ['invalid.p', { value: '<n/a>', origin: '1:1', cipher: 'failed' }],
    ],
  );
});

t.test('nothing found is an answer unless empty answers are refused', async (t) => {
  t.same(names(resolve({}, target('a', 'x'))), []);
  t.equal(
    codeOf(() => resolve({}, target('a', 'x'), { options: { acceptEmpty: false } })),
    'NOTHING_FOUND',
  );
});

t.test('a request that would look for too many files is refused before it starts', async (t) => {
  const list = Array.from({ length: 60 }, (_, index) => `n${index}`).join(',');
  const backend = { searchLocations: ['file:/c/{application}/{profile}'] };
  t.equal(
    codeOf(() => resolve({}, target(list, list), { backend })),
    'LIMIT_EXCEEDED',
  );
});
