// Parses the command line of vortex-server.
import type { Problem } from '../settings/problem.ts';
import type { Flag } from '../settings/readFlags.ts';

export type Command = 'serve' | 'help' | 'version' | 'check' | 'printSchema' | 'migrate';

export interface Arguments {
  readonly command: Command;
  /** `migrate` only prints what it would do. */
  readonly isDryRun: boolean;
  /** The argument of `--config`, null without it. */
  readonly configFile: string | null;
  /** `--<option>=<value>` and `--<option> <value>`, not yet compared with the options. */
  readonly flags: readonly Flag[];
  readonly problems: readonly Problem[];
}

const commands: ReadonlyMap<string, Command> = new Map([
  ['--help', 'help'],
  ['-h', 'help'],
  ['--version', 'version'],
  ['--check', 'check'],
  ['--print-schema', 'printSchema'],
]);

/** `argv` without the program and the script. Texts that are no option are not repeated: they may be secrets. */
export function parseArguments(argv: readonly string[]): Arguments {
  const named: { readonly command: Command; readonly name: string }[] = [];
  const flags: Flag[] = [];
  const problems: Problem[] = [];
  let configFile: string | null = null;
  let isDryRun = false;
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? '';
    const command = commands.get(argument);
    if (command !== undefined) {
      named.push({ command, name: argument });
      continue;
    }
    if (argument === 'migrate' && index === 0) {
      named.push({ command: 'migrate', name: argument });
      continue;
    }
    if (argument === '--dry-run') {
      isDryRun = true;
      continue;
    }
    if (!/^--[A-Za-z]/.test(argument)) {
      const origin = { kind: 'flag', name: `number ${index + 1}` } as const;
      problems.push({ path: '', message: 'expected --config FILE, --help, --version, --check, --print-schema or --<option>=<value>', origin });
      continue;
    }
    const separator = argument.indexOf('=');
    const name = separator < 0 ? argument : argument.slice(0, separator);
    const next = argv[index + 1];
    // A value may begin with a hyphen (a negative number, a PEM text), but not like an option.
    const takesNext = separator < 0 && next !== undefined && !commands.has(next) && !/^--[A-Za-z]/.test(next);
    const text = separator >= 0 ? argument.slice(separator + 1) : takesNext ? next : null;
    if (takesNext) index += 1;
    if (name !== '--config') {
      flags.push({ name, text });
    } else if (text === null || text === '') {
      problems.push({ path: '', message: 'needs a file: --config FILE', origin: { kind: 'flag', name } });
    } else if (configFile !== null) {
      problems.push({ path: '', message: 'set twice', origin: { kind: 'flag', name } });
    } else {
      configFile = text;
    }
  }
  const command = selectCommand(named, problems);
  if (isDryRun && command !== 'migrate') problems.push({ path: '', message: 'only migrate has a dry run', origin: { kind: 'flag', name: '--dry-run' } });
  return { command, isDryRun, configFile, flags, problems };
}

// Help and version answer whatever else is asked.
function selectCommand(named: readonly { readonly command: Command; readonly name: string }[], problems: Problem[]): Command {
  for (const first of ['help', 'version'] as const) {
    if (named.some(({ command }) => command === first)) return first;
  }
  const [one, ...others] = named;
  const other = others.find(({ command }) => command !== one?.command);
  if (other !== undefined) problems.push({ path: '', message: `cannot be combined with ${one?.name ?? ''}`, origin: { kind: 'flag', name: other.name } });
  return one?.command ?? 'serve';
}
