// Where a file may be: the candidates that names, extensions and profiles make in a directory.
import { pathBelow, treePath } from './treePath.ts';

export interface FileReference {
  readonly path: string;
  /** Tells the format: properties, xml, yml or yaml. */
  readonly extension: string;
  /** As source names of several documents show it. */
  readonly locationText: string;
}

/** Ascending precedence. (compatibility document 3.1, 3.2) */
export const EXTENSIONS = ['yaml', 'yml', 'xml', 'properties'] as const;

/** `profile` is null for base files. Ascending precedence; directories inside names, as for a wildcard. (compatibility document 3.6) */
export function directoryReferences(locationText: string, directories: readonly string[], names: readonly string[], profile: string | null): FileReference[] {
  const suffix = profile === null ? '' : `-${profile}`;
  const references: FileReference[] = [];
  for (const name of names) {
    for (const extension of EXTENSIONS) {
      // Cleaned once, not once per directory: the number of references is a product of list lengths.
      const file = pathBelow('', `${name}${suffix}.${extension}`);
      if (file === null) continue;
      for (const directory of directories) references.push({ path: directory === '' ? file : `${directory}/${file}`, extension, locationText });
    }
  }
  return references;
}

/** A file of its own, `stem` and extension apart; `hinted` files have the extension only as a hint and not in their path. */
export function fileReference(
  locationText: string,
  file: { readonly stem: string; readonly extension: string; readonly hinted: boolean },
  profile: string | null,
): FileReference[] {
  const suffix = profile === null ? '' : `-${profile}`;
  const path = treePath(`${file.stem}${suffix}${file.hinted ? '' : `.${file.extension}`}`);
  return path === null || path === '' ? [] : [{ path, extension: file.extension, locationText }];
}
