// Reads the flags of the options: `--server.port=8081` is server.port.
import { closestName } from '../base/closestName.ts';
import { LayerBuilder, type Layer } from './assignment.ts';
import type { TypeOfEntry } from './entryTypes.ts';
import { isOption, type EntriesType, type Option } from './option.ts';
import { listOptions, type ListedOption } from './optionList.ts';
import { camelCase } from './optionNames.ts';
import { readOption } from './readTree.ts';

/** `name` with its hyphens, as written; `text` is null when no value came with it. */
export interface Flag {
  readonly name: string;
  readonly text: string | null;
}

export function readFlags(flags: readonly Flag[], listed: readonly ListedOption[], typeOf: TypeOfEntry): Layer {
  const layer = new LayerBuilder();
  for (const { name, text } of flags) {
    const origin = { kind: 'flag', name } as const;
    const target = findTarget(name.replace(/^--/, ''), listed, typeOf);
    if (target === null) layer.problem([], unknownFlag(name, listed), origin);
    else if (text === null) layer.problem(target.segments, `needs a value: ${name}=VALUE`, origin);
    else layer.add(readOption({ kind: 'text', text, origin }, target.option, target.segments));
  }
  return layer;
}

interface Target {
  readonly option: Option;
  readonly segments: readonly string[];
}

function findTarget(path: string, listed: readonly ListedOption[], typeOf: TypeOfEntry): Target | null {
  const camel = path.split('.').map(camelCase).join('.');
  for (const parent of listed) {
    const { path: own, option, segments } = parent;
    if (own === camel) return { option, segments };
    if (option.type.kind === 'entries' && camel.startsWith(`${own}.`)) return findEntryTarget(path, parent, option.type, typeOf);
    if (option.type.kind !== 'named' || !camel.startsWith(`${own}.`)) continue;
    // The name of an entry is taken as it is and may hold dots; the field is the last segment.
    const rest = path.split('.').slice(segments.length);
    const field = camelCase(rest.at(-1) ?? '');
    const declared = Object.hasOwn(option.type.fields, field) ? option.type.fields[field] : undefined;
    const entry = rest.slice(0, -1).join('.');
    if (entry !== '' && declared !== undefined && isOption(declared)) return { option: declared, segments: [...segments, entry, field] };
  }
  return null;
}

/** `backends.composite.0.uri`: what stands behind the index is an option of the entry's type. */
function findEntryTarget(path: string, parent: ListedOption, type: EntriesType, typeOf: TypeOfEntry): Target | null {
  const index = path.split('.')[parent.segments.length] ?? '';
  if (!/^(0|[1-9]\d{0,3})$/.test(index)) return null;
  const segments = [...parent.segments, index];
  if (path === [...segments, 'type'].join('.')) return { option: type.typeOption, segments: [...segments, 'type'] };
  const variant = type.variants[typeOf(parent, index) ?? ''];
  return variant === undefined ? null : findTarget(path, listOptions(variant, segments), typeOf);
}

function unknownFlag(name: string, listed: readonly ListedOption[]): string {
  const near = closestName(
    name,
    listed.map((candidate) => `--${candidate.path}`),
  );
  return near === null ? 'unknown flag; see --help' : `unknown flag, did you mean ${near}?`;
}
