// The effective settings, one option a line, each with where its value comes from; secrets masked.
import type { Origins } from '../settings/assembleSettings.ts';
import { isOption, type Option, type OptionGroup } from '../settings/option.ts';
import { fieldName } from '../settings/optionNames.ts';
import { displayValue } from '../settings/optionText.ts';
import { options, type Settings } from '../settings/options.ts';
import { formatOrigin } from '../settings/origin.ts';

/** `server.port = 8081 (flag --server.port)`. Of the entries of a `named` or `entries` option, only what was set or inherited. */
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
  const entries = entriesOf(option, value);
  if (entries.length === 0) return [`${segments.join('.')} = ${displayValue(option, value)} (${formatOrigin(origins.of(segments))})`];
  return entries.flatMap(({ name, fields, entry }) => {
    const lines = groupLines(fields, entry, [...segments, name], origins);
    return lines.filter((line) => !line.endsWith(`(${formatOrigin({ kind: 'default' })})`));
  });
}

interface ShownEntry {
  readonly name: string;
  readonly fields: OptionGroup;
  readonly entry: object;
}

function entriesOf({ type }: Option, value: unknown): readonly ShownEntry[] {
  if (type.kind === 'named' && value instanceof Map) {
    return [...value].map(([name, entry]) => ({ name: String(name), fields: type.fields, entry: Object(entry) }));
  }
  if (type.kind !== 'entries' || !Array.isArray(value)) return [];
  return value.map((entry, index) => ({
    name: String(index),
    fields: { type: type.typeOption, ...type.variants[String(field(Object(entry), 'type'))] },
    entry: Object(entry),
  }));
}

function field(values: object, name: string): unknown {
  return Reflect.get(values, name);
}
