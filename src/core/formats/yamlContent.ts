// What a YAML document means: scalars with types, mappings after merging, each part with its origin.
import type { Mark } from './yamlCursor.ts';
import type { YamlScalarValue } from './yamlScalar.ts';

/**
 * `origin` is null for keys and for the elements of a `!!set`: upstream tracks the origin of values only, and what it
 * tracks shows in the rules for keys (flattenYaml.ts).
 */
export type YamlContent = ScalarContent | ListContent | MapContent;

export interface ScalarContent {
  readonly kind: 'scalar';
  readonly value: YamlScalarValue;
  readonly origin: Mark | null;
}

/** A sequence with elements, or a set. An empty sequence is the scalar "" already, as a key too. */
export interface ListContent {
  readonly kind: 'list';
  readonly items: readonly YamlContent[];
  /** The order of the elements makes no difference between two keys. */
  readonly isSet: boolean;
  readonly size: number;
}

export interface MapContent {
  readonly kind: 'map';
  readonly entries: readonly MapContentEntry[];
  readonly size: number;
}

export interface MapContentEntry {
  readonly key: YamlContent;
  readonly value: YamlContent;
  /** Where the key stands, for messages. */
  readonly mark: Mark;
}

/** Values that flattening will meet, itself and repeated ones included: known before the work is done. */
export function contentSize(content: YamlContent): number {
  return content.kind === 'scalar' ? 1 : content.size;
}

export function makeList(items: readonly YamlContent[], isSet: boolean): ListContent {
  return { kind: 'list', items, isSet, size: items.reduce((total, item) => total + contentSize(item), 1) };
}

export function makeMap(entries: readonly MapContentEntry[]): MapContent {
  return { kind: 'map', entries, size: entries.reduce((total, { value }) => total + contentSize(value), 1) };
}
