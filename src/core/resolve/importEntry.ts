// One entry of spring.config.import: which directory or file it means.
import { Failure } from '../../model/failure.ts';
import { EXTENSIONS } from './fileReference.ts';
import { treePath } from './treePath.ts';

export type ImportTarget =
  /** In the tree, cleaned, maybe with a wildcard. */
  | { readonly kind: 'directory'; readonly text: string; readonly directory: string }
  | { readonly kind: 'file'; readonly text: string; readonly stem: string; readonly extension: string; readonly hinted: boolean };

export interface Importer {
  /** Directory of the importing file in the tree. */
  readonly directory: string;
  /** Whether the root of the tree is the root of the file system, so that absolute paths have a meaning. */
  readonly isFileSystem: boolean;
}

/**
 * null: the entry points to where nothing is served from. Fails with CONTENT_INVALID for an unknown scheme and for a file with
 * an unknown extension. (compatibility document 3.9, 8.4)
 */
export function importTarget(entry: string, importer: Importer): ImportTarget | null {
  const value = entry.replace(/^optional:/, '').replace(/^resource:/, '');
  if (value === '') return null;
  const [, scheme = ''] = /^([a-zA-Z][a-zA-Z0-9*]*):/.exec(value) ?? [];
  if (scheme !== '' && scheme !== 'file' && scheme !== 'classpath')
    throw new Failure('CONTENT_INVALID', `the import ${JSON.stringify(entry)} has an unknown scheme`);
  const location = scheme === '' ? value : value.slice(scheme.length + 1);
  const isDirectory = location.endsWith('/');
  const file = isDirectory ? null : splitFile(location, entry);
  // Relative to the server's own directory, or on a class path: nothing is served from there.
  if (scheme === 'classpath' || (scheme === 'file' && !location.startsWith('/'))) return null;
  const isAbsolute = location.startsWith('/');
  if (isAbsolute && !importer.isFileSystem) return null;
  const base = isAbsolute ? '' : importer.directory;
  const path = treePath(`${base}/${file === null ? location : file.stem}`);
  if (path === null) return null;
  if (file === null) return { kind: 'directory', text: entry, directory: path };
  return path === '' ? null : { kind: 'file', text: entry, stem: path, extension: file.extension, hinted: file.hinted };
}

function splitFile(location: string, entry: string): { readonly stem: string; readonly extension: string; readonly hinted: boolean } {
  const hint = /^(.*)\[\.(\w+)\]$/s.exec(location);
  const file = hint === null ? location : `${hint[1]}.${hint[2]}`;
  const extension = EXTENSIONS.find((candidate) => file.toLowerCase().endsWith(`.${candidate}`));
  if (extension === undefined) throw new Failure('CONTENT_INVALID', `the import ${JSON.stringify(entry)} has an unknown extension`);
  return { stem: file.slice(0, file.length - extension.length - 1), extension, hinted: hint !== null };
}
