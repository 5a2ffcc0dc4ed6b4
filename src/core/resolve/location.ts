// One directory that is searched for files, or a pattern of directories.
import { isPattern, matchingDirectories } from './directoryPattern.ts';
import { listDirectories, type Checkout, type ResolveContext } from './resolveContext.ts';

export interface Location {
  /** As source names of several documents show it; ends in `/`, '' for the root of a Git repository. */
  readonly text: string;
  /** In the tree, cleaned; maybe with wildcards. */
  readonly directory: string;
  /** Entries without a scheme are invisible to the plain-text endpoint. (compatibility document 3.6) */
  readonly hasScheme: boolean;
}

/** The directories of the tree that a location stands for, ascending precedence. */
export function locationDirectories(context: ResolveContext, source: Checkout, location: Location): readonly string[] {
  if (!isPattern(location.directory)) return [location.directory];
  return matchingDirectories(location.directory, listDirectories(context, source));
}
