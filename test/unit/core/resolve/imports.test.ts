// spring.config.import in served files: where imported documents stand, and what is not followed.
import t from 'tap';
import { importTarget } from '../../../../src/core/resolve/importEntry.ts';
import { resolveEnvironment } from '../../../../src/core/resolve/resolveEnvironment.ts';
import { codeOf, context, names, native, options, target, tree } from '../../../fixtures/resolveFixture.ts';

function sources(files: Readonly<Record<string, string>>, profiles = 'x', name = 'a', searchLocations: readonly string[] = ['file:/c/']): string[] {
  const all = Object.fromEntries(Object.entries(files).map(([path, text]) => [path.startsWith('/') ? path.slice(1) : `c/${path}`, text]));
  const recorded = context({ 'native@': tree('r1', all) });
  return names(resolveEnvironment(target(name, profiles), options([native({ searchLocations })]), recorded.context));
}

const IMPORT = 'spring.config.import';

t.test('an import stands directly above its importer, later entries above earlier ones', async (t) => {
  const files = {
    'a.yml': `${IMPORT}=p/one.yml, optional:p/two.properties,p/absent.yml`,
    'p/one.yml': 'v=1',
    'p/two.properties': 'v=2',
    'application.yml': 'v=0',
  };
  t.same(sources(files), ['p/two.properties', 'p/one.yml', 'a.yml', 'application.yml']);
});

t.test('imports of imports are relative to the importing file', async (t) => {
  t.same(sources({ 'a.yml': `${IMPORT}=p/b.yml`, 'p/b.yml': `${IMPORT}=c.yml`, 'p/c.yml': 'v=1' }), ['p/c.yml', 'p/b.yml', 'a.yml']);
});

t.test('profile variants of imports rise to the profile tier, above the profile file of the importer', async (t) => {
  const files = { 'a.yml': `${IMPORT}=p/b.yml`, 'p/b.yml': 'v=1', 'p/b-dev.yml': 'v=2', 'a-dev.yml': 'v=3', 'a-qa.yml': 'v=4' };
  t.same(sources(files, 'dev'), ['p/b-dev.yml', 'a-dev.yml', 'p/b.yml', 'a.yml']);
  t.same(sources(files, 'qa'), ['a-qa.yml', 'p/b.yml', 'a.yml']);
});

t.test('a profile file can import too', async (t) => {
  t.same(sources({ 'a.yml': 'v=1', 'a-dev.yml': `${IMPORT}=b.yml`, 'b.yml': 'v=2' }, 'dev'), ['b.yml', 'a-dev.yml', 'a.yml']);
});

t.test('a directory is searched for the names of the request', async (t) => {
  const files = { 'a.yml': `${IMPORT}=p/`, 'p/a.yml': 'v=1', 'p/application.yml': 'v=2', 'p/a-dev.yml': 'v=3', 'p/other.yml': 'v=4' };
  t.same(sources(files, 'dev'), ['p/a-dev.yml', 'p/a.yml', 'p/application.yml', 'a.yml']);
});

t.test('an import in an inactive document is not followed, in an active one it is', async (t) => {
  const files = { 'a.yml': `v=1\n---\nspring.config.activate.on-profile=dev\n${IMPORT}=b.yml`, 'b.yml': 'v=2' };
  t.match(sources(files, 'qa'), [/document #0/]);
  t.match(sources(files, 'dev'), ['b.yml', /document #1/, /document #0/]);
});

t.test('documents of an import are named by the text of the entry', async (t) => {
  t.match(sources({ 'a.yml': `${IMPORT}=p/b.yml`, 'p/b.yml': 'v=1\n---\nv=2' }), [
    "Config resource 'file [/c/p/b.yml]' via location 'p/b.yml' (document #1)",
    "Config resource 'file [/c/p/b.yml]' via location 'p/b.yml' (document #0)",
    'a.yml',
  ]);
});

t.test('a hint gives a file without extension its format', async (t) => {
  t.same(sources({ 'a.yml': `${IMPORT}=p/plain[.yml]`, 'p/plain': 'v=1', 'p/plain-dev': 'v=2' }, 'dev'), ['p/plain-dev', 'p/plain', 'a.yml']);
});

t.test('what lies outside of the locations is dropped without a word', async (t) => {
  const files = {
    'a.yml': `${IMPORT}=../out.yml,/etc/x.yml,file:/etc/y.yml,file:./z.yml,classpath:z.yml`,
    '/out.yml': 'v=1',
    '/etc/x.yml': 'v=2',
    '/etc/y.yml': 'v=3',
    'z.yml': 'v=4',
  };
  t.same(sources(files), ['a.yml']);
  t.same(sources({ 'a.yml': `${IMPORT}=../../../../b.yml`, 'b.yml': 'v=1' }), ['a.yml']);
});

t.test('an absolute path below a location is served', async (t) => {
  t.same(sources({ 'a.yml': `${IMPORT}=file:/c/p/b.yml`, 'p/b.yml': 'v=1' }), ['p/b.yml', 'a.yml']);
});

t.test('a file is read once: cycles end, and of several importers the highest has it', async (t) => {
  t.same(sources({ 'a.yml': `${IMPORT}=b.yml`, 'b.yml': `${IMPORT}=a.yml,b.yml` }), ['b.yml', 'a.yml']);
  t.same(sources({ 'a.yml': `${IMPORT}=s.yml`, 'application.yml': `${IMPORT}=s.yml`, 's.yml': 'v=1' }), ['s.yml', 'a.yml', 'application.yml']);
});

t.test('unknown schemes and unknown extensions fail', async (t) => {
  for (const entry of ['nosuch:thing', 'http://internal/x.yml', 'p/plain', 'p/x.json', '/etc/passwd', '../plain']) {
    t.equal(
      codeOf(() => sources({ 'a.yml': `${IMPORT}=${entry}` })),
      'CONTENT_INVALID',
      entry,
    );
  }
});

t.test('in a Git tree an absolute path means nothing', async (t) => {
  t.equal(importTarget('/p/b.yml', { directory: '', isFileSystem: false }), null);
  t.match(importTarget('p/../b.yml', { directory: 'd', isFileSystem: false }), { kind: 'file', stem: 'd/b', extension: 'yml' });
  t.equal(importTarget('', { directory: '', isFileSystem: false }), null);
});
