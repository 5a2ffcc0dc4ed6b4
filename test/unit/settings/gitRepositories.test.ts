// What repositories of backends.git.repos have from backends.git. (compatibility document 3.11)
import t from 'tap';
import { resolutionOptions } from '../../../src/settings/resolutionOptions.ts';
import { problemLines, validSettings } from './resolveTexts.ts';

const parent = `
backends:
  git:
    uri: https://host/d.git
    username: joe
    password: parent-password
    searchPaths: [shared]
    defaultLabel: trunk
    timeout: 45s
    skipSslValidation: true
    knownHosts: host ssh-ed25519 AAAA
    repos:
`;

t.test('access is inherited when unset, labels and search paths are not', async (t) => {
  const { settings, origins } = validSettings({ yaml: `${parent}      a:\n        uri: https://host/a.git\n` });
  const repository = settings.backends.git.repos.get('a');
  t.match(repository, { username: 'joe', timeoutMs: 45_000, skipSslValidation: true, knownHosts: 'host ssh-ed25519 AAAA' });
  t.equal(repository?.password?.reveal(), 'parent-password');
  t.match(repository, { searchPaths: [], defaultLabel: null, pattern: [] });
  t.strictSame(origins.of(['backends', 'git', 'repos', 'a', 'timeout']), { kind: 'inherited', from: 'backends.git.timeout' });
});

t.test('a repository with its own credentials gets none of the parent', async (t) => {
  const { settings } = validSettings({
    yaml: `${parent}      a:\n        uri: https://host/a.git\n        token: own\n        skipSslValidation: false\n        timeout: 5s\n        knownHostsFile: /known\n`,
  });
  const repository = settings.backends.git.repos.get('a');
  t.match(repository, { username: null, password: null, skipSslValidation: false, timeoutMs: 5_000, knownHosts: null, knownHostsFile: '/known' });
  t.equal(repository?.token?.reveal(), 'own');
});

t.test('a problem that a repository inherits is reported once, at the parent', async (t) => {
  const yaml = 'backends:\n  git:\n    uri: https://host/d.git\n    username: joe\n    repos: { a: { uri: /srv/a }, b: { uri: /srv/b } }\n';
  t.strictSame(problemLines({ yaml }), ['config.yaml:4:15: backends.git.username: username needs a password']);
});

t.test('a repository needs a uri and a name without blanks', async (t) => {
  const yaml = 'backends:\n  git:\n    uri: /srv/d\n    repos:\n      a:\n        pattern: x\n      b:\n      "c d":\n        uri: /srv/c\n';
  t.strictSame(problemLines({ yaml }), [
    'config.yaml:7:7: backends.git.repos.b: nothing is set',
    'config.yaml:8:7: backends.git.repos: a name is empty or holds a blank',
    'config.yaml:6:18: backends.git.repos.a.uri: the repository has no uri',
  ]);
});

t.test('the resolution options of Git hold the default repository and the others in their order', async (t) => {
  const yaml = `${parent}      z:\n        uri: https://host/z.git\n      a:\n        uri: https://host/{application}.git\n        pattern: a*/dev,b\n        searchPaths: x\n`;
  const { settings } = validSettings({ yaml: `config:\n  acceptEmpty: false\n  overrides: { k: v }\n${yaml}` });
  const resolution = resolutionOptions(settings, '/srv');
  t.equal(resolution.acceptEmpty, false);
  t.strictSame([...resolution.overrides], [['k', 'v']]);
  t.equal(resolution.limits.yamlNodesMax, 2_000_000);
  t.strictSame(resolution.backends, [
    {
      kind: 'git',
      order: 0,
      id: 'git',
      uri: 'https://host/d.git',
      searchPaths: ['shared'],
      defaultLabel: 'trunk',
      tryMasterBranch: true,
      continueOnMultipleLabelFailure: false,
      repos: [
        {
          id: 'git.repos.z',
          uri: 'https://host/z.git',
          searchPaths: [],
          defaultLabel: null,
          tryMasterBranch: true,
          continueOnMultipleLabelFailure: false,
          patterns: ['z'],
        },
        {
          id: 'git.repos.a',
          uri: 'https://host/{application}.git',
          searchPaths: ['x'],
          defaultLabel: null,
          tryMasterBranch: true,
          continueOnMultipleLabelFailure: false,
          patterns: ['a*/dev', 'b'],
        },
      ],
    },
  ]);
});

t.test('without Git the resolution options hold the native backend', async (t) => {
  const { settings } = validSettings({ yaml: 'backends:\n  native:\n    searchLocations: file:/srv/a,/srv/b\n    version: r1\n' });
  t.strictSame(resolutionOptions(settings, '/srv').backends, [
    {
      kind: 'native',
      repository: 'native',
      order: 0,
      searchLocations: ['file:/srv/a', '/srv/b'],
      version: 'r1',
      addLabelLocations: true,
      defaultLabel: null,
    },
  ]);
});
