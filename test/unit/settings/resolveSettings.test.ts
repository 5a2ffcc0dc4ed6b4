// File, environment and flags: values, precedence and everything that can be wrong with them.
import t from 'tap';
import { problemLines, validSettings } from './resolveTexts.ts';

t.test('flags win over variables, variables over the file, the file over defaults', async (t) => {
  const yaml = 'server:\n  port: 1001\n  host: 127.0.0.1\n  prefix: /file\n';
  const environment = { VORTEX_SERVER_PORT: '1002', VORTEX_SERVER_PREFIX: '/variable' };
  const { settings, origins } = validSettings({ yaml, environment, flags: ['--server.port=1003'] });
  t.match(settings.server, { port: 1003, host: '127.0.0.1', prefix: '/variable', workers: 0 });
  t.strictSame(origins.of(['server', 'port']), { kind: 'flag', name: '--server.port' });
  t.strictSame(origins.of(['server', 'prefix']), { kind: 'environment', name: 'VORTEX_SERVER_PREFIX' });
  t.strictSame(origins.of(['server', 'host']), { kind: 'file', file: 'config.yaml', line: 3, column: 9 });
  t.strictSame(origins.of(['server', 'workers']), { kind: 'default' });
});

t.test('every type of value is read from the file', async (t) => {
  const yaml = `
server: { drain: { timeout: 1m30s }, limits: { fileBytesMax: 1MiB, urlBytesMax: 4096 } }
cache: { enabled: false, ttlSeconds: 60 }
logging: { level: debug, access: { sampleRate: 0.25 } }
backends:
  native:
    searchLocations: [file:/srv/a, '/srv/{application}']
    version: 1.10
`;
  const { settings } = validSettings({ yaml });
  t.equal(settings.server.drain.timeoutMs, 90_000);
  t.match(settings.server.limits, { fileBytesMax: 1_048_576, urlBytesMax: 4_096 });
  t.match(settings.cache, { enabled: false, ttlSeconds: 60 });
  t.match(settings.logging, { level: 'debug', access: { sampleRate: 0.25 } });
  t.strictSame(settings.backends.native.searchLocations, ['file:/srv/a', '/srv/{application}']);
  t.equal(settings.backends.native.version, '1.10', 'a text stays as it was written');
});

t.test('every type of value is read from variables and flags', async (t) => {
  const environment = {
    VORTEX_SERVER_DRAIN_TIMEOUT: '60s',
    VORTEX_SERVER_LIMITS_FILE_BYTES_MAX: '2MiB',
    VORTEX_CACHE_ENABLED: 'FALSE',
    VORTEX_LOGGING_ACCESS_SAMPLE_RATE: '0.5',
    VORTEX_BACKENDS_NATIVE_SEARCH_LOCATIONS: 'file:/srv/a, file:/srv/b',
    VORTEX_CONFIG_OVERRIDES: 'a=1,b.c=x=y,d=',
  };
  const { settings } = validSettings({ environment, flags: ['--logging.format=pretty', '--server.limits.url-bytes-max=512'] });
  t.equal(settings.server.drain.timeoutMs, 60_000);
  t.equal(settings.server.limits.fileBytesMax, 2 * 1_024 ** 2);
  t.equal(settings.server.limits.urlBytesMax, 512);
  t.equal(settings.cache.enabled, false);
  t.equal(settings.logging.access.sampleRate, 0.5);
  t.equal(settings.logging.format, 'pretty');
  t.strictSame(settings.backends.native.searchLocations, ['file:/srv/a', 'file:/srv/b']);
  t.strictSame(
    [...settings.config.overrides],
    [
      ['a', '1'],
      ['b.c', 'x=y'],
      ['d', ''],
    ],
  );
});

t.test('lists and maps in variables may be JSON', async (t) => {
  const environment = { VORTEX_BACKENDS_NATIVE_SEARCH_LOCATIONS: '["/srv/a,b", "/srv/c"]', VORTEX_CONFIG_OVERRIDES: '{"a": "1,2", "b": {"c": [3, true]}}' };
  const { settings } = validSettings({ environment });
  t.strictSame(settings.backends.native.searchLocations, ['/srv/a,b', '/srv/c']);
  t.strictSame(
    [...settings.config.overrides],
    [
      ['a', '1,2'],
      ['b.c[0]', '3'],
      ['b.c[1]', 'true'],
    ],
  );
});

t.test('overrides in the file are flattened and keep their texts as written', async (t) => {
  const yaml = 'config:\n  overrides:\n    spring.main.x: 010\n    a:\n      b: 1.0\n      list: [x, y]\n    empty:\n    tmpl: \\${later}\n';
  const { settings } = validSettings({ yaml });
  t.strictSame(
    [...settings.config.overrides],
    [
      ['spring.main.x', '010'],
      ['a.b', '1.0'],
      ['a.list[0]', 'x'],
      ['a.list[1]', 'y'],
      ['empty', ''],
      ['tmpl', '\\${later}'],
    ],
  );
});

t.test('keys may be spelled as in Spring, with hyphens', async (t) => {
  const { settings } = validSettings({ yaml: 'backends:\n  native:\n    search-locations: file:/srv\n    add-label-locations: false\n' });
  t.strictSame(settings.backends.native.searchLocations, ['file:/srv']);
  t.equal(settings.backends.native.addLabelLocations, false);
});

t.test('an empty variable or an empty key unsets a text that can be unset', async (t) => {
  const yaml = 'config:\n  defaultLabel: main\nserver:\nlogging:\n';
  t.equal(validSettings({ yaml }).settings.config.defaultLabel, 'main');
  t.equal(validSettings({ yaml, environment: { VORTEX_CONFIG_DEFAULT_LABEL: '' } }).settings.config.defaultLabel, null);
  t.equal(validSettings({ yaml: 'config:\n  defaultLabel:\n' }).settings.config.defaultLabel, null);
  t.equal(validSettings({ environment: { VORTEX_BACKENDS_GIT_URI: '' } }).settings.backends.git.uri, null, 'it does not select Git');
});

t.test('an empty file, a file of comments and a byte order mark are fine', async (t) => {
  for (const yaml of ['', '# nothing\n', '---\n', '\uFEFFserver:\n  port: 8080\n', 'server:\r\n  port: 8080\r\n'])
    t.equal(validSettings({ yaml }).settings.server.port, 8080);
});

t.test('anchors and aliases are followed', async (t) => {
  const { settings } = validSettings({ yaml: 'server:\n  host: &h 127.0.0.1\nmanagement:\n  host: *h\n' });
  t.equal(settings.management.host, '127.0.0.1');
});

t.test('all problems of all layers are reported, each with where it was set', async (t) => {
  const yaml = 'server:\n  prot: 1\n  port: http\n  workers: 9999\ncache:\n  enabled: "true"\nprt: 1\n';
  const environment = { VORTEX_SERVER_PROT: '1', VORTEX_CACHE_TTL_SECONDS: 'x', HOME: '/' };
  const flags = ['--server.drain.timeout=5', '--server.ports=1', '--logging.level', '--logging.format=xml', '--logging.format=json'];
  t.strictSame(problemLines({ yaml, environment, flags }), [
    'config.yaml:2:3: server.prot: unknown key, did you mean server.port?',
    "config.yaml:3:9: server.port: expected an integer from 0 to 65535, got 'http'",
    'config.yaml:4:12: server.workers: must be at most 256, got 9999',
    "config.yaml:6:12: cache.enabled: expected true or false, got 'true'; write it without quotes",
    'config.yaml:7:1: prt: unknown key; known here: server, management, cache, push, monitor, bus, storage, config, encrypt, backends, logging',
    'environment VORTEX_SERVER_PROT: no option has this name, did you mean VORTEX_SERVER_PORT?',
    "environment VORTEX_CACHE_TTL_SECONDS: cache.ttlSeconds: expected an integer from 1 to 2592000, got 'x'",
    "flag --server.drain.timeout: server.drain.timeout: expected a duration from 1s to 2h, such as 500ms, 30s, 1m30s, got '5'",
    'flag --server.ports: unknown flag, did you mean --server.port?',
    'flag --logging.level: logging.level: needs a value: --logging.level=VALUE',
    "flag --logging.format: logging.format: expected one of json, pretty, got 'xml'",
  ]);
});

t.test('a key in the wrong place is told where it belongs', async (t) => {
  t.strictSame(problemLines({ yaml: 'port: 1\n' }), ['config.yaml:1:1: port: unknown key here, did you mean server.port or management.port?']);
  t.strictSame(problemLines({ yaml: 'server.port: 1\n' }), ['config.yaml:1:1: server.port: unknown key: keys with dots are written as nested mappings']);
});

t.test('names of the language are no options', async (t) => {
  for (const key of ['constructor', '__proto__', 'toString']) t.equal(problemLines({ yaml: `${key}: 1\n` }).length, 1, key);
  t.equal(problemLines({ flags: ['--backends.git.repos.a.constructor=1'] }).length, 1);
});

t.test('a value given twice in one layer is a problem', async (t) => {
  t.strictSame(problemLines({ yaml: 'server:\n  port: 1\n  port: 2\n' }), ['config.yaml:3:3: not valid YAML: Map keys must be unique']);
  t.strictSame(problemLines({ yaml: 'cache:\n  ttlSeconds: 1\n  ttl-seconds: 2\n' }), ['config.yaml:3:3: cache.ttlSeconds: set twice']);
  t.strictSame(problemLines({ flags: ['--server.port=1', '--server.port=1'] }), ['flag --server.port: server.port: set twice, also by flag --server.port']);
  t.strictSame(problemLines({ environment: { VORTEX_CONFIG_OVERRIDES: 'a=1,a=2' } }), [
    'environment VORTEX_CONFIG_OVERRIDES: config.overrides: the key a is set twice',
  ]);
});

t.test('wrong shapes in the file are named', async (t) => {
  const shapes: readonly (readonly [string, RegExp])[] = [
    ['- 1\n', /^config\.yaml:1:1: expected a mapping of server, management, .*; got a list$/],
    ['server: 1\n', /^config\.yaml:1:9: server: expected a mapping of host, .*; got the number 1$/],
    ['server:\n  port: [1]\n', /^config\.yaml:2:9: server\.port: expected an integer .*, got a list$/],
    ['server:\n  port:\n', /server\.port: expected an integer .*, got nothing$/],
    ['backends:\n  native:\n    searchLocations: []\n', /^config\.yaml:3:22: backends\.native\.searchLocations: needs at least one element$/],
    ['backends:\n  native:\n    searchLocations: [a, {b: c}]\n', /^config\.yaml:3:26: .*: an element of the list is empty or no text$/],
    ['backends:\n  native:\n    searchLocations: {a: b}\n', /: expected a list, got a mapping$/],
    ['config:\n  overrides: x\n', /: expected a mapping of keys to texts, got 'x'$/],
    ['server:\n  prefix: config/\n', /: expected a path such as \/config, with a slash at the start and none at the end, got 'config\/'$/],
    ['server:\n  host: "a b"\n', /: expected a host name or address without port, got 'a b'$/],
    ['a: b: c\n', /^config\.yaml:1:\d+: not valid YAML: /],
    ['a: 1\n---\nb: 1\n', /^config\.yaml:\d:1: not valid YAML: /],
    ['? [a]\n: 1\n', /a key must be a text/],
    ['server: *nowhere\n', /^config\.yaml:1:9: an alias without its anchor$/],
    ['server: &a\n  drain: *a\n', /nested deeper than 32 levels$/],
  ];
  for (const [yaml, expected] of shapes) {
    const [first] = problemLines({ yaml });
    t.match(first, expected, yaml);
  }
});

t.test('a file whose aliases multiply is refused, quickly', async (t) => {
  const levels = Array.from(
    { length: 12 },
    (_, level) => `l${level}: &l${level} [${level === 0 ? 'x' : Array.from({ length: 12 }, () => `*l${level - 1}`).join(', ')}]`,
  );
  const startedMs = performance.now();
  t.match(problemLines({ yaml: `${levels.join('\n')}\n` })[0], /more than 1000 aliases/);
  t.ok(performance.now() - startedMs < 5_000);
});

t.test('numbers out of bounds and of the wrong kind are refused', async (t) => {
  for (const [flag, expected] of [
    ['--server.port=65536', /at most 65535, got 65536/],
    ['--server.port=-1', /at least 0, got -1/],
    ['--server.port=80.5', /expected an integer/],
    ['--server.port=0x50', /expected an integer/],
    ['--server.port= 80', /expected an integer/],
    ['--logging.access.sampleRate=1.5', /at most 1, got 1\.5/],
    ['--logging.access.sampleRate=NaN', /expected a number/],
    ['--server.limits.headerBytesMax=1KiB', /at least 4KiB, got 1KiB/],
    ['--server.drain.spread=2h', /at most 1h, got 2h/],
  ] as const) {
    const lines = problemLines({ flags: [flag] });
    t.equal(lines.length, 1, flag);
    t.match(lines[0], expected, flag);
  }
});

t.test('whatever the file holds, the loader answers with settings or problems', async (t) => {
  // A fixed seed (linear congruential generator, Numerical Recipes), so that a failure repeats.
  let state = 20_240_607;
  const random = (below: number): number => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return Math.floor((state / 4_294_967_296) * below);
  };
  const pieces = [
    'server',
    'backends',
    'git',
    'repos',
    'uri',
    'config',
    'overrides',
    'a',
    ':',
    ': ',
    '\n',
    '\n  ',
    '\n    ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '&x',
    '*x',
    '!!binary',
    '|',
    '1',
    'true',
    '~',
    '<<',
    '? ',
    '%',
    '\t',
    '\0',
    '#',
    ',',
  ];
  for (let round = 0; round < 2_000; round += 1) {
    const yaml = Array.from({ length: random(25) }, () => pieces[random(pieces.length)] ?? '').join('');
    const lines = problemLines({ yaml });
    if (!lines.every((line) => line.startsWith('config.yaml:') || line.startsWith('default'))) t.fail(`${JSON.stringify(yaml)}: ${lines.join(' | ')}`);
  }
  t.pass('2,000 files');
});
