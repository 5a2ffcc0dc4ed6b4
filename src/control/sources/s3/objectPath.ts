// From the key of an object to its path in the tree: what no file could be called is left out.

export type ObjectPath =
  | { readonly kind: 'file'; readonly path: string }
  /** The empty objects that consoles make for directories. */
  | { readonly kind: 'directory' }
  | { readonly kind: 'refused' };

/** `key` without the prefix. A path that is not its own clean form could never be asked for. */
export function objectPath(key: string): ObjectPath {
  if (key === '' || key.endsWith('/')) return { kind: 'directory' };
  if (key.includes('\0') || key.includes('\n')) return { kind: 'refused' };
  const isClean = key.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
  return isClean ? { kind: 'file', path: key } : { kind: 'refused' };
}
