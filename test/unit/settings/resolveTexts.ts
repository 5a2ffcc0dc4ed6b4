// Resolves settings from texts, as the loader does with those of the process.
import { formatProblem } from '../../../src/settings/problem.ts';
import { options, type Settings } from '../../../src/settings/options.ts';
import type { Origins } from '../../../src/settings/assembleSettings.ts';
import { parseSettingsFile } from '../../../src/settings/parseSettingsFile.ts';
import type { Flag } from '../../../src/settings/readFlags.ts';
import { readTree } from '../../../src/settings/readTree.ts';
import { resolveSettings, type ResolvedSettings } from '../../../src/settings/resolveSettings.ts';

export interface Texts {
  readonly yaml?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly isRoot?: boolean;
}

export function resolveTexts(texts: Texts): ResolvedSettings {
  const { root, problems } = parseSettingsFile(texts.yaml ?? '', 'config.yaml');
  const layer = root === null ? { assignments: [], problems: [] } : readTree(root, options);
  return resolveSettings({
    file: { assignments: layer.assignments, problems: [...problems, ...layer.problems] },
    flags: (texts.flags ?? []).map(toFlag),
    platform: { isRoot: texts.isRoot ?? false, homeDirectory: '/home/joe', environment: texts.environment ?? {} },
    readFile: (path) => {
      const text = texts.files?.[path];
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return text;
    },
  });
}

export function validSettings(texts: Texts): { readonly settings: Settings; readonly origins: Origins; readonly ignoredVariables: readonly string[] } {
  const resolved = resolveTexts(texts);
  if (resolved.kind === 'invalid') throw new Error(resolved.problems.map(formatProblem).join('\n'));
  return resolved;
}

/** One line per problem, in order. */
export function problemLines(texts: Texts): readonly string[] {
  const resolved = resolveTexts(texts);
  return resolved.kind === 'valid' ? [] : resolved.problems.map(formatProblem);
}

function toFlag(argument: string): Flag {
  const separator = argument.indexOf('=');
  return separator < 0 ? { name: argument, text: null } : { name: argument.slice(0, separator), text: argument.slice(separator + 1) };
}
