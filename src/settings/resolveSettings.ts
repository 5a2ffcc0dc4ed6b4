// From the texts of file, environment and flags to the settings, or to everything that is wrong with them. Pure.
import { assembleSettings, type Origins } from './assembleSettings.ts';
import { entryNames, type Layer } from './assignment.ts';
import { crossRules } from './crossRules.ts';
import { changedTypes, entryTypes } from './entryTypes.ts';
import type { Platform } from './option.ts';
import { optionList, type ListedOption } from './optionList.ts';
import type { Settings } from './options.ts';
import type { Problem } from './problem.ts';
import { readEnvironment } from './readEnvironment.ts';
import { readFlags, type Flag } from './readFlags.ts';

export interface SettingsInput {
  /** What the settings file says (readTree); empty without a file. */
  readonly file: Layer;
  readonly flags: readonly Flag[];
  /** Its environment is the layer between the file and the flags. */
  readonly platform: Platform;
  /** Text of the file that a `…_FILE` variable names; throws when it cannot be read. */
  readonly readFile: (path: string) => string;
}

export type ResolvedSettings =
  | {
      readonly kind: 'valid';
      readonly settings: Settings;
      readonly origins: Origins;
      /** Variables that Kubernetes made for a Service and that look like ours. */
      readonly ignoredVariables: readonly string[];
    }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/** Flags win over variables, variables over the file, the file over defaults. All problems of all layers are reported. */
export function resolveSettings(input: SettingsInput): ResolvedSettings {
  const listed = optionList();
  const typeOf = entryTypes(input.file, input.platform.environment, input.flags);
  const namesBelow = (named: ListedOption): readonly string[] => entryNames(named.segments, input.file.assignments);
  const environment = readEnvironment(input.platform.environment, listed, { namesBelow, typeOf }, input.readFile);
  const flags = readFlags(input.flags, listed, typeOf);
  const layers = [input.file, environment, flags];
  const { settings, origins } = assembleSettings(
    layers.flatMap((layer) => layer.assignments),
    input.platform,
  );
  const problems = [...layers.flatMap((layer) => layer.problems), ...changedTypes(layers, listed)];
  const broken = new Set(problems.map((problem) => problem.path));
  const all = [...problems, ...crossRules(settings, origins, broken)];
  if (all.length > 0) return { kind: 'invalid', problems: all };
  return { kind: 'valid', settings, origins, ignoredVariables: environment.ignored };
}
