// The locations of a Git checkout for one request, ascending precedence: the root, then the search paths.
import { commaList } from './commaList.ts';
import { isPattern, matchingDirectories } from './directoryPattern.ts';
import type { Location } from './location.ts';
import { expansions } from './replacePlaceholders.ts';
import { listDirectories, type Checkout, type ResolveContext, type ResolveTarget } from './resolveContext.ts';
import { treePath } from './treePath.ts';

/** `{label}` is the label of this checkout. Duplicates keep their first position. (compatibility document 3.8) */
export function gitLocations(context: ResolveContext, source: Checkout, searchPaths: readonly string[], target: ResolveTarget): Location[] {
  const directories = new Set<string>();
  for (const searchPath of ['/', ...searchPaths]) {
    for (const text of expansions(searchPath, commaList(target.profiles), commaList(target.name), source.label)) {
      const path = treePath(text);
      if (path === null) continue;
      const matches = isPattern(path) ? matchingDirectories(path, listDirectories(context, source)) : [path];
      for (const directory of matches) directories.add(directory);
    }
  }
  return [...directories].map((directory) => ({ text: directory === '' ? '' : `${directory}/`, directory, hasScheme: true }));
}
