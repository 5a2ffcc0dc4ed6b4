// What is special about variables: repositories by name, secrets from files, and what Kubernetes adds.
import t from 'tap';
import { problemLines, validSettings } from './resolveTexts.ts';

t.test('repositories can be given as variables, by name', async (t) => {
  const environment = {
    VORTEX_BACKENDS_GIT_URI: 'https://host/default.git',
    VORTEX_BACKENDS_GIT_REPOS_TEAM_A_URI: 'https://host/a.git',
    VORTEX_BACKENDS_GIT_REPOS_TEAM_A_SEARCH_PATHS: 'x,y',
    VORTEX_BACKENDS_GIT_REPOS_TEAM_A_PRIVATE_KEY_FILE: '/keys/a',
    VORTEX_BACKENDS_GIT_REPOS_TEAM_A_KNOWN_HOSTS_FILE: '/keys/known_hosts',
    VORTEX_BACKENDS_GIT_REPOS_B_URI: 'https://host/b.git',
  };
  const { settings } = validSettings({ environment });
  t.strictSame([...settings.backends.git.repos.keys()], ['team-a', 'b']);
  t.match(settings.backends.git.repos.get('team-a'), {
    uri: 'https://host/a.git',
    searchPaths: ['x', 'y'],
    privateKeyFile: '/keys/a',
    privateKey: null,
    knownHostsFile: '/keys/known_hosts',
  });
});

t.test('a variable finds the repository that the file names in another spelling', async (t) => {
  const yaml = 'backends:\n  git:\n    uri: https://host/d.git\n    repos:\n      Team_A:\n        uri: https://host/a.git\n';
  const { settings } = validSettings({
    yaml,
    environment: { VORTEX_BACKENDS_GIT_REPOS_TEAM_A_TOKEN: 'x', VORTEX_BACKENDS_GIT_REPOS_TEAM_A_URI: 'https://host/b.git' },
  });
  t.strictSame([...settings.backends.git.repos.keys()], ['Team_A']);
  t.equal(settings.backends.git.repos.get('Team_A')?.uri, 'https://host/b.git');
  t.equal(settings.backends.git.repos.get('Team_A')?.token?.reveal(), 'x');
});

t.test('all repositories can be given as one JSON object, in its order', async (t) => {
  const environment = {
    VORTEX_BACKENDS_GIT_URI: 'https://host/d.git',
    VORTEX_BACKENDS_GIT_REPOS: '{"z": {"uri": "https://host/z.git", "pattern": ["z*/dev", "y"]}, "a": {"uri": "https://host/a.git", "search-paths": "p,q"}}',
  };
  const { settings } = validSettings({ environment });
  t.strictSame([...settings.backends.git.repos.keys()], ['z', 'a']);
  t.strictSame(settings.backends.git.repos.get('z')?.pattern, ['z*/dev', 'y']);
  t.strictSame(settings.backends.git.repos.get('a')?.searchPaths, ['p', 'q']);
});

t.test('flags reach the fields of a repository, whose name may hold dots', async (t) => {
  const { settings } = validSettings({
    flags: ['--backends.git.uri=/srv/d', '--backends.git.repos.team.a.uri=/srv/a', '--backends.git.repos.team.a.search-paths=x'],
  });
  t.match(settings.backends.git.repos.get('team.a'), { uri: '/srv/a', searchPaths: ['x'] });
});

t.test('problems of repositories in variables are reported without their values', async (t) => {
  t.strictSame(
    problemLines({
      environment: {
        VORTEX_BACKENDS_GIT_URI: '/srv/d',
        VORTEX_BACKENDS_GIT_REPOS: '{"a": hunter2',
        VORTEX_BACKENDS_GIT_REPOS_A_URL: 'x',
        VORTEX_BACKENDS_GIT_REPOS_URI: 'x',
      },
    }).map((line) => line.replace(/there are .*/, 'there are …')),
    [
      'environment VORTEX_BACKENDS_GIT_REPOS: backends.git.repos: expected a JSON object of names to their settings',
      'environment VORTEX_BACKENDS_GIT_REPOS_A_URL: no option has this name; below VORTEX_BACKENDS_GIT_REPOS_<NAME>_ there are …',
      'environment VORTEX_BACKENDS_GIT_REPOS_URI: no option has this name; below VORTEX_BACKENDS_GIT_REPOS_<NAME>_ there are …',
    ],
  );
  const twice = { VORTEX_BACKENDS_GIT_URI: '/srv/d', VORTEX_BACKENDS_GIT_REPOS: '{"a": {"uri": "/srv/a"}}', VORTEX_BACKENDS_GIT_REPOS_A_URI: '/srv/b' };
  t.strictSame(problemLines({ environment: twice }), [
    'environment VORTEX_BACKENDS_GIT_REPOS_A_URI: backends.git.repos.a.uri: set twice, also by environment VORTEX_BACKENDS_GIT_REPOS',
  ]);
});

t.test('a secret can be read from the file that its variable names', async (t) => {
  const environment = {
    VORTEX_BACKENDS_GIT_URI: 'https://host/x.git',
    VORTEX_BACKENDS_GIT_TOKEN_FILE: '/run/secrets/token',
    VORTEX_BACKENDS_GIT_REPOS_A_URI: 'https://host/a.git',
    VORTEX_BACKENDS_GIT_REPOS_A_TOKEN_FILE: '/run/secrets/other',
  };
  const { settings, origins } = validSettings({ environment, files: { '/run/secrets/token': 'hunter2\n', '/run/secrets/other': ' two\nlines \r\n' } });
  t.equal(settings.backends.git.token?.reveal(), 'hunter2', 'without its final line end');
  t.equal(settings.backends.git.repos.get('a')?.token?.reveal(), ' two\nlines ');
  t.strictSame(origins.of(['backends', 'git', 'token']), { kind: 'environment', name: 'VORTEX_BACKENDS_GIT_TOKEN_FILE' });
});

t.test('a secret file that is missing, or set beside its secret, is a problem', async (t) => {
  const environment = { VORTEX_BACKENDS_GIT_URI: 'https://host/x.git', VORTEX_BACKENDS_GIT_TOKEN_FILE: '/none' };
  t.strictSame(problemLines({ environment }), ["environment VORTEX_BACKENDS_GIT_TOKEN_FILE: backends.git.token: cannot read the file '/none': ENOENT"]);
  t.strictSame(problemLines({ environment: { ...environment, VORTEX_BACKENDS_GIT_TOKEN: 'x' }, files: { '/none': 'y' } }), [
    'environment VORTEX_BACKENDS_GIT_TOKEN: backends.git.token: set twice, also by environment VORTEX_BACKENDS_GIT_TOKEN_FILE',
  ]);
});

t.test('the variables that Kubernetes makes for a Service of our name are no settings', async (t) => {
  const environment = {
    VORTEX_SERVER_SERVICE_HOST: '10.0.0.1',
    VORTEX_SERVER_SERVICE_PORT: '8080',
    VORTEX_SERVER_SERVICE_PORT_HTTP: '8080',
    VORTEX_SERVER_PORT: 'tcp://10.0.0.1:8080',
    VORTEX_SERVER_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
    VORTEX_SERVER_PORT_8080_TCP_PROTO: 'tcp',
    VORTEX_SERVER_PORT_8080_TCP_PORT: '8080',
    VORTEX_SERVER_PORT_8080_TCP_ADDR: '10.0.0.1',
    VORTEX_CONFIG_PORT: 'tcp://10.0.0.2:8080',
    VORTEX_CONFIG_SERVICE_HOST: '10.0.0.2',
  };
  const { settings, ignoredVariables } = validSettings({ environment });
  t.equal(settings.server.port, 8080);
  t.strictSame(ignoredVariables, Object.keys(environment));
});

t.test('a port of our own is still read where such variables exist', async (t) => {
  t.equal(validSettings({ environment: { VORTEX_SERVER_PORT: '8081', VORTEX_SERVER_SERVICE_HOST: '10.0.0.1' } }).settings.server.port, 8081);
});
