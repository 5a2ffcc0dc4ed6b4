// From search locations to the directories that are scanned: the part of each before the first placeholder or star.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface ScanRoots {
  /** Absolute, without a slash at the end (except `/`), none below another, in byte order. */
  readonly roots: readonly string[];
  /** Locations that name no directory, with the reason. */
  readonly skipped: readonly string[];
}

/** Locations as in compatibility document 3.6. */
export function scanRoots(searchLocations: readonly string[], workingDirectory: string): ScanRoots {
  const found = new Set<string>();
  const skipped: string[] = [];
  for (const location of searchLocations) {
    const directory = directoryOf(location);
    if (directory === null) skipped.push(`${location}: only directories and file: uris can be served`);
    else found.add(resolve(workingDirectory, directory));
  }
  const all = [...found].toSorted();
  return { roots: all.filter((root) => !all.some((other) => other !== root && isBelow(root, other))), skipped };
}

/** Whether an absolute path is the directory itself or below it. */
export function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`);
}

function directoryOf(location: string): string | null {
  const path = location.startsWith('file:') ? pathOfFileUri(location) : location;
  if (path === null || path === '' || /^[a-z][a-z0-9+.-]+:/i.test(path)) return null;
  const variable = path.search(/[{*]/);
  if (variable < 0) return path;
  const fixed = path.slice(0, path.lastIndexOf('/', variable) + 1);
  return fixed === '' ? '.' : fixed;
}

/** `file:/x`, `file:///x`, `file:./x`, `file:x`; percent escapes only where the uri has an authority part. */
function pathOfFileUri(uri: string): string | null {
  if (!uri.startsWith('file://')) return uri.slice('file:'.length);
  try {
    return fileURLToPath(uri.replaceAll('{', '%7B').replaceAll('}', '%7D').replaceAll('*', '%2A'));
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
