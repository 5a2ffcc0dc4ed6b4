// Where the entry files of the threads are: beside each other, in the compiled tree and in the bundle.

/** The files directly below src/, without extension. */
export type EntryName = 'bucketReader' | 'cli' | 'compiler' | 'fetcher' | 'sqlReader' | 'worker';

/** In the compiled tree this code is base/entry.js below the entries; in a bundle it is part of a file beside them. */
export function entryUrl(name: EntryName): URL {
  const isBundled = !import.meta.url.endsWith('/base/entry.js');
  return new URL(isBundled ? `./${name}.js` : `../${name}.js`, import.meta.url);
}
