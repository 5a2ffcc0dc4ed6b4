// The refs of a repository on disk: loose files and packed-refs. (gitrepository-layout)
import { lstatSync, readdirSync, readFileSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../model/failure.ts';

export interface RefFiles {
  /** Full name to id, tags not peeled. Branches, tags and the branches of `origin`. */
  readonly refs: ReadonlyMap<string, string>;
  /** Full name of the branch that HEAD is. */
  readonly headBranch: string | null;
  /** Id of a detached HEAD. */
  readonly headId: string | null;
}

const followed = ['refs/heads', 'refs/tags', 'refs/remotes/origin'];
const symbolicDepthMax = 5;
const refsMax = 500_000;

/** Throws SOURCE_UNREADABLE when the files cannot be read, SOURCE_DAMAGED when HEAD is neither a ref nor an id. */
export function readRefFiles(gitDirectory: string): RefFiles {
  const refs = readPackedRefs(gitDirectory);
  const symbolic = new Map<string, string>();
  for (const directory of followed) readLooseRefs(gitDirectory, directory, refs, symbolic, 0);
  for (const [name, target] of symbolic) {
    const id = resolveSymbolic(target, refs, symbolic);
    if (id !== null) refs.set(name, id);
  }
  const head = (readOrNull(join(gitDirectory, 'HEAD')) ?? '').trim();
  if (head.startsWith('ref: ')) return { refs, headBranch: head.slice('ref: '.length).trim(), headId: null };
  if (!isId(head)) throw new Failure('SOURCE_DAMAGED', 'HEAD is neither a ref nor a commit id');
  return { refs, headBranch: null, headId: head };
}

/** The bytes of packed-refs: `peeled` has what annotated tags point to in the end. */
export function encodePackedRefs(refs: ReadonlyMap<string, string>, peeled: ReadonlyMap<string, string>): string {
  const lines = ['# pack-refs with: peeled fully-peeled sorted '];
  for (const [name, id] of [...refs].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    lines.push(`${id} ${name}`);
    const target = peeled.get(name);
    if (target !== undefined && target !== id) lines.push(`^${target}`);
  }
  return `${lines.join('\n')}\n`;
}

/**
 * The repository of a local directory, read in place, or why there is none. A `file:` uri must be a working copy without links
 * (compatibility document 6.1), a plain path may be bare too. `gitDirectory` is the bare repository or the .git of a working tree.
 */
export function findGitDirectory(
  directory: string,
  isFileUri: boolean,
): { readonly gitDirectory: string } | { readonly problem: string; readonly isMissing: boolean } {
  const stats = statOrNull(directory, isFileUri);
  if (stats === null) return { problem: `${directory} does not exist`, isMissing: true };
  if (!stats.isDirectory()) return { problem: `${directory} is ${stats.isSymbolicLink() ? 'a symbolic link' : 'no directory'}`, isMissing: false };
  const inner = statOrNull(join(directory, '.git'), isFileUri);
  if (inner !== null && !inner.isDirectory()) return { problem: `${directory}/.git is no directory`, isMissing: false };
  const gitDirectory = inner === null ? directory : join(directory, '.git');
  const isRepository = statOrNull(join(gitDirectory, 'objects'), false)?.isDirectory() === true && statOrNull(join(gitDirectory, 'HEAD'), false) !== null;
  if (!isRepository) return { problem: `${directory} is no Git repository`, isMissing: false };
  if (inner === null && isFileUri) return { problem: `${directory} is no working copy: for a bare repository leave out file:`, isMissing: false };
  const config = readOrNull(join(gitDirectory, 'config')) ?? '';
  if (/^\s*objectformat\s*=\s*(?!sha1\b)/im.test(config)) return { problem: `${directory} uses another object format than sha1`, isMissing: false };
  if (/^\s*refstorage\s*=\s*(?!files\b)/im.test(config)) return { problem: `${directory} stores its refs in another way than files`, isMissing: false };
  return { gitDirectory };
}

function readPackedRefs(gitDirectory: string): Map<string, string> {
  const refs = new Map<string, string>();
  for (const line of (readOrNull(join(gitDirectory, 'packed-refs')) ?? '').split('\n')) {
    if (line === '' || line.startsWith('#') || line.startsWith('^')) continue;
    const [id = '', name = ''] = line.split(' ');
    if (!isId(id) || name === '') throw new Failure('SOURCE_DAMAGED', 'packed-refs has a line that is no ref');
    if (followed.some((prefix) => name.startsWith(`${prefix}/`))) refs.set(name, id);
  }
  return refs;
}

function readLooseRefs(gitDirectory: string, directory: string, refs: Map<string, string>, symbolic: Map<string, string>, depth: number): void {
  if (depth > 32 || refs.size > refsMax) throw new Failure('LIMIT_EXCEEDED', `${gitDirectory} has too many refs`);
  for (const entry of entriesOf(join(gitDirectory, directory))) {
    const name = `${directory}/${entry.name}`;
    if (entry.isDirectory()) {
      readLooseRefs(gitDirectory, name, refs, symbolic, depth + 1);
      continue;
    }
    if (!entry.isFile() || entry.name.endsWith('.lock')) continue;
    const text = (readOrNull(join(gitDirectory, name)) ?? '').trim();
    if (text.startsWith('ref: ')) symbolic.set(name, text.slice('ref: '.length).trim());
    else if (isId(text)) refs.set(name, text);
  }
}

function resolveSymbolic(name: string, refs: ReadonlyMap<string, string>, symbolic: ReadonlyMap<string, string>): string | null {
  let at = name;
  for (let depth = 0; depth < symbolicDepthMax; depth += 1) {
    const id = refs.get(at);
    if (id !== undefined) return id;
    const next = symbolic.get(at);
    if (next === undefined) return null;
    at = next;
  }
  return null;
}

function entriesOf(directory: string): ReturnType<typeof readDirectory> {
  try {
    return readDirectory(directory);
  } catch (error) {
    return orGone(error, []);
  }
}

function readDirectory(directory: string) {
  return readdirSync(directory, { withFileTypes: true });
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return orGone(error, null);
  }
}

function statOrNull(path: string, isLink: boolean): Stats | null {
  try {
    return isLink ? lstatSync(path) : statSync(path);
  } catch (error) {
    return orGone(error, null);
  }
}

function orGone<Value>(error: unknown, value: Value): Value {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return value;
  throw new Failure('SOURCE_UNREADABLE', `the repository cannot be read: ${message}`, { cause: error });
}

function isId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}
