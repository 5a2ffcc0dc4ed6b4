// What the commands of vortex-server print and end with.
import { join } from 'node:path';
import t from 'tap';
import { errorCodes } from '../../../src/model/errorCodes.ts';
import { runCommand } from '../../../src/cli/runCommand.ts';
import { optionList } from '../../../src/settings/optionList.ts';
import type { Settings } from '../../../src/settings/options.ts';

interface Run {
  readonly exitCode: number;
  readonly printed: string;
  readonly errors: string;
  readonly served: readonly Settings[];
}

async function run(argv: readonly string[], unusable: readonly string[] = [], keyProblem: string | null = null): Promise<Run> {
  const printed: string[] = [];
  const errors: string[] = [];
  const served: Settings[] = [];
  const exitCode = await runCommand(argv, {
    version: '1.2.3',
    print: (text) => printed.push(text),
    printError: (text) => errors.push(text),
    checkSources: async () => unusable,
    checkKeys: async () => keyProblem,
    migrate: async (_settings, isDryRun) => ({ lines: isDryRun ? ['create table x;'] : [], problems: isDryRun ? [] : ['no table'] }),
    serve: async (settings) => {
      served.push(settings);
      return 0;
    },
  });
  return { exitCode, printed: printed.join(''), errors: errors.join(''), served };
}

t.test('the version is one line', async (t) => {
  t.match(await run(['--version', '--nonsense']), { exitCode: 0, printed: '1.2.3\n', errors: '', served: [] });
});

t.test('help names every option, its variable, its default and every exit code', async (t) => {
  const { exitCode, printed } = await run(['--help']);
  t.equal(exitCode, 0);
  for (const { path, environmentName, option } of optionList()) {
    t.ok(printed.includes(`--${path}=<`), path);
    t.ok(printed.includes(`\n      ${environmentName}\n`), path);
    t.ok(printed.includes(option.help), path);
  }
  for (const { exitCode: code } of Object.values(errorCodes)) {
    if (code !== 0) t.match(printed, new RegExp(`\\n {2}${code} `), String(code));
  }
  t.match(printed, /--server\.drain\.timeout=<1s to 2h> {2}default: 30s/);
});

t.test('the schema is printed as JSON', async (t) => {
  const { exitCode, printed } = await run(['--print-schema']);
  t.equal(exitCode, 0);
  t.equal(JSON.parse(printed).$schema, 'https://json-schema.org/draft/2020-12/schema');
});

t.test('a file and flags are loaded and served', async (t) => {
  const directory = t.testdir({ 'config.yaml': 'server:\n  port: 1001\n  host: 127.0.0.1\n' });
  const { exitCode, served } = await run(['--config', join(directory, 'config.yaml'), '--server.port=1002']);
  t.equal(exitCode, 0);
  t.match(served, [{ server: { port: 1002, host: '127.0.0.1' } }]);
});

t.test('wrong settings end with 78 and are all listed on standard error', async (t) => {
  const directory = t.testdir({ 'config.yaml': 'server:\n  prot: 1\n' });
  const file = join(directory, 'config.yaml');
  const { exitCode, errors, printed, served } = await run(['stray', '--config', file, '--server.prt=1']);
  t.equal(exitCode, 78);
  t.equal(printed, '');
  t.strictSame(served, []);
  t.match(errors, /^settings are invalid, 3 problems:\n/);
  t.ok(errors.includes(`  ${file}:2:3: server.prot: unknown key, did you mean server.port?\n`));
});

t.test('a settings file that is missing, a directory or far too large is a problem', async (t) => {
  const directory = t.testdir({ 'large.yaml': '#'.repeat(1_048_577) });
  for (const file of ['none.yaml', '.', 'large.yaml']) {
    const { exitCode, errors } = await run(['--config', join(directory, file)]);
    t.equal(exitCode, 78, file);
    t.match(errors, /cannot read the settings file: /, file);
  }
});

t.test('--check prints each effective setting with its origin and tries the sources', async (t) => {
  const good = await run(['--check', '--server.port=1003']);
  t.equal(good.exitCode, 0);
  t.match(good.printed, /^server\.port = 1003 \(flag --server\.port\)$/m);
  t.match(good.printed, /^management\.port = 9090 \(default\)$/m);
  t.equal(good.printed.split('\n').filter((line) => line.includes(' = ')).length, optionList().length);
  const wrongKey = await run(['--check'], [], 'encrypt.key is a public key');
  t.equal(wrongKey.exitCode, 78);
  t.equal(wrongKey.errors, 'encrypt.key is a public key\n');
  const bad = await run(['--check'], ['backends.git.uri: no such host']);
  t.equal(bad.exitCode, 69);
  t.equal(bad.errors, 'backends.git.uri: no such host\n');
});

t.test('migrate prints what was made, and ends with 69 when something could not be', async (t) => {
  t.match(await run(['migrate', '--dry-run']), { exitCode: 0, printed: 'create table x;\n', errors: '' });
  t.match(await run(['migrate']), { exitCode: 69, printed: '', errors: 'no table\n' });
});
