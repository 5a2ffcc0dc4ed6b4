// The node tree of one YAML document, before tags, merges and keys are worked out.
import type { Mark } from './yamlCursor.ts';

export type YamlNode = ScalarNode | SequenceNode | MappingNode;

/** `tag` is complete (`tag:yaml.org,2002:int`), `!local`, or null where the kind or the text decides. */
export interface ScalarNode {
  readonly kind: 'scalar';
  readonly mark: Mark;
  readonly tag: string | null;
  readonly text: string;
  /** The text alone decides on the type: plain without tag, or any style with the tag `!`. */
  readonly isImplicit: boolean;
}

export interface SequenceNode {
  readonly kind: 'sequence';
  readonly mark: Mark;
  readonly tag: string | null;
  /** It has an anchor, so that aliases may repeat it. */
  readonly isAnchored: boolean;
  readonly items: readonly YamlNode[];
}

export interface MappingNode {
  readonly kind: 'mapping';
  readonly mark: Mark;
  readonly tag: string | null;
  readonly isAnchored: boolean;
  readonly entries: readonly MappingEntry[];
}

export interface MappingEntry {
  readonly key: YamlNode;
  readonly value: YamlNode;
}
