// Builds the Settings object from the assignments that won, with a default wherever nothing was set.
import { entryNames, segmentsKey, type Assignment } from './assignment.ts';
import { inheritAccess } from './inheritAccess.ts';
import { isOption, type EntriesType, type Option, type OptionGroup, type Platform } from './option.ts';
import { fieldName } from './optionNames.ts';
import { options, type Settings } from './options.ts';
import { defaultOrigin, type Origin } from './origin.ts';

export interface AssembledSettings {
  readonly settings: Settings;
  readonly origins: Origins;
}

/** Where each value came from; an option that nobody set has the origin `default`. */
export class Origins {
  readonly #bySegments: ReadonlyMap<string, Assignment>;

  constructor(bySegments: ReadonlyMap<string, Assignment>) {
    this.#bySegments = bySegments;
  }

  of(segments: readonly string[]): Origin {
    return this.#bySegments.get(segmentsKey(segments))?.origin ?? defaultOrigin;
  }

  /** The indexes of an `entries` option for which something is set, ascending. */
  entriesOf(segments: readonly string[]): readonly string[] {
    return entryIndexes(segments, this.#bySegments.values());
  }

  /** The origin of the first option below these segments to which a layer gave a value; null when there is none. */
  anyBelow(segments: readonly string[]): Origin | null {
    const start = `${segmentsKey(segments)}\0`;
    for (const [key, { origin, value }] of this.#bySegments) {
      if (key.startsWith(start) && origin.kind !== 'inherited' && value !== null) return origin;
    }
    return null;
  }
}

/** `assignments` from the lowest layer to the highest: the last one of an option wins. */
export function assembleSettings(assignments: readonly Assignment[], platform: Platform): AssembledSettings {
  const winners = new Map<string, Assignment>();
  for (const assignment of assignments) winners.set(segmentsKey(assignment.segments), assignment);
  const inherited = inheritAccess(winners);
  const all = new Map([...winners, ...inherited]);
  // The Settings type is derived from `options`, which is what the object is built from.
  const settings = buildGroup(options, [], { values: all, assignments, platform }) as unknown as Settings;
  return { settings, origins: new Origins(all) };
}

interface Building {
  readonly values: ReadonlyMap<string, Assignment>;
  readonly assignments: readonly Assignment[];
  readonly platform: Platform;
}

function buildGroup(group: OptionGroup, parents: readonly string[], building: Building): Readonly<Record<string, unknown>> {
  const built: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(group)) {
    const segments = [...parents, name];
    if (isOption(entry)) built[fieldName(name, entry)] = buildOption(entry, segments, building);
    else built[name] = buildGroup(entry, segments, building);
  }
  return Object.freeze(built);
}

function buildOption(option: Option, segments: readonly string[], building: Building): unknown {
  if (option.type.kind === 'named') {
    const fields = option.type.fields;
    return new Map(entryNames(segments, building.assignments).map((name) => [name, buildGroup(fields, [...segments, name], building)]));
  }
  if (option.type.kind === 'entries') return buildEntries(option.type, segments, building);
  const assignment = building.values.get(segmentsKey(segments));
  if (assignment !== undefined) return assignment.value;
  return option.derived === null ? option.default : option.derived.derive(building.platform);
}

/** By index. An entry whose type nobody said is left out: that is a problem of its own. */
function buildEntries(type: EntriesType, segments: readonly string[], building: Building): readonly unknown[] {
  return entryIndexes(segments, building.assignments).flatMap((index) => {
    const name = building.values.get(segmentsKey([...segments, index, 'type']))?.value;
    const variant = typeof name === 'string' ? type.variants[name] : undefined;
    return variant === undefined ? [] : [{ type: name, ...buildGroup(variant, [...segments, index], building) }];
  });
}

function entryIndexes(segments: readonly string[], assignments: Iterable<Assignment>): readonly string[] {
  return entryNames(segments, assignments).toSorted((a, b) => Number(a) - Number(b));
}
