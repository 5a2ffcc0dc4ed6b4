// The Git backend: labels, fallbacks, search paths, pattern repositories, placeholders in uris.
import t from 'tap';
import { ContentPending } from '../../../../src/core/resolve/contentPending.ts';
import { gitUri } from '../../../../src/core/resolve/gitUri.ts';
import { normalisedPatterns } from '../../../../src/core/resolve/patternRepositories.ts';
import { resolveEnvironment } from '../../../../src/core/resolve/resolveEnvironment.ts';
import type { GitBackend, ResolutionOptions } from '../../../../src/model/backend.ts';
import type { Environment } from '../../../../src/model/environment.ts';
import { codeOf, context, git, options, patternRepository, target, tree } from '../../../fixtures/resolveFixture.ts';

const URI = 'https://git.test/conf.git';

type Lookups = Parameters<typeof context>[0];

/** Keys of `lookups` are `<id> <uri>@<label>`, or only the label for the default repository. */
function resolve(
  lookups: Lookups,
  asked: ReturnType<typeof target>,
  backend: Partial<GitBackend> = {},
  settings: Partial<ResolutionOptions> = {},
): Environment {
  const all = Object.fromEntries(Object.entries(lookups).map(([key, value]) => [key.includes('@') ? key : `git ${URI}@${key}`, value]));
  return resolveEnvironment(asked, options([git(backend)], settings), context(all).context);
}

function paths(environment: Environment): string[] {
  return environment.propertySources.map((source) => source.name.replace(`${URI}/`, ''));
}

const pending = { kind: 'pending' } as const;
const unavailable = { kind: 'unavailable', reason: 'refused' } as const;

t.test('the default label is main, the version its commit, the state an empty string', async (t) => {
  const environment = resolve({ main: tree('c1', { 'a.yml': 'v=1', 'sub/a.yml': 'v=2' }) }, target('a', 'x'));
  t.match(environment, { label: null, version: 'c1', state: '' });
  t.same(
    environment.propertySources.map((source) => source.name),
    [`${URI}/a.yml`],
  );
  t.same(environment.propertySources[0]?.provenance, { source: `git ${URI}`, revision: 'c1', path: 'a.yml' });
});

t.test('default labels: of the server, then of the repository', async (t) => {
  const lookups = { main: tree('m', {}), dev: tree('d', {}), srv: tree('s', {}) };
  t.equal(resolve(lookups, target('a', 'x'), { defaultLabel: 'dev' }).version, 'd');
  t.equal(resolve(lookups, target('a', 'x'), { defaultLabel: 'dev' }, { defaultLabel: 'srv' }).version, 's');
});

t.test('main falls back to master on any failure, requested or defaulted', async (t) => {
  const master = tree('old', { 'a.yml': 'v=1' });
  t.equal(resolve({ master }, target('a', 'x')).version, 'old');
  t.equal(resolve({ master }, target('a', 'x', 'main')).version, 'old');
  t.equal(resolve({ main: tree('m', { 'a.yml': 'broken' }), master }, target('a', 'x')).version, 'old');
  t.equal(resolve({ main: unavailable, master }, target('a', 'x')).version, 'old');
});

t.test('without a master the failure of the fallback counts, without the fallback that of main', async (t) => {
  const main = tree('m', { 'a.yml': 'broken' });
  t.equal(
    codeOf(() => resolve({ main }, target('a', 'x'))),
    'LABEL_UNKNOWN',
  );
  t.equal(
    codeOf(() => resolve({ main }, target('a', 'x'), { tryMasterBranch: false })),
    'CONTENT_INVALID',
  );
  t.equal(
    codeOf(() => resolve({ main, v1: main }, target('a', 'x', 'v1'))),
    'CONTENT_INVALID',
  );
});

t.test('failures of the repository have their own codes', async (t) => {
  t.equal(
    codeOf(() => resolve({}, target('a', 'x', 'none'))),
    'LABEL_UNKNOWN',
  );
  t.equal(
    codeOf(() => resolve({ main: unavailable, master: unavailable }, target('a', 'x'))),
    'REPOSITORY_UNAVAILABLE',
  );
  t.equal(
    codeOf(() => resolve({ v1: { kind: 'broken', reason: 'bare' } }, target('a', 'x', 'v1'))),
    'REPOSITORY_BROKEN',
  );
});

t.test('every label of a list is loaded: the last wins, versions are joined in request order', async (t) => {
  const lookups = { v1: tree('c1', { 'a.yml': 'v=1' }), v2: tree('c2', { 'a.yml': 'v=2', 'b.yml': 'v=3' }) };
  const environment = resolve(lookups, target('a,b', 'x', 'v1,,v2'));
  t.equal(environment.version, 'c1,c2');
  t.equal(environment.label, 'v1,,v2');
  t.same(
    environment.propertySources.map((source) => source.provenance?.revision),
    ['c2', 'c2', 'c1'],
  );
});

t.test('a failing label of a list fails the request, unless failures of lists are tolerated', async (t) => {
  const lookups = { v1: tree('c1', { 'a.yml': 'v=1' }) };
  const tolerant = { continueOnMultipleLabelFailure: true };
  t.equal(
    codeOf(() => resolve(lookups, target('a', 'x', 'none,v1'))),
    'LABEL_UNKNOWN',
  );
  t.equal(resolve(lookups, target('a', 'x', 'none,v1'), tolerant).version, 'c1');
  t.match(resolve(lookups, target('a', 'x', 'none,none2'), tolerant), { version: '', state: '', propertySources: [] });
  t.equal(
    codeOf(() => resolve(lookups, target('a', 'x', 'none'), tolerant)),
    'LABEL_UNKNOWN',
  );
});

t.test('content that is not loaded is never taken for a failure', async (t) => {
  const isPending = (run: () => unknown): void => {
    t.throws(run, { repository: /^git/, label: /main|v1/, name: 'ContentPending' });
  };
  const master = tree('old', {});
  isPending(() => resolve({ main: pending, master }, target('a', 'x')));
  isPending(() => resolve({ v1: pending, v2: master }, target('a', 'x', 'v1,v2'), { continueOnMultipleLabelFailure: true }));
  const repos = [patternRepository('a')];
  isPending(() => resolve({ 'git.repos.a https://git.test/a.git@main': pending, main: master }, target('a', 'x'), { repos }));
  const two = options([git(), git({ id: 'git2' })], { failOnCompositeError: false });
  isPending(() => resolveEnvironment(target('a', 'x', 'v1'), two, context({ [`git ${URI}@v1`]: pending }).context));
  t.ok(new ContentPending('r', 'l') instanceof Error);
});

t.test('search paths follow the root; placeholders, stars and double stars', async (t) => {
  const files = [
    'a.yml',
    'shared/a.yml',
    'team/z/a.yml',
    'team/Mid/a.yml',
    'team/z/sub/a.yml',
    'env/dev/a.yml',
    'deep/a.yml',
    'deep/x/a.yml',
    'deep/x/y/a.yml',
    'my-conf/a.yml',
    'a/a.yml',
  ];
  const main = tree('c1', Object.fromEntries(files.map((file) => [file, 'v=1'])));
  const found = (...searchPaths: readonly string[]): string[] => paths(resolve({ main }, target('a', 'qa,dev'), { searchPaths }));
  t.same(found(), ['a.yml']);
  t.same(found('shared/', '{application}'), ['a/a.yml', 'shared/a.yml', 'a.yml']);
  t.same(found('/env/{profile}'), ['env/dev/a.yml', 'a.yml']);
  t.same(found('team/*'), ['team/z/a.yml', 'team/Mid/a.yml', 'a.yml']);
  t.same(found('deep/**'), ['deep/x/y/a.yml', 'deep/x/a.yml', 'a.yml']);
  t.same(found('**/x', '*-conf'), ['my-conf/a.yml', 'deep/x/a.yml', 'a.yml']);
  t.same(found('te?m/*', '../..', 'shared', '*'), ['my-conf/a.yml', 'deep/a.yml', 'a/a.yml', 'shared/a.yml', 'a.yml']);
});

t.test('several documents show a fixed private directory and lose their closing brackets', async (t) => {
  const main = tree('c1', { 'team/x/a.yml': 'v=1\n---\nv=2', 'a.yml': 'v=1\n---\nv=2' });
  t.same(paths(resolve({ main }, target('a', 'x'), { searchPaths: ['team/*'] })), [
    "Config resource 'file [/vortex/git/team/x/a.yml' via location 'team/x/' (document #1)",
    "Config resource 'file [/vortex/git/team/x/a.yml' via location 'team/x/' (document #0)",
    "Config resource 'file [/vortex/git/a.yml' via location '' (document #1)",
    "Config resource 'file [/vortex/git/a.yml' via location '' (document #0)",
  ]);
});

t.test('patterns are normalised as upstream', async (t) => {
  t.same(normalisedPatterns(['simple']), ['simple/*', 'simple', 'simple,*']);
  t.same(normalisedPatterns(['bill*/dev', 'x*']), ['bill*/dev', 'x*/*', 'x*', 'bill*/dev,*']);
});

t.test('a pattern repository answers what its patterns match, also lists that begin with its profile', async (t) => {
  const repos = [patternRepository('pay', { patterns: ['pay*/qa'] })];
  const lookups = { main: tree('default', {}), 'git.repos.pay https://git.test/pay.git@main': tree('pay', {}) };
  const version = (name: string, profiles: string): string | null => resolve(lookups, target(name, profiles), { repos }).version;
  t.equal(version('pay', 'qa'), 'pay');
  t.equal(version('payments', 'qa,dev'), 'pay');
  t.equal(version('pay', 'dev,qa'), 'default');
  t.equal(version('pay', 'dev'), 'default');
  t.equal(version('other', 'qa'), 'default');
});

t.test('any failure of a pattern repository is followed by the next, the default repository last', async (t) => {
  const repos = [patternRepository('x', { patterns: ['a*'] }), patternRepository('y', { patterns: ['*'] })];
  const key = (name: string, label: string): string => `git.repos.${name} https://git.test/${name}.git@${label}`;
  t.equal(resolve({ [key('y', 'main')]: tree('y', {}), [key('x', 'main')]: tree('x', { 'a.yml': 'broken' }) }, target('a', 'p'), { repos }).version, 'y');
  t.equal(resolve({ [key('y', 'main')]: unavailable, v1: tree('d', {}) }, target('a', 'p', 'v1'), { repos }).version, 'd');
  t.equal(
    codeOf(() => resolve({}, target('a', 'p'), { repos })),
    'LABEL_UNKNOWN',
  );
});

t.test('the default label of the first considered repository holds for all later ones', async (t) => {
  const repos = [patternRepository('leak', { patterns: ['leak/qa'], defaultLabel: 'trunk' })];
  const lookups = { main: tree('m', {}), 'git.repos.leak https://git.test/leak.git@trunk': tree('leak', {}) };
  t.equal(resolve(lookups, target('leak', 'qa'), { repos }).version, 'leak');
  t.equal(
    codeOf(() => resolve(lookups, target('leak', 'x,qa'), { repos })),
    'LABEL_UNKNOWN',
    'considered but not used',
  );
  t.equal(resolve(lookups, target('leak', 'x'), { repos }).version, 'm');
});

t.test('placeholders in uris: the whole name and label, profiles one by one from the last in pattern repositories', async (t) => {
  const uri = 'https://git.test/{application}/{profile}/{label}.git';
  t.equal(resolve({ 'git https://git.test/org/a/dev,qa/main.git@main': tree('c', {}) }, target('org/a', 'dev,qa'), { uri }).version, 'c');
  const repos = [patternRepository('p', { uri: 'https://git.test/p-{profile}.git', patterns: ['a/dev'] })];
  const lookups = { 'git.repos.p https://git.test/p-dev.git@main': tree('dev', { 'a-qa.yml': 'v=1' }) };
  const environment = resolve(lookups, target('a', 'dev,qa'), { repos });
  t.equal(environment.version, 'dev');
  t.same(
    environment.propertySources.map((source) => source.name),
    ['https://git.test/p-dev.git/a-qa.yml'],
  );
});

t.test('values that could change a uri are refused', async (t) => {
  const values = { application: 'a', profile: 'p', label: 'l' };
  const uri = 'https://git.test/{application}.git';
  t.equal(gitUri(uri, { ...values, application: 'org/ünï_x-1,b' }), 'https://git.test/org/ünï_x-1,b.git');
  for (const application of ['a:b', 'a?b', 'a b', 'a%2e', 'a\\b', '/a', 'a/', 'a//b', '.git', 'a/.git', '-x', 'a&b', 'a;b', '', 'a..b', '{label}']) {
    t.equal(
      codeOf(() => gitUri(uri, { ...values, application })),
      'REQUEST_INVALID',
      application,
    );
  }
  t.equal(gitUri(uri, { ...values, label: 'not used: ..' }), 'https://git.test/a.git');
});

t.test('a placeholder must not be part of scheme or host', async (t) => {
  const values = { application: 'a', profile: 'p', label: 'l' };
  for (const uri of ['https://{application}/x', 'https://x.{application}/y', '{application}', 'https://host{label}'])
    t.equal(
      codeOf(() => gitUri(uri, values)),
      'REQUEST_INVALID',
      uri,
    );
  for (const uri of ['/srv/{application}', 'file:///srv/{application}', 'git@host:org/{application}.git', 'ssh://git@host/{application}', './{label}']) {
    t.equal(
      codeOf(() => gitUri(uri, values)),
      'no failure',
      uri,
    );
  }
});
