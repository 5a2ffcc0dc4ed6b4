// The entries of backends.composite, from the file, variables and flags. (compatibility document 6.9)
import t from 'tap';
import { effectiveSettings } from '../../../src/cli/effectiveSettings.ts';
import { backendEntries } from '../../../src/settings/backendEntries.ts';
import { resolutionOptions } from '../../../src/settings/resolutionOptions.ts';
import { problemLines, validSettings } from './resolveTexts.ts';

const yaml = `
backends:
  composite:
    - type: git
      uri: https://host/d.git
      order: 7
      username: joe
      password: parent-password
      timeout: 45s
      repos:
        team-a: { uri: https://host/a.git, pattern: a*/dev }
        team-b: { uri: https://host/b.git, token: own }
    - type: native
      search-locations: [file:/srv/a, ./b]
      version: r1
    - { type: git, uri: git@host:c.git, default-label: trunk }
`;

t.test('entries have the options of their type, in the order of the list', async (t) => {
  const { settings } = validSettings({ yaml });
  const [first, second, third] = settings.backends.composite;
  t.match(first, { type: 'git', uri: 'https://host/d.git', order: 7, timeoutMs: 45_000, tryMasterBranch: true });
  t.match(second, { type: 'native', searchLocations: ['file:/srv/a', './b'], version: 'r1', order: 2_147_483_647, pollIntervalMs: 5_000 });
  t.match(third, { type: 'git', uri: 'git@host:c.git', defaultLabel: 'trunk', order: 2_147_483_647 });
});

t.test('the repositories of an entry inherit the access of their entry', async (t) => {
  const { settings, origins } = validSettings({ yaml });
  const [first] = settings.backends.composite;
  const repos = first?.type === 'git' ? first.repos : new Map();
  t.match(repos.get('team-a'), { username: 'joe', timeoutMs: 45_000 });
  t.match(repos.get('team-b'), { username: null, password: null, timeoutMs: 45_000 });
  t.strictSame(origins.of(['backends', 'composite', '0', 'repos', 'team-a', 'timeout']), { kind: 'inherited', from: 'backends.composite.0.timeout' });
});

t.test('each entry has repositories of its own, even for one uri', async (t) => {
  const { settings } = validSettings({ yaml });
  t.strictSame(
    backendEntries(settings).map(({ id }) => id),
    ['composite.0.git', 'composite.1.native', 'composite.2.git'],
  );
  t.match(resolutionOptions(settings, '/srv').backends, [
    { kind: 'git', order: 7, id: 'composite.0.git', repos: [{ id: 'composite.0.git.repos.team-a', patterns: ['a*/dev'] }, { patterns: ['team-b'] }] },
    { kind: 'native', repository: 'composite.1.native', searchLocations: ['file:/srv/a', '/srv/b'] },
    { kind: 'git', id: 'composite.2.git', defaultLabel: 'trunk' },
  ]);
});

t.test('variables alone make entries, those of repositories included', async (t) => {
  const { settings, origins } = validSettings({
    environment: {
      VORTEX_BACKENDS_COMPOSITE_1_TYPE: 'native',
      VORTEX_BACKENDS_COMPOSITE_1_SEARCH_LOCATIONS: '/srv/a,/srv/b',
      VORTEX_BACKENDS_COMPOSITE_0_URI: '/srv/d',
      VORTEX_BACKENDS_COMPOSITE_0_TYPE: 'git',
      VORTEX_BACKENDS_COMPOSITE_0_ORDER: '-5',
      VORTEX_BACKENDS_COMPOSITE_0_TOKEN_FILE: '/run/token',
      VORTEX_BACKENDS_COMPOSITE_0_REPOS_MY_TEAM_URI: '/srv/t',
    },
    files: { '/run/token': 'abc\n' },
  });
  const [git, native] = settings.backends.composite;
  t.match(git, { type: 'git', uri: '/srv/d', order: -5 });
  t.equal(git?.type === 'git' ? git.token?.reveal() : null, 'abc');
  t.match(git?.type === 'git' ? git.repos.get('my-team') : null, { uri: '/srv/t' });
  t.match(native, { type: 'native', searchLocations: ['/srv/a', '/srv/b'] });
  t.strictSame(origins.of(['backends', 'composite', '0', 'uri']), { kind: 'environment', name: 'VORTEX_BACKENDS_COMPOSITE_0_URI' });
});

t.test('variables and flags set options of the entries of the file', async (t) => {
  const { settings } = validSettings({
    yaml,
    environment: { VORTEX_BACKENDS_COMPOSITE_0_PASSWORD: 'secret', VORTEX_BACKENDS_COMPOSITE_0_REPOS_TEAM_A_SEARCH_PATHS: 'x,y' },
    flags: ['--backends.composite.2.default-label=next', '--backends.composite.0.repos.team-a.pattern=z', '--backends.composite.3.type=native'],
  });
  const [first, , third, fourth] = settings.backends.composite;
  t.equal(first?.type === 'git' ? first.password?.reveal() : null, 'secret');
  t.match(first?.type === 'git' ? first.repos.get('team-a') : null, { searchPaths: ['x', 'y'], pattern: ['z'] });
  t.match(third, { defaultLabel: 'next' });
  t.match(fourth, { type: 'native', searchLocations: ['file:./config/'] });
});

t.test('what is wrong in a list is reported with its place', async (t) => {
  const wrong = (entries: string): readonly string[] => problemLines({ yaml: `backends:\n  composite: ${entries}\n` });
  t.strictSame(wrong('[{ uri: /srv/x }]'), ['config.yaml:2:15: backends.composite.0: the entry has no type; expected one of native, git, s3, sql']);
  t.strictSame(wrong('[{ type: svn, uri: /srv/x }]'), ["config.yaml:2:23: backends.composite.0.type: expected one of native, git, s3, sql, got 'svn'"]);
  t.strictSame(wrong('[{ type: git }]'), ['config.yaml:2:23: backends.composite.0.uri: the entry has no uri']);
  t.match(wrong('[{ type: native, uri: /srv/x }]'), [/config.yaml:2:31: backends.composite.0.uri: unknown key here, did you mean backends.git.uri\?/]);
  t.match(wrong('{ a: { type: native } }'), [/backends.composite: expected a list of entries, each with its type \(native, git, s3, sql\); got a mapping/]);
  t.match(wrong('[{ type: git, uri: /srv/x, repos: { a: { pattern: x } } }]'), [/backends.composite.0.repos.a.uri: the repository has no uri/]);
  t.match(wrong('[{ type: git, uri: "https://joe:pw@host/x" }]'), [/backends.composite.0.uri: a user name or password in the uri/]);
  t.match(wrong('[{ type: native, searchLocations: "classpath:/x" }]'), [/backends.composite.0.searchLocations: classpath: locations do not exist/]);
  t.match(wrong('[{ type: native, maxStaleness: 2s }]'), [/backends.composite.0.maxStaleness: .* must be longer than pollInterval/]);
});

t.test('what is wrong in variables is reported by their names', async (t) => {
  const wrong = (environment: Readonly<Record<string, string>>, text = ''): readonly string[] => problemLines({ yaml: text, environment });
  t.match(wrong({ VORTEX_BACKENDS_COMPOSITE_0_URI: '/srv/x' }), [
    /_0_URI: the entry has no type that there is; set VORTEX_BACKENDS_COMPOSITE_0_TYPE to native or git/,
  ]);
  t.match(wrong({ VORTEX_BACKENDS_COMPOSITE_1_TYPE: 'native' }), [/there is an entry backends.composite.1, but none before it with this index/]);
  t.match(wrong({ VORTEX_BACKENDS_COMPOSITE: '[]' }), [/backends.composite: expected a list of entries/]);
  t.match(wrong({ VORTEX_BACKENDS_COMPOSITE_X_TYPE: 'git' }), [/entries are set one by one/]);
  t.match(wrong({ VORTEX_BACKENDS_COMPOSITE_0_TYPE: 'native', VORTEX_BACKENDS_COMPOSITE_0_URI: '/x' }), [
    /an entry of type native has ORDER, SEARCH_LOCATIONS/,
  ]);
  t.strictSame(wrong({ VORTEX_BACKENDS_COMPOSITE_0_TYPE: 'native' }, 'backends: { composite: [{ type: git, uri: /x }] }'), [
    'environment VORTEX_BACKENDS_COMPOSITE_0_TYPE: backends.composite.0.type: the entry is of type git already (config.yaml:1:33)',
  ]);
});

t.test('a composite and a backend of its own exclude each other', async (t) => {
  const both = `${yaml}  git: { uri: /srv/x }\n  native: { version: x }\n`;
  t.match(problemLines({ yaml: both }), [/backends.composite: backends.native is set too/, /backends.composite: backends.git is set too/]);
});

t.test('the effective settings name what was set of each entry, secrets masked', async (t) => {
  const { settings, origins } = validSettings({ yaml });
  const lines = effectiveSettings(settings, origins).filter((line) => line.startsWith('backends.composite'));
  t.ok(lines.includes('backends.composite.0.type = git (config.yaml:4:13)'), lines.join('\n'));
  t.ok(lines.includes('backends.composite.0.password = *** (config.yaml:8:17)'));
  t.ok(lines.includes('backends.composite.0.repos.team-b.token = *** (config.yaml:12:51)'));
  t.ok(lines.includes('backends.composite.1.version = r1 (config.yaml:15:16)'));
  t.notOk(lines.some((line) => line.includes('composite.2.timeout')));
});
