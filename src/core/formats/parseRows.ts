// The rows of a database table for one application, profile and label, as a file of a tree: how they are written and read.
import type { ConfigDocument } from '../../model/document.ts';
import type { Property } from '../../model/value.ts';

/** No file of a repository is looked for under this extension. */
export const ROWS_EXTENSION = 'rows';

export type Row = readonly [key: string, value: string];

export function formatRows(rows: readonly Row[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(rows));
}

/** A repeated key has the first position and the last value. There are no origins. (compatibility document 2.4, 6.3) */
export function parseRows(bytes: Uint8Array): readonly ConfigDocument[] {
  // A copy: the file is a view of shared memory, which text decoders refuse.
  const rows = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes))) as readonly Row[];
  const properties = new Map<string, Property>();
  for (const [key, value] of rows) properties.set(key, { value, origin: null });
  return properties.size === 0 ? [] : [{ properties }];
}
