// Paths inside a file tree: segments joined by `/`, no leading slash, '' for the root.

/** Cleans a path: no empty segments, no `.`, `..` resolved. null when it leaves the root. */
export function treePath(text: string): string | null {
  // Most names are one plain segment.
  if (!text.includes('/')) return text === '.' ? '' : text === '..' ? null : text;
  const segments: string[] = [];
  for (const segment of text.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') segments.push(segment);
    else if (segments.pop() === undefined) return null;
  }
  return segments.join('/');
}

/** A cleaned path below a directory of the tree. null when it leaves that directory. */
export function pathBelow(directory: string, relative: string): string | null {
  const path = treePath(relative);
  if (path === null || path === '') return null;
  return directory === '' ? path : `${directory}/${path}`;
}

export function isBelow(path: string, directory: string): boolean {
  return directory === '' || path.startsWith(`${directory}/`);
}
