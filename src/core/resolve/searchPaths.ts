// The locations of a Git checkout for one request, ascending precedence: the root, then the search paths.
import { Failure } from '../../model/failure.ts';
import { FILE_PROBES_MAX } from '../../model/limits.ts';
import { commaList } from './commaList.ts';
import { isPattern, matchingDirectories } from './directoryPattern.ts';
import type { Location } from './location.ts';
import { expansions } from './replacePlaceholders.ts';
import { listDirectories, type Checkout, type ResolveContext, type ResolveTarget } from './resolveContext.ts';
import { treePath } from './treePath.ts';

/** A comparison with a directory costs a tenth of a look for a file. */
const COMPARISONS_MAX = 10 * FILE_PROBES_MAX;

/** `{label}` is the label of this checkout. Duplicates keep their first position. Fails with LIMIT_EXCEEDED. (compatibility document 3.8) */
export function gitLocations(context: ResolveContext, source: Checkout, searchPaths: readonly string[], target: ResolveTarget): Location[] {
  const directories = new Set<string>();
  const paths = new Set<string>();
  for (const searchPath of ['/', ...searchPaths]) {
    for (const text of expansions(searchPath, commaList(target.profiles), commaList(target.name), source.label)) {
      const path = treePath(text);
      if (path !== null) paths.add(path);
    }
  }
  let comparisons = 0;
  for (const path of paths) {
    if (!isPattern(path)) {
      directories.add(path);
      continue;
    }
    const all = listDirectories(context, source);
    comparisons += all.length;
    if (comparisons > COMPARISONS_MAX) throw new Failure('LIMIT_EXCEEDED', `the search paths of the request need more than ${COMPARISONS_MAX} comparisons`);
    for (const directory of matchingDirectories(path, all)) directories.add(directory);
  }
  return [...directories].map((directory) => ({ text: directory === '' ? '' : `${directory}/`, directory, hasScheme: true }));
}
