// Where a value of a setting comes from.

export type Origin =
  | { readonly kind: 'default' }
  /** Line and column from 1; 0 when the whole file is meant. */
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: 'environment'; readonly name: string }
  | { readonly kind: 'flag'; readonly name: string }
  /** A repository of a Git backend's `repos` has it from the backend. */
  | { readonly kind: 'inherited'; readonly from: string };

export const defaultOrigin: Origin = { kind: 'default' };

export function formatOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'default':
      return 'default';
    case 'file':
      return origin.line === 0 ? origin.file : `${origin.file}:${origin.line}:${origin.column}`;
    case 'environment':
      return `environment ${origin.name}`;
    case 'flag':
      return `flag ${origin.name}`;
    case 'inherited':
      return `inherited from ${origin.from}`;
  }
}
