// The effective settings, one option a line, each with where its value comes from; secrets masked.
import type { Origins } from '../settings/assembleSettings.ts';
import { isOption, type Option, type OptionGroup } from '../settings/option.ts';
import { fieldName } from '../settings/optionNames.ts';
import { displayValue } from '../settings/optionText.ts';
import { options, type Settings } from '../settings/options.ts';
import { formatOrigin } from '../settings/origin.ts';

/** `server.port = 8081 (flag --server.port)`. Of the entries of a `named` option, only what was set or inherited. */
export function effectiveSettings(settings: Settings, origins: Origins): readonly string[] {
  return groupLines(options, settings, [], origins);
}

// The values are walked by the options that they were built from, so each is what its option says.
function groupLines(group: OptionGroup, values: object, parents: readonly string[], origins: Origins): readonly string[] {
  return Object.entries(group).flatMap(([name, entry]) => {
    const segments = [...parents, name];
    if (!isOption(entry)) return groupLines(entry, Object(field(values, name)), segments, origins);
    return optionLines(entry, field(values, fieldName(name, entry)), segments, origins);
  });
}

function optionLines(option: Option, value: unknown, segments: readonly string[], origins: Origins): readonly string[] {
  if (option.type.kind !== 'named' || !(value instanceof Map) || value.size === 0) {
    return [`${segments.join('.')} = ${displayValue(option, value)} (${formatOrigin(origins.of(segments))})`];
  }
  const fields = option.type.fields;
  return [...value].flatMap(([name, entry]) => {
    const lines = groupLines(fields, Object(entry), [...segments, String(name)], origins);
    return lines.filter((line) => !line.endsWith(`(${formatOrigin({ kind: 'default' })})`));
  });
}

function field(values: object, name: string): unknown {
  return Reflect.get(values, name);
}
