// What one statement of the SQL backend asks for, and where its rows are in the tree of the source.
import { ROWS_EXTENSION } from '../formats/parseRows.ts';

/** `profile` null: the rows that have none. */
export interface SqlTriple {
  readonly application: string;
  readonly profile: string | null;
  readonly label: string;
}

/** The table as a whole is under one label: rows of all labels are in one tree. */
export const WHOLE_TABLE_LABEL = '';

/** `master/orders/prod.rows`, `master/orders.rows`. Distinct for distinct triples, and one segment each. */
export function sqlTriplePath({ application, profile, label }: SqlTriple): string {
  const segments = profile === null ? [label, application] : [label, application, profile];
  return `${segments.map(pathSegment).join('/')}.${ROWS_EXTENSION}`;
}

/** The label under which the answers to own statements are known: everything that one request asks for. */
export function sqlTriplesLabel(triples: readonly SqlTriple[]): string {
  return JSON.stringify(triples.map(({ application, profile, label }) => [application, profile, label]));
}

/** null when it is no such label. */
export function parseSqlTriplesLabel(label: string): readonly SqlTriple[] | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(label);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (!Array.isArray(parsed)) return null;
  const triples: SqlTriple[] = [];
  for (const entry of parsed as readonly unknown[]) {
    if (!Array.isArray(entry)) return null;
    const [application, profile, own] = entry as readonly unknown[];
    if (typeof application !== 'string' || typeof own !== 'string' || (typeof profile !== 'string' && profile !== null)) return null;
    triples.push({ application, profile, label: own });
  }
  return triples;
}

/** Slashes part segments, and a NUL parts paths in the index of a tree. */
function pathSegment(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('/', '%2F').replaceAll('\0', '%00');
}
