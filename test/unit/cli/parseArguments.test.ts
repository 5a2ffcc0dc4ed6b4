// The command line of vortex-server.
import t from 'tap';
import { parseArguments } from '../../../src/cli/parseArguments.ts';
import { formatProblem } from '../../../src/settings/problem.ts';

function problems(...argv: readonly string[]): readonly string[] {
  return parseArguments(argv).problems.map(formatProblem);
}

t.test('without arguments it serves', async (t) => {
  t.strictSame(parseArguments([]), { command: 'serve', isDryRun: false, configFile: null, flags: [], problems: [] });
});

t.test('the commands are recognised, and help and version win', async (t) => {
  t.equal(parseArguments(['--help']).command, 'help');
  t.equal(parseArguments(['-h']).command, 'help');
  t.equal(parseArguments(['--version']).command, 'version');
  t.equal(parseArguments(['--check', '--config', 'x']).command, 'check');
  t.equal(parseArguments(['--print-schema']).command, 'printSchema');
  t.equal(parseArguments(['--check', '--help', '--nonsense']).command, 'help');
  t.equal(parseArguments(['--check', '--version']).command, 'version');
});

t.test('values follow after an equals sign or a blank', async (t) => {
  const parsed = parseArguments([
    '--config=a.yaml',
    '--server.port=1',
    '--server.host',
    '::',
    '--config.overrides=a=b=c',
    '--backends.git.uri=',
    '--x.y',
    '-1',
  ]);
  t.equal(parsed.configFile, 'a.yaml');
  t.strictSame(parsed.flags, [
    { name: '--server.port', text: '1' },
    { name: '--server.host', text: '::' },
    { name: '--config.overrides', text: 'a=b=c' },
    { name: '--backends.git.uri', text: '' },
    { name: '--x.y', text: '-1' },
  ]);
  t.equal(parseArguments(['--config', 'b.yaml']).configFile, 'b.yaml');
});

t.test('a flag does not swallow the next one', async (t) => {
  const parsed = parseArguments(['--cache.enabled', '--check', '--server.port', '--server.host=x']);
  t.equal(parsed.command, 'check');
  t.strictSame(parsed.flags, [
    { name: '--cache.enabled', text: null },
    { name: '--server.port', text: null },
    { name: '--server.host', text: 'x' },
  ]);
});

t.test('what cannot be understood is a problem, without repeating it', async (t) => {
  t.strictSame(problems('hunter2'), ['flag number 1: expected --config FILE, --help, --version, --check, --print-schema or --<option>=<value>']);
  t.equal(problems('--', '-x', '').length, 3);
  t.strictSame(problems('--config'), ['flag --config: needs a file: --config FILE']);
  t.strictSame(problems('--config='), ['flag --config: needs a file: --config FILE']);
  t.strictSame(problems('--config', '--check'), ['flag --config: needs a file: --config FILE']);
  t.strictSame(problems('--config=a', '--config=b'), ['flag --config: set twice']);
  t.strictSame(problems('--check', '--print-schema'), ['flag --print-schema: cannot be combined with --check']);
  t.strictSame(problems('--check', '--check'), []);
});

t.test('migrate is a word at the beginning, and alone has a dry run', async (t) => {
  t.match(parseArguments(['migrate']), { command: 'migrate', isDryRun: false, problems: [] });
  t.match(parseArguments(['migrate', '--dry-run', '--config', 'x.yaml']), { command: 'migrate', isDryRun: true, configFile: 'x.yaml', problems: [] });
  t.equal(parseArguments(['migrate', '--help']).command, 'help');
  t.equal(problems('--config', 'x.yaml', 'migrate').length, 1);
  t.strictSame(problems('--dry-run'), ['flag --dry-run: only migrate has a dry run']);
  t.strictSame(problems('migrate', '--check'), ['flag --check: cannot be combined with migrate']);
});
