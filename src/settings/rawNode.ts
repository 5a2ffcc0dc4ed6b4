// What a file, a variable or a flag says, before the type of the option is known.
import type { Origin } from './origin.ts';

/**
 * `text` comes from a variable or a flag: the option decides how it is read. The others come from YAML or JSON; `source`
 * is a scalar as it was written (`1.10` stays `1.10`).
 */
export type RawNode =
  | { readonly kind: 'text'; readonly text: string; readonly origin: Origin }
  | { readonly kind: 'scalar'; readonly value: string | number | boolean | null; readonly source: string; readonly origin: Origin }
  | { readonly kind: 'sequence'; readonly items: readonly RawNode[]; readonly origin: Origin }
  | { readonly kind: 'mapping'; readonly entries: readonly RawEntry[]; readonly origin: Origin };

export interface RawEntry {
  readonly key: string;
  /** Where the key stands. */
  readonly origin: Origin;
  readonly node: RawNode;
}

/** "an integer", "a list", …: what stands there, without its value. */
export function describeNode(node: RawNode): string {
  switch (node.kind) {
    case 'text':
      return 'a text';
    case 'sequence':
      return 'a list';
    case 'mapping':
      return 'a mapping';
    case 'scalar':
      if (node.value === null) return 'nothing';
      if (typeof node.value === 'number') return `the number ${node.source}`;
      return typeof node.value === 'boolean' ? `the boolean ${node.source}` : 'a text';
  }
}
