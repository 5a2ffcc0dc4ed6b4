// Reads the flags of the options: `--server.port=8081` is server.port.
import { closestName } from '../base/closestName.ts';
import { LayerBuilder, type Layer } from './assignment.ts';
import { isOption, type Option } from './option.ts';
import type { ListedOption } from './optionList.ts';
import { camelCase } from './optionNames.ts';
import { readOption } from './readTree.ts';

/** `name` with its hyphens, as written; `text` is null when no value came with it. */
export interface Flag {
  readonly name: string;
  readonly text: string | null;
}

export function readFlags(flags: readonly Flag[], listed: readonly ListedOption[]): Layer {
  const layer = new LayerBuilder();
  for (const { name, text } of flags) {
    const origin = { kind: 'flag', name } as const;
    const target = findTarget(name.replace(/^--/, ''), listed);
    if (target === null) layer.problem([], unknownFlag(name, listed), origin);
    else if (text === null) layer.problem(target.segments, `needs a value: ${name}=VALUE`, origin);
    else layer.add(readOption({ kind: 'text', text, origin }, target.option, target.segments));
  }
  return layer;
}

function findTarget(path: string, listed: readonly ListedOption[]): { readonly option: Option; readonly segments: readonly string[] } | null {
  const camel = path.split('.').map(camelCase).join('.');
  for (const { path: own, option, segments } of listed) {
    if (own === camel) return { option, segments };
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

function unknownFlag(name: string, listed: readonly ListedOption[]): string {
  const near = closestName(
    name,
    listed.map((candidate) => `--${candidate.path}`),
  );
  return near === null ? 'unknown flag; see --help' : `unknown flag, did you mean ${near}?`;
}
