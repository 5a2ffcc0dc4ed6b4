// Secrets appear in no output that settings lead to.
import { inspect } from 'node:util';
import t from 'tap';
import { effectiveSettings } from '../../../src/cli/effectiveSettings.ts';
import { settingsFailure } from '../../../src/settings/problem.ts';
import { resolveTexts, validSettings } from './resolveTexts.ts';

const yaml = `
config:
  overrides: { database.password: hunter2 }
backends:
  git:
    uri: https://host/x.git
    token: hunter2
    privateKey: |
      -----BEGIN hunter2-----
      hunter2
    passphrase: 'hunter2'
    repos:
      a: { uri: 'https://host/a.git', username: joe, password: hunter2 }
`;

t.test('valid settings show no secret in dumps, JSON, thread messages or --check', async (t) => {
  const { settings, origins } = validSettings({ yaml });
  const { git } = settings.backends;
  t.equal(git.repos.get('a')?.password?.reveal(), 'hunter2');
  t.notMatch(inspect(git, { depth: 9 }), /hunter2/);
  t.notMatch(JSON.stringify(git), /hunter2/);
  t.notMatch(inspect(structuredClone(git), { depth: 9 }), /hunter2/);
  const lines = effectiveSettings(settings, origins);
  t.notMatch(lines.join('\n'), /hunter2/);
  t.ok(lines.includes('backends.git.token = *** (config.yaml:7:12)'));
  t.ok(lines.includes('config.overrides = database.password=*** (config.yaml:3:14)'));
  t.ok(lines.includes('backends.git.repos.a.password = *** (config.yaml:13:64)'));
});

t.test('a secret that stands in the wrong place or is broken is not repeated in the problem', async (t) => {
  const broken = [
    'backends:\n  git:\n    uri: https://joe:hunter2@host/x y\n',
    'backends:\n  git:\n    token: [hunter2]\n',
    'backends:\n  git:\n    token: {hunter2: 1}\n',
    'backends:\n  git:\n    token: "hunter2\n',
    'backends:\n  git:\n    token: @hunter2\n',
    'backends:\n  git:\n    token: *hunter2\n',
    'backends:\n  git:\n    token: &a hunter2 "hunter2"\n',
    'backends:\n  git:\n    privateKey: |\n  hunter2\n',
    'backends:\n  git:\n    token: hunter2\n   hunter2: x\n',
  ];
  for (const text of broken) {
    const resolved = resolveTexts({ yaml: text });
    if (resolved.kind === 'valid') t.fail(`valid: ${text}`);
    else t.notMatch(settingsFailure(resolved.problems).message, /hunter2/, text);
  }
  const environment = { VORTEX_BACKENDS_GIT_TOKN: 'hunter2', VORTEX_BACKENDS_GIT_REPOS: '{"a": {"token": hunter2}}', VORTEX_CONFIG_OVERRIDES: 'hunter2' };
  const resolved = resolveTexts({ environment, flags: ['--backends.git.passwd=hunter2'] });
  t.equal(resolved.kind, 'invalid');
  if (resolved.kind === 'invalid') t.notMatch(settingsFailure(resolved.problems).message, /hunter2/);
});

t.test('the failure of wrong settings ends the process with 78 and lists every problem', async (t) => {
  const resolved = resolveTexts({ flags: ['--a.b=1', '--c.d=1'] });
  const failure = settingsFailure(resolved.kind === 'invalid' ? resolved.problems : []);
  t.equal(failure.code, 'SETTINGS_INVALID');
  t.match(failure.message, /2 problems:\n {2}flag --a\.b: .*\n {2}flag --c\.d: .*/);
});
