// The options of options.ts as a flat list, for everything that walks all of them.
import { isOption, type Option, type OptionGroup } from './option.ts';
import { environmentName } from './optionNames.ts';
import { options } from './options.ts';

export interface ListedOption {
  /** Dotted: `server.drain.timeout`. */
  readonly path: string;
  readonly segments: readonly string[];
  readonly environmentName: string;
  readonly option: Option;
}

/** In the order of the declaration; a `named` or `entries` option is one element, its fields are not listed. */
export function optionList(): readonly ListedOption[] {
  return listOptions(options, []);
}

/** The same for the options of any group. */
export function listOptions(group: OptionGroup, parents: readonly string[]): readonly ListedOption[] {
  return Object.entries(group).flatMap(([name, entry]) => {
    const segments = [...parents, name];
    if (!isOption(entry)) return listOptions(entry, segments);
    return [{ path: segments.join('.'), segments, environmentName: environmentName(segments), option: entry }];
  });
}
