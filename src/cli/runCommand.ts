// Runs what the command line of vortex-server asks for; the entry file gives it the outside world.
import { errorCodes } from '../model/errorCodes.ts';
import { loadSettings } from '../settings/loadSettings.ts';
import type { Settings } from '../settings/options.ts';
import { settingsFailure } from '../settings/problem.ts';
import { settingsSchema } from '../settings/settingsSchema.ts';
import { effectiveSettings } from './effectiveSettings.ts';
import { helpText } from './helpText.ts';
import { parseArguments } from './parseArguments.ts';

export interface CommandActions {
  readonly version: string;
  /** Writes a text, which ends in a line end, to standard output or standard error. */
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
  /** Opens the sources once; a line for each that cannot be used, none when all can. */
  readonly checkSources: (settings: Settings) => Promise<readonly string[]>;
  /** Loads the encryption keys once; why they cannot be used, null when they can. */
  readonly checkKeys: (settings: Settings) => Promise<string | null>;
  /** Makes the tables of the SQL backends; what to print and what went wrong. */
  readonly migrate: (settings: Settings, isDryRun: boolean) => Promise<{ readonly lines: readonly string[]; readonly problems: readonly string[] }>;
  /** Serves; resolves when the server has started or ended, with the exit code. */
  readonly serve: (settings: Settings) => Promise<number>;
}

/** The exit code. Settings that are wrong are reported on standard error, all of them. (78) */
export async function runCommand(argv: readonly string[], actions: CommandActions): Promise<number> {
  const parsed = parseArguments(argv);
  switch (parsed.command) {
    case 'help':
      actions.print(helpText(actions.version));
      return 0;
    case 'version':
      actions.print(`${actions.version}\n`);
      return 0;
    case 'printSchema':
      if (parsed.problems.length > 0) break;
      actions.print(`${JSON.stringify(settingsSchema(), null, 2)}\n`);
      return 0;
    case 'check':
    case 'migrate':
    case 'serve':
  }
  const loaded = await loadSettings(parsed.configFile, parsed.flags);
  const problems = [...parsed.problems, ...(loaded.kind === 'invalid' ? loaded.problems : [])];
  if (loaded.kind === 'invalid' || problems.length > 0) {
    actions.printError(`${settingsFailure(problems).message}\n`);
    return errorCodes.SETTINGS_INVALID.exitCode;
  }
  if (parsed.command === 'serve') return actions.serve(loaded.settings);
  if (parsed.command === 'migrate') return migrate(loaded.settings, parsed.isDryRun, actions);
  for (const line of effectiveSettings(loaded.settings, loaded.origins)) actions.print(`${line}\n`);
  for (const name of loaded.ignoredVariables) actions.print(`ignored: ${name} (made by Kubernetes for a Service)\n`);
  const keyProblem = await actions.checkKeys(loaded.settings);
  if (keyProblem !== null) {
    actions.printError(`${keyProblem}\n`);
    return errorCodes.ENCRYPTION_KEY_UNUSABLE.exitCode;
  }
  const unusable = await actions.checkSources(loaded.settings);
  for (const line of unusable) actions.printError(`${line}\n`);
  if (unusable.length > 0) return errorCodes.SOURCE_UNUSABLE.exitCode;
  actions.print('settings are valid, sources can be used\n');
  return 0;
}

async function migrate(settings: Settings, isDryRun: boolean, actions: CommandActions): Promise<number> {
  const { lines, problems } = await actions.migrate(settings, isDryRun);
  for (const line of lines) actions.print(`${line}\n`);
  for (const line of problems) actions.printError(`${line}\n`);
  return problems.length > 0 ? errorCodes.SOURCE_UNUSABLE.exitCode : 0;
}
