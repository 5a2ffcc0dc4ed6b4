// Wildcards in directory paths: `*` is part of one segment, `**` any number of segments; nothing else is special.
import { matchesSequence, matchesWildcard } from './wildcard.ts';

export function isPattern(path: string): boolean {
  return path.includes('*');
}

/** The directories that match, in the order given. The directory before a final `**` is not among them. (compatibility document 3.6, 3.8) */
export function matchingDirectories(pattern: string, directories: readonly string[]): string[] {
  const segments = pattern.split('/');
  if (segments.at(-1) === '**') segments.push('*');
  return directories.filter((directory) => {
    const parts = directory.split('/');
    return matchesSequence(segments.length, parts.length, {
      isStar: (segmentIndex) => segments[segmentIndex] === '**',
      matches: (segmentIndex, partIndex) => matchesWildcard(segments[segmentIndex] ?? '', parts[partIndex] ?? ''),
    });
  });
}
