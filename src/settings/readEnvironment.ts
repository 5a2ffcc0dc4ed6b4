// Reads the environment variables of the options: VORTEX_SERVER_PORT is server.port.
import { closestName } from '../base/closestName.ts';
import { LayerBuilder, type Layer } from './assignment.ts';
import type { TypeOfEntry } from './entryTypes.ts';
import { listOptions, type ListedOption } from './optionList.ts';
import { isOption, type EntriesType, type Option } from './option.ts';
import { environmentName, environmentPrefix, upperSnake } from './optionNames.ts';
import type { Origin } from './origin.ts';
import type { RawNode } from './rawNode.ts';
import { readOption } from './readTree.ts';

export interface EnvironmentLayer extends Layer {
  /** Variables with our prefix that Kubernetes made for a Service; they are not settings. */
  readonly ignored: readonly string[];
}

export interface EntryKnowledge {
  readonly namesBelow: (named: ListedOption) => readonly string[];
  readonly typeOf: TypeOfEntry;
}

/**
 * `known.namesBelow` gives the names that lower layers use below a `named` option, so that VORTEX_BACKENDS_GIT_REPOS_MY_TEAM_URI
 * finds `my_team` when the file calls it so; `known.typeOf` which fields VORTEX_BACKENDS_COMPOSITE_0_… may have. `readFile` returns the text of a file that a secret's `…_FILE` variable names,
 * and throws when it cannot be read.
 */
export function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  listed: readonly ListedOption[],
  known: EntryKnowledge,
  readFile: (path: string) => string,
): EnvironmentLayer {
  const layer = new LayerBuilder();
  const ignored: string[] = [];
  for (const [name, text] of Object.entries(environment)) {
    if (text === undefined || !name.startsWith(environmentPrefix)) continue;
    const origin: Origin = { kind: 'environment', name };
    const target = findTarget(name, listed, known);
    if (isServiceLink(name, text, target)) {
      ignored.push(name);
    } else if (target === null) {
      layer.problem([], unknownVariable(name, listed, known), origin);
    } else {
      const node = target.fromFile ? secretFile(text, origin, readFile) : ({ kind: 'text', text, origin } satisfies RawNode);
      if (typeof node === 'string') layer.problem(target.segments, node, origin);
      else layer.add(readOption(node, target.option, target.segments));
    }
  }
  return { assignments: layer.assignments, problems: layer.problems, ignored };
}

interface Target {
  readonly option: Option;
  readonly segments: readonly string[];
  /** The variable holds the path of a file that holds the value. */
  readonly fromFile: boolean;
}

const fileSuffix = '_FILE';

function findTarget(name: string, listed: readonly ListedOption[], known: EntryKnowledge): Target | null {
  // An option's own name comes first: …_PRIVATE_KEY_FILE is privateKeyFile, which means the same.
  for (const { environmentName: own, option, segments } of listed) {
    if (own === name) return { option, segments, fromFile: false };
  }
  for (const { environmentName: own, option, segments } of listed) {
    if (option.type.kind === 'secret' && own + fileSuffix === name) return { option, segments, fromFile: true };
  }
  for (const parent of listed) {
    if (!name.startsWith(`${parent.environmentName}_`)) continue;
    const rest = name.slice(parent.environmentName.length + 1);
    const target = parent.option.type.kind === 'entries' ? findEntryTarget(name, parent, known) : findFieldTarget(rest, parent, known.namesBelow(parent));
    if (target !== null) return target;
  }
  return null;
}

/** `name` is VORTEX_BACKENDS_COMPOSITE_0_SEARCH_PATHS: what stands behind the index is an option of the entry's type. */
function findEntryTarget(name: string, parent: ListedOption, known: EntryKnowledge): Target | null {
  const index = entryIndex(name, parent);
  if (parent.option.type.kind !== 'entries' || index === null) return null;
  const segments = [...parent.segments, index];
  if (name === environmentName([...segments, 'type'])) return { option: parent.option.type.typeOption, segments: [...segments, 'type'], fromFile: false };
  const type = known.typeOf(parent, index);
  const variant = type === null ? undefined : parent.option.type.variants[type];
  return variant === undefined ? null : findTarget(name, listOptions(variant, segments), known);
}

function entryIndex(name: string, parent: ListedOption): string | null {
  return /^_(0|[1-9]\d{0,3})_/.exec(name.slice(parent.environmentName.length))?.[1] ?? null;
}

/** `rest` is `MY_TEAM_SEARCH_PATHS`: the longest suffix that is a field wins. */
function findFieldTarget(rest: string, named: ListedOption, known: readonly string[]): Target | null {
  if (named.option.type.kind !== 'named') return null;
  let best: Target | null = null;
  let bestLength = 0;
  for (const [field, option] of Object.entries(named.option.type.fields)) {
    if (!isOption(option)) continue;
    const plain = `_${upperSnake(field)}`;
    for (const suffix of option.type.kind === 'secret' ? [plain, plain + fileSuffix] : [plain]) {
      // An option's own name beats the …_FILE of a secret of the same length.
      const wins = suffix.length > bestLength || (suffix.length === bestLength && suffix === plain);
      if (!rest.endsWith(suffix) || rest.length === suffix.length || !wins) continue;
      const entry = rest.slice(0, -suffix.length);
      const own = known.find((candidate) => upperSnake(candidate) === entry) ?? entry.toLowerCase().replaceAll('_', '-');
      best = { option, segments: [...named.segments, own, field], fromFile: suffix !== plain };
      bestLength = suffix.length;
    }
  }
  return best;
}

/** The node, or the message of a problem. */
function secretFile(path: string, origin: Origin, readFile: (path: string) => string): RawNode | string {
  try {
    // Editors and `kubectl create secret --from-file` leave a final line end that is no part of the secret.
    return { kind: 'text', text: readFile(path).replace(/\r?\n$/, ''), origin };
  } catch (error) {
    return `cannot read the file '${path}': ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`;
  }
}

/**
 * Kubernetes gives every pod variables for each Service of its namespace. A Service `vortex-config` makes
 * VORTEX_CONFIG_SERVICE_HOST and VORTEX_CONFIG_PORT_8080_TCP, a Service `vortex-server` even
 * VORTEX_SERVER_PORT=tcp://10.0.0.1:8080: none of them is meant for us.
 */
function isServiceLink(name: string, text: string, target: Target | null): boolean {
  if (name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\/[^/\s]+:\d+$/.test(text)) return true;
  return target === null && /_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/.test(name);
}

function unknownVariable(name: string, listed: readonly ListedOption[], known: EntryKnowledge): string {
  for (const named of listed) {
    if (named.option.type.kind === 'entries' && name.startsWith(`${named.environmentName}_`)) return unknownOfEntry(name, named, named.option.type, known);
    if (named.option.type.kind === 'named' && name.startsWith(`${named.environmentName}_`)) {
      const fields = Object.keys(named.option.type.fields).map(upperSnake);
      return `no option has this name; below ${named.environmentName}_<NAME>_ there are ${fields.join(', ')}`;
    }
  }
  const near = closestName(
    name,
    listed.map((candidate) => candidate.environmentName),
  );
  return near === null ? 'no option has this name; see --help' : `no option has this name, did you mean ${near}?`;
}

function unknownOfEntry(name: string, parent: ListedOption, { variants }: EntriesType, known: EntryKnowledge): string {
  const index = entryIndex(name, parent);
  if (index === null) return `no option has this name; entries are set one by one, ${parent.environmentName}_0_TYPE and so on`;
  const type = known.typeOf(parent, index);
  if (type === null) return `the entry has no type that there is; set ${parent.environmentName}_${index}_TYPE to ${Object.keys(variants).join(' or ')}`;
  return `no option has this name; an entry of type ${type} has ${Object.keys(variants[type] ?? {})
    .map(upperSnake)
    .join(', ')}`;
}
