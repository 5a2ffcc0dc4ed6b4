// Plain-text files: which file is served, which never is, and how failures are answered.
import t from 'tap';
import { resourceCandidates } from '../../../../src/core/resolve/resourcePath.ts';
import { resolveResource, resourceFailureAnswer, type ResolvedResource } from '../../../../src/core/resolve/resolveResource.ts';
import type { Backend, ResolutionOptions } from '../../../../src/model/backend.ts';
import { Failure } from '../../../../src/model/failure.ts';
import { codeOf, context, git, native, options, patternRepository, tree } from '../../../fixtures/resolveFixture.ts';

type Lookups = Parameters<typeof context>[0];

function resource(
  lookups: Lookups,
  asked: { readonly path: string; readonly profiles?: string; readonly label?: string | null; readonly name?: string },
  backends: readonly Backend[] = [native({ searchLocations: ['file:/etc', 'file:/lib'] })],
  settings: Partial<ResolutionOptions> = {},
): ResolvedResource {
  const request = {
    kind: 'resource',
    name: asked.name ?? 'a',
    profiles: asked.profiles ?? 'default',
    label: asked.label ?? null,
    path: asked.path,
    resolvePlaceholders: true,
  } as const;
  return resolveResource(request, options(backends, settings), context(lookups).context);
}

const files = tree('r1', {
  'etc/site.conf': '1',
  'etc/site-dev.conf': '2',
  'lib/site-qa.conf': '3',
  'lib/only.txt': '4',
  'etc/sub/deep.txt': '5',
  'etc/pack.tar-dev.gz': '6',
  'etc/Procfile-dev': '7',
  'etc/.git/config': '8',
  'etc/WEB-INF/x.txt': '9',
  'etc/v1/site.conf': '10',
  'secret.txt': '11',
  'lib/c:/odd.txt': '12',
});

t.test('the first location wins, in it the first profile, the bare path last', async (t) => {
  const path = (profiles: string, reverseLocationOrder = false): string =>
    resource({ 'native@': files }, { path: 'site.conf', profiles }, undefined, { reverseLocationOrder }).file.path;
  t.equal(path('default'), 'etc/site.conf');
  t.equal(path('dev,qa'), 'etc/site-dev.conf');
  t.equal(path('qa'), 'etc/site.conf');
  t.equal(path('default,dev'), 'etc/site.conf');
  t.equal(path('qa', true), 'lib/site-qa.conf');
  t.equal(resource({ 'native@': files }, { path: 'only.txt' }).file.path, 'lib/only.txt');
});

t.test('the profile stands before the last extension', async (t) => {
  t.same(resourceCandidates('pack.tar.gz', 'dev,default,qa'), ['pack.tar-dev.gz', 'pack.tar.gz', 'pack.tar-qa.gz']);
  t.same(resourceCandidates('a.d/Procfile', 'dev'), ['a.d/Procfile-dev', 'a.d/Procfile']);
});

t.test('directories, empty paths and unknown files are not found', async (t) => {
  for (const path of ['', 'sub', 'sub/', 'nope.txt', 'sub/deep.txt/'])
    t.equal(
      codeOf(() => resource({ 'native@': files }, { path })),
      'RESOURCE_UNKNOWN',
      path,
    );
  t.equal(resource({ 'native@': files }, { path: 'sub/deep.txt' }).file.path, 'etc/sub/deep.txt');
});

t.test('what must not be served is not found', async (t) => {
  const paths = [
    '.git/config',
    '.GIT/config',
    'sub/../.git/config',
    '%2egit/config',
    'WEB-INF/x.txt',
    '../secret.txt',
    'sub/../../secret.txt',
    'file:/secret.txt',
    'url:/x',
    '/../secret.txt',
    '%2e%2e/secret.txt',
  ];
  for (const path of paths)
    t.equal(
      codeOf(() => resource({ 'native@': files }, { path })),
      'RESOURCE_UNKNOWN',
      path,
    );
});

t.test('a request that would look for too many files is refused before it starts', async (t) => {
  const list = Array.from({ length: 60 }, (_, index) => `n${index}`).join(',');
  const backends = [native({ searchLocations: ['file:/{application}/{profile}'] })];
  t.equal(
    codeOf(() => resource({ 'native@': files }, { path: 'site.conf', name: list, profiles: list }, backends)),
    'LIMIT_EXCEEDED',
  );
});

t.test('label directories of the native backend come last in the list', async (t) => {
  t.equal(resource({ 'native@': files }, { path: 'site.conf', label: 'v1' }).file.path, 'etc/site.conf');
  t.equal(resource({ 'native@': files }, { path: 'site.conf', label: 'v1' }, undefined, { reverseLocationOrder: true }).file.path, 'etc/v1/site.conf');
});

t.test('locations without a scheme, with a star, with dots or with a number sign are not looked at', async (t) => {
  for (const location of ['/etc', 'file:/*/', 'file:/lib/../etc', 'file:/etc#x/..']) {
    t.equal(
      codeOf(() => resource({ 'native@': files }, { path: 'site.conf' }, [native({ searchLocations: [location], addLabelLocations: false })])),
      'RESOURCE_UNKNOWN',
      location,
    );
  }
});

t.test('Git: the root before the search paths, never a label list', async (t) => {
  const key = 'git https://git.test/conf.git@';
  const lookups = { [`${key}main`]: tree('c1', { 'x/a.txt': '1', 'a.txt': '2' }), [`${key}v1`]: tree('c2', {}) };
  const backends = [git({ searchPaths: ['x'] })];
  t.equal(resource(lookups, { path: 'a.txt' }, backends).file.path, 'a.txt');
  t.equal(
    codeOf(() => resource(lookups, { path: 'a.txt', label: 'main,v1' }, backends)),
    'LABEL_UNKNOWN',
  );
  t.equal(
    codeOf(() => resource(lookups, { path: 'a.txt', label: 'v1' }, backends)),
    'RESOURCE_UNKNOWN',
  );
});

t.test('Git: main falls back to master, and a pattern repository is used when it answers the environment', async (t) => {
  const repos = [patternRepository('a')];
  const pattern = 'git.repos.a https://git.test/a.git@main';
  const master = { 'git https://git.test/conf.git@master': tree('m', { 'f.txt': 'default' }) };
  const backends = [git({ repos })];
  t.equal(resource({ ...master, [pattern]: tree('p', { 'f.txt': 'pattern' }) }, { path: 'f.txt' }, backends).file.blobId, 'pattern');
  t.equal(resource({ ...master, [pattern]: tree('p', { 'f.txt': 'pattern', 'a.yml': 'broken' }) }, { path: 'f.txt' }, backends).file.blobId, 'default');
  t.equal(
    codeOf(() => resource({ ...master, [pattern]: tree('p', {}) }, { path: 'f.txt' }, backends)),
    'RESOURCE_UNKNOWN',
  );
});

t.test('the locations of all backends are concatenated in order, failing ones left out when that is tolerated', async (t) => {
  const backends = [git({ order: 1 }), native({ order: 2, searchLocations: ['file:/lib'] })];
  t.equal(
    codeOf(() => resource({ 'native@': files }, { path: 'only.txt', label: 'v1' }, backends)),
    'LABEL_UNKNOWN',
  );
  t.equal(resource({ 'native@': files }, { path: 'only.txt', label: 'v1' }, backends, { failOnCompositeError: false }).file.path, 'lib/only.txt');
});

t.test('the environment belongs to the same request; its emptiness is no failure', async (t) => {
  const found = resource({ 'native@': tree('r', { 'etc/f.txt': '1', 'etc/a.yml': 'v=1' }) }, { path: 'f.txt' });
  t.same(
    found.environment().propertySources.map((source) => source.name),
    ['file:/etc/a.yml'],
  );
  t.same(resource({ 'native@': files }, { path: 'only.txt' }, undefined, { acceptEmpty: false }).environment().propertySources, []);
  const broken = resource({ 'native@': tree('r', { 'etc/f.txt': '1', 'etc/a.yml': 'broken' }) }, { path: 'f.txt' });
  t.equal(
    codeOf(() => broken.environment()),
    'CONTENT_INVALID',
  );
});

t.test('failures are answered as recorded', async (t) => {
  const answer = (code: Failure['code'], stage: 'file' | 'environment') => resourceFailureAnswer(new Failure(code, ''), stage);
  t.same(answer('RESOURCE_UNKNOWN', 'file'), { status: 404, isEmpty: true });
  t.same(answer('LABEL_UNKNOWN', 'file'), { status: 404, isEmpty: true });
  t.same(answer('REPOSITORY_UNAVAILABLE', 'file'), { status: 500, isEmpty: false });
  t.same(answer('REPOSITORY_UNAVAILABLE', 'environment'), { status: 404, isEmpty: true });
  t.same(answer('CONTENT_INVALID', 'environment'), { status: 500, isEmpty: false });
  t.same(answer('REQUEST_INVALID', 'file'), { status: 400, isEmpty: false });
});
