// One walk over the directories of the native source: every file with its stat, nothing read yet.
import type { Dirent, Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../../model/failure.ts';
import { TreeBudget, type TreeLimits } from '../treeLimits.ts';
import { isBelow } from './scanRoots.ts';

export interface ScannedFile {
  /** Absolute. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  /** Equal texts mean that the file was not touched: device, inode, size, times. */
  readonly stamp: string;
}

export interface Scan {
  /** In byte order of the path. */
  readonly files: readonly ScannedFile[];
  /** Absolute, for watching. */
  readonly directories: readonly string[];
  /** Of each directory, as in ScannedFile: a name that is added, removed or swapped changes it. */
  readonly directoryStamps: readonly string[];
  readonly notices: readonly string[];
  /** Files or directories that are reached by symbolic links. */
  readonly hasLinks: boolean;
}

/** Directories read at once: enough to keep the thread pool busy, few enough that callbacks come in small slices. */
const concurrency = 8;
const entriesAtOnce = 32;
const noticesMax = 20;

/** Never configuration, and often larger than everything else. */
const skippedNames = new Set(['.git', 'node_modules']);

/** Names that begin with `..` are the parts of a Kubernetes volume that links point into. */
export function isSkipped(name: string): boolean {
  return name.startsWith('..') || skippedNames.has(name);
}

export function scannedFile(path: string, stats: Stats): ScannedFile {
  return { path, sizeBytes: stats.size, modifiedAtMs: Math.trunc(stats.mtimeMs), stamp: stampText(stats) };
}

/**
 * Follows symbolic links only while the real path stays below the root (a Kubernetes volume: `app.yml` → `..data/app.yml` →
 * `..2026_01_01/app.yml`). Roots that do not exist are skipped (compatibility document 3.6). Throws SOURCE_UNREADABLE or
 * LIMIT_EXCEEDED.
 */
export async function scanDirectories(roots: readonly string[], limits: TreeLimits): Promise<Scan> {
  const walk = new Walk(limits, roots.join(', '));
  for (const root of roots) await walk.addRoot(root);
  return walk.result();
}

/** Whether these files and the directories are as the scan saw them: cheaper than a second walk over everything. */
export async function isAsScanned(scan: Scan, files: readonly ScannedFile[]): Promise<boolean> {
  for (const [index, path] of scan.directories.entries()) if ((await stampOf(path)) !== scan.directoryStamps[index]) return false;
  for (const { path, stamp } of files) if ((await stampOf(path)) !== stamp) return false;
  return true;
}

async function stampOf(path: string): Promise<string> {
  const stats = await statOf(path);
  return stats === null ? '' : stampText(stats);
}

export function stampText(stats: Stats): string {
  return `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`;
}

interface Pending {
  readonly path: string;
  readonly depth: number;
  /** Real paths of the directories above: a link to one of them would never end. */
  readonly ancestors: readonly string[];
}

class Walk {
  private readonly budget: TreeBudget;
  private readonly files: ScannedFile[] = [];
  private readonly directories: string[] = [];
  private readonly directoryStamps: string[] = [];
  private readonly notices: string[] = [];
  private hasLinks = false;
  private queue: Pending[] = [];
  private realRoot = '';

  constructor(limits: TreeLimits, what: string) {
    this.budget = new TreeBudget(limits, what);
  }

  result(): Scan {
    this.files.sort((a, b) => (a.path < b.path ? -1 : 1));
    const { files, directories, directoryStamps, notices, hasLinks } = this;
    return { files, directories, directoryStamps, notices, hasLinks };
  }

  async addRoot(root: string): Promise<void> {
    const real = await realpathOrNull(root);
    if (real === null) {
      this.notice(`${root} does not exist`);
      return;
    }
    if (!(await statOf(real))?.isDirectory()) {
      this.notice(`${root} is no directory`);
      return;
    }
    this.realRoot = real;
    this.queue = [{ path: root, depth: 0, ancestors: [real] }];
    while (this.queue.length > 0) await Promise.all(this.queue.splice(0, concurrency).map((pending) => this.readOne(pending)));
  }

  private async readOne(directory: Pending): Promise<void> {
    this.budget.enterDirectory(directory.path, directory.depth);
    // Before its names are read: a change in between shows later.
    const stamp = await stampOf(directory.path);
    const entries = await readDirectory(directory.path);
    if (entries === null) return;
    this.directories.push(directory.path);
    this.directoryStamps.push(stamp);
    const wanted = entries.filter(({ name }) => !isSkipped(name));
    for (let first = 0; first < wanted.length; first += entriesAtOnce) {
      await Promise.all(wanted.slice(first, first + entriesAtOnce).map((entry) => this.addEntry(directory, entry)));
    }
  }

  private async addEntry(directory: Pending, entry: Dirent): Promise<void> {
    const path = join(directory.path, entry.name);
    if (entry.isDirectory()) {
      this.queue.push({ path, depth: directory.depth + 1, ancestors: [...directory.ancestors, join(directory.ancestors.at(-1) ?? '', entry.name)] });
    } else if (entry.isFile()) {
      this.addFile(path, await statOf(path));
    } else if (entry.isSymbolicLink()) {
      await this.addLink(directory, path);
    } else {
      this.notice(`${path} is neither a file nor a directory: skipped`);
    }
  }

  private async addLink(directory: Pending, path: string): Promise<void> {
    this.hasLinks = true;
    const real = await realpathOrNull(path);
    if (real === null) {
      this.notice(`${path} is a link to nothing: skipped`);
      return;
    }
    if (!isBelow(real, this.realRoot) || real.slice(this.realRoot.length).split('/').includes('.git')) {
      this.notice(`${path} is a link that leaves ${this.realRoot}: skipped`);
      return;
    }
    const stats = await statOf(real);
    if (stats?.isFile() === true) this.addFile(path, stats);
    else if (stats?.isDirectory() === true) {
      if (directory.ancestors.includes(real)) this.notice(`${path} is a link to a directory above it: skipped`);
      else this.queue.push({ path, depth: directory.depth + 1, ancestors: [...directory.ancestors, real] });
    }
  }

  /** A file that vanished since the directory was read has no stat. */
  private addFile(path: string, stats: Stats | null): void {
    if (stats === null || !stats.isFile()) return;
    this.budget.addFile(path, stats.size);
    this.files.push(scannedFile(path, stats));
  }

  private notice(text: string): void {
    if (this.notices.length < noticesMax) this.notices.push(text);
  }
}

async function readDirectory(path: string): Promise<Dirent[] | null> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    return nullIfGone(error, path);
  }
}

async function statOf(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    return nullIfGone(error, path);
  }
}

async function realpathOrNull(path: string): Promise<string | null> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return null;
    return nullIfGone(error, path);
  }
}

/** Vanishing is normal while somebody writes; anything else must not look like a deletion. */
export function nullIfGone(error: unknown, path: string): null {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return null;
  throw new Failure('SOURCE_UNREADABLE', `${path} cannot be read: ${code ?? String(error)}`, { cause: error });
}
