// How options must fit each other.
import t from 'tap';
import { problemLines, validSettings } from './resolveTexts.ts';

t.test('the phases of the drain must fit its timeout', async (t) => {
  t.strictSame(problemLines({ flags: ['--server.drain.spread=25s'] }), [
    'flag --server.drain.spread: server.drain.spread: the phases of the drain take 31s (propagationDelay + spread + 1s), longer than server.drain.timeout 30s',
  ]);
  t.strictSame(problemLines({ flags: ['--server.drain.spread=24s'] }), [], 'exactly fitting is fine');
});

t.test('the two ports must differ where both addresses overlap', async (t) => {
  t.strictSame(problemLines({ flags: ['--management.port=8080'] }), ['flag --management.port: management.port: server.port and management.port are both 8080']);
  t.strictSame(problemLines({ flags: ['--management.port=0', '--server.port=0'] }), [], 'the system chooses two');
  t.strictSame(problemLines({ flags: ['--management.port=8080', '--management.host=127.0.0.1', '--server.host=127.0.0.2'] }), []);
  t.equal(problemLines({ flags: ['--management.port=8080', '--management.host=127.0.0.1'] }).length, 1, '0.0.0.0 holds every address');
});

t.test('a worker is declared silent before the process exits for it', async (t) => {
  t.match(problemLines({ flags: ['--server.heartbeat.exitAfter=10s'] }), [/must be longer than server\.heartbeat\.timeout 10s$/]);
});

t.test('a file may not be larger than a revision', async (t) => {
  t.match(problemLines({ flags: ['--server.limits.treeBytesMax=1MiB'] }), [/^flag --server\.limits\.treeBytesMax: .*one file may have 32MiB/]);
});

t.test('two backends are refused, with where each was set', async (t) => {
  t.strictSame(problemLines({ yaml: 'backends:\n  git:\n    uri: /srv/x\n  native:\n    version: "1"\n' }), [
    'config.yaml:3:10: backends.git.uri: backends.native is set too (config.yaml:5:14): list several backends in backends.composite, or set one of them only',
  ]);
});

t.test('options of Git without its uri are refused, where they were set', async (t) => {
  t.strictSame(problemLines({ environment: { VORTEX_BACKENDS_GIT_TIMEOUT: '5s' } }), [
    'environment VORTEX_BACKENDS_GIT_TIMEOUT: backends.git.uri: other options of backends.git are set, but not its uri',
  ]);
});

t.test('credentials that contradict each other are refused', async (t) => {
  const git = ['--backends.git.uri=https://host/x.git'];
  for (const [flags, expected] of [
    [['--backends.git.username=a'], /username needs a password/],
    [['--backends.git.password=a'], /password needs a username/],
    [['--backends.git.username=a', '--backends.git.password=b', '--backends.git.token=c'], /token and username are both set/],
    [['--backends.git.privateKey=a', '--backends.git.privateKeyFile=b'], /privateKey and privateKeyFile are both set/],
    [['--backends.git.knownHosts=a', '--backends.git.knownHostsFile=b'], /knownHosts and knownHostsFile are both set/],
    [['--backends.git.caFile=a', '--backends.git.skipSslValidation=true'], /skipSslValidation makes caFile useless/],
    [['--backends.git.maxStaleness=30s'], /maxStaleness 30s must be longer than pollInterval 30s/],
  ] as const) {
    const lines = problemLines({ flags: [...git, ...flags] });
    t.equal(lines.length, 1, flags[0]);
    t.match(lines[0], expected, flags[0]);
  }
});

t.test('a request can choose neither the host nor the transport of a repository', async (t) => {
  for (const uri of [
    'https://{application}/x.git',
    'https://host:{profile}/x.git',
    '{application}:x.git',
    'git@{label}:x.git',
    'ssh://git@{application}.host/x',
  ]) {
    t.match(problemLines({ flags: [`--backends.git.uri=${uri}`] }), [/placeholder in the host or port/], uri);
  }
  for (const uri of ['ext::sh -c x', 'ext::sh', '-upload-pack=x', 'a b', ''])
    t.equal(problemLines({ flags: [`--backends.git.uri=${uri}`] }).length, uri === '' ? 0 : 1, uri);
  for (const uri of ['ftp://host/x', 'git://host/x']) t.match(problemLines({ flags: [`--backends.git.uri=${uri}`] }), [/transport is not spoken/], uri);
});

t.test('a uri that carries a user name or a password is refused, because clients see it', async (t) => {
  for (const uri of ['https://joe:hunter2@host/x', 'https://hunter2@host/x', 'http://joe:p@hunter2@host/x', 'ssh://git:hunter2@host/x']) {
    const lines = problemLines({ flags: [`--backends.git.uri=${uri}`] });
    t.match(lines, [/a user name or password in the uri would be shown/], uri);
    t.notMatch(lines, [/hunter2/]);
  }
});

t.test('every usual form of a Git uri is accepted', async (t) => {
  for (const uri of [
    'https://host/team/{application}.git',
    'http://host:8080/x',
    'ssh://git@host:22/x.git',
    'git@host:team/{application}.git',
    'file:///srv/x.git',
    'file:/srv/x.git',
    '/srv/{application}',
    './relative',
  ]) {
    t.equal(validSettings({ flags: [`--backends.git.uri=${uri}`] }).settings.backends.git.uri, uri);
  }
});

t.test('search locations that only a JVM has are refused', async (t) => {
  t.match(problemLines({ flags: ['--backends.native.searchLocations=classpath:/config/,file:/srv'] }), [/classpath: locations do not exist here/]);
});

t.test('keys that contradict each other, or lack something, are refused, and never repeated', async (t) => {
  const store = ['--encrypt.keyStore.location=/k.jks', '--encrypt.keyStore.password=hunter2', '--encrypt.keyStore.alias=a'];
  for (const [flags, expected] of [
    [['--encrypt.key=hunter2', '--encrypt.keyFile=/k'], /key and keyFile are both set/],
    [['--encrypt.key=hunter2', ...store], /a key is set too; put the one of before into encrypt\.previousKeys/],
    [store.slice(0, 2), /which key of the key store/],
    [[store[0]!, store[2]!], /the key store needs a password/],
    [['--encrypt.keyStore.password=hunter2'], /options of the key store are set, but not its location/],
    [['--encrypt.previousKeys={"a":{"key":"hunter2"}}'], /there is a previous key, but no current one/],
    [['--encrypt.key=hunter2', '--encrypt.previousKeys={"a":{"salt":"00"}}'], /set key or keyFile, one of them/],
    [['--encrypt.key=hunter2', '--encrypt.salt=abc'], /expected pairs of hexadecimal digits/],
    [[...store.slice(1), '--encrypt.keyStore.location=classpath:k.jks'], /expected a path or a file: uri/],
    [[...store, '--encrypt.keyStore.type=jceks'], /expected jks or pkcs12/],
  ] as const) {
    const lines = problemLines({ flags });
    t.match(lines, [expected], flags.join(' '));
    t.equal(lines.length, 1, lines.join('\n'));
    t.notMatch(lines.join('\n'), /hunter2/);
  }
  for (const flags of [store, ['--encrypt.key=k', '--encrypt.previousKeys={"a":{"keyFile":"/k"}}'], [...store, '--encrypt.previousKeys={"a":{"key":"k"}}']]) {
    t.strictSame(problemLines({ flags }), []);
  }
  t.equal(
    validSettings({ environment: { VORTEX_ENCRYPT_KEY: 'hunter2', VORTEX_ENCRYPT_PREVIOUS_KEYS_Y2025_KEY: 'old' } })
      .settings.encrypt.previousKeys.get('y2025')
      ?.key?.reveal(),
    'old',
  );
});

t.test('a rule about an option that is wrong in itself is not reported on top', async (t) => {
  const lines = problemLines({ flags: ['--server.drain.timeout=soon', '--server.drain.spread=59m'] });
  t.equal(lines.length, 1);
  t.match(lines[0], /expected a duration/);
});

t.test('webhooks on the API port need a secret of any provider', async (t) => {
  t.match(problemLines({ flags: ['--monitor.onApiPort=true'] }), [
    /^flag --monitor\.onApiPort: monitor\.onApiPort: needs monitor\.token or the secret of a provider/,
  ]);
  for (const secret of ['token', 'github.secret', 'gitlab.secret', 'gitea.secret', 'gogs.secret', 'gitee.secret', 'bitbucket.secret']) {
    t.strictSame(problemLines({ flags: ['--monitor.onApiPort=true', `--monitor.${secret}=x`] }), [], secret);
  }
});

t.test('options of the bus must fit each other', async (t) => {
  const url = '--bus.nats.url=nats://a:4222,tls://[::1]:4222';
  t.strictSame(problemLines({ flags: [url] }), []);
  t.strictSame(problemLines({ flags: ['--bus.nats.durable=true'] }), [
    'flag --bus.nats.durable: bus.nats.url: other options of bus.nats are set, but not its url',
  ]);
  for (const [flags, expected] of [
    [['--bus.nats.username=a'], /username and password need each other/],
    [['--bus.nats.password=a'], /username and password need each other/],
    [['--bus.nats.username=a', '--bus.nats.password=b', '--bus.nats.token=c'], /exclude each other/],
    [['--bus.nats.token=a', '--bus.nats.credentialsFile=b'], /exclude each other/],
    [['--bus.nats.keyFile=a'], /certificateFile and keyFile need each other/],
    [['--bus.nats.subjectPrefix=a.>'], /words of letters, digits/],
  ] as const) {
    const lines = problemLines({ flags: [url, ...flags] });
    t.equal(lines.length, 1, flags[0]);
    t.match(lines[0], expected, flags[0]);
  }
  for (const wrong of ['nats://joe:pw@a:4222', 'http://a:4222', 'a:4222', 'nats://a:4222,', 'nats://a:4222, nats://b:4222']) {
    const [line] = problemLines({ flags: [`--bus.nats.url=${wrong}`] });
    t.match(line, /expected nats:\/\/host:port/, wrong);
    t.notMatch(line, /joe:pw/);
  }
});
