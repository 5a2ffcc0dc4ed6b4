// What the YAML scanner hands to the parser.
import type { Mark } from './yamlCursor.ts';

export type TokenKind =
  | 'streamEnd'
  | 'directive'
  | 'documentStart'
  | 'documentEnd'
  | 'blockSequenceStart'
  | 'blockMappingStart'
  | 'blockEnd'
  | 'flowSequenceStart'
  | 'flowSequenceEnd'
  | 'flowMappingStart'
  | 'flowMappingEnd'
  | 'flowEntry'
  | 'blockEntry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar';

export interface Token {
  readonly kind: TokenKind;
  readonly start: Mark;
  readonly end: Mark;
  /** scalar: its text; alias, anchor: the name; tag: the part behind the handle; directive: name and parameters. */
  readonly text: string;
  /** tag: `!`, `!!`, `!name!`, or null for a verbatim tag; otherwise null. */
  readonly handle: string | null;
  /** scalar: written without quotes and not as a block. */
  readonly isPlain: boolean;
}

/** How messages name a token. */
export const tokenNames: Readonly<Record<TokenKind, string>> = {
  streamEnd: 'the end of the file',
  directive: 'a directive',
  documentStart: '"---"',
  documentEnd: '"..."',
  blockSequenceStart: 'a list',
  blockMappingStart: 'a mapping',
  blockEnd: 'the end of the block',
  flowSequenceStart: '"["',
  flowSequenceEnd: '"]"',
  flowMappingStart: '"{"',
  flowMappingEnd: '"}"',
  flowEntry: '","',
  blockEntry: '"-"',
  key: '"?"',
  value: '":"',
  alias: 'an alias',
  anchor: 'an anchor',
  tag: 'a tag',
  scalar: 'a scalar',
};
