// The text of `vortex-server --help`, made from the options and error codes.
import { optionList, type ListedOption } from '../settings/optionList.ts';
import { defaultText, remarks, valuesText } from '../settings/optionText.ts';
import { defaultSettingsFile } from '../settings/loadSettings.ts';
import { exitCodes } from './exitCodes.ts';

/** `version` as `--version` prints it. Lines are not wrapped: terminals do that, and grep finds whole sentences. */
export function helpText(version: string): string {
  return `${[
    `vortex-server ${version}: a configuration server that speaks the Spring Cloud Config protocol`,
    '',
    'Usage: vortex-server [migrate] [--config FILE] [--<option>=<value> ...]',
    '',
    `  --config FILE    settings file (YAML); without it ${defaultSettingsFile} if it exists`,
    '  migrate          make the tables of the SQL backends, end; with --dry-run print the statements',
    '  --check          print the effective settings and where each comes from, try the sources, end',
    '  --print-schema   print the JSON schema of the settings file, end',
    '  --version        print the version, end',
    '  --help           print this, end',
    '',
    'An option is set in the file, by its environment variable or by its flag; the later wins. A list in a variable or flag is',
    'separated by commas. A secret can be read from a file: its variable with _FILE at the end holds the path.',
    ...groups().flatMap(([title, options]) => ['', `${title}:`, ...options.flatMap(optionLines)]),
    '',
    'Exit codes:',
    ...exitCodes().map(({ exitCode, meaning }) => `  ${String(exitCode).padEnd(4)}${meaning}`),
  ].join('\n')}\n`;
}

function groups(): readonly (readonly [string, readonly ListedOption[]])[] {
  const byParent = new Map<string, ListedOption[]>();
  for (const listed of optionList()) {
    const parent = listed.segments.slice(0, -1).join('.');
    byParent.set(parent, [...(byParent.get(parent) ?? []), listed]);
  }
  return [...byParent];
}

function optionLines(listed: ListedOption): readonly string[] {
  const { path, environmentName, option } = listed;
  return [`  --${path}=<${valuesText(option.type)}>  default: ${defaultText(option)}`, `      ${remarks(option)}`, `      ${environmentName}`];
}
