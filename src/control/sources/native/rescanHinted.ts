// Looks again at what the watch named only: a change of one file must not cost a look at all others.
import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { TreeBudget, type TreeLimits } from '../treeLimits.ts';
import { isSkipped, nullIfGone, scannedFile, stampText, type Scan, type ScannedFile } from './scanDirectories.ts';

/** Above, a walk over everything is as cheap. */
const namesMax = 1_000;

/** What the watch saw since the last look. */
export class WatchHints {
  private names = new Map<string, Set<string>>();
  private count = 0;
  private isUnclear = false;

  /** `name` null: the system did not say which. */
  add(directory: string, name: string | null): void {
    this.count += 1;
    if (name === null || this.count > namesMax) this.isUnclear = true;
    if (this.isUnclear || name === null) return;
    const known = this.names.get(directory);
    if (known === undefined) this.names.set(directory, new Set([name]));
    else known.add(name);
  }

  /** Names by directory, which the next call will not give again; null when everything must be looked at. */
  take(): ReadonlyMap<string, ReadonlySet<string>> | null {
    const taken = this.isUnclear || this.names.size === 0 ? null : this.names;
    this.names = new Map();
    this.count = 0;
    this.isUnclear = false;
    return taken;
  }
}

/**
 * The scan as it would be now if nothing but the hints changed. Null when it takes a walk to know: links, which change without
 * an event, directories that come and go. Throws SOURCE_UNREADABLE or LIMIT_EXCEEDED.
 */
export async function rescanHinted(scan: Scan, hints: ReadonlyMap<string, ReadonlySet<string>>, limits: TreeLimits, what: string): Promise<Scan | null> {
  if (scan.hasLinks) return null;
  const files = new Map(scan.files.map((file) => [file.path, file]));
  const stamps = new Map(scan.directories.map((path, index) => [path, scan.directoryStamps[index]!]));
  for (const [directory, names] of hints) {
    const stats = await lstatOf(directory);
    if (stats === null || !stats.isDirectory() || !stamps.has(directory)) return null;
    // Before its names are looked at: a change in between shows later.
    stamps.set(directory, stampText(stats));
    for (const name of names) {
      if (isSkipped(name)) continue;
      const path = join(directory, name);
      if (stamps.has(path)) return null;
      const now = await lstatOf(path);
      if (now === null) files.delete(path);
      else if (now.isFile()) files.set(path, scannedFile(path, now));
      else return null;
    }
  }
  const sorted = [...files.values()].sort(byPath);
  const budget = new TreeBudget(limits, what);
  for (const { path, sizeBytes } of sorted) budget.addFile(path, sizeBytes);
  return { ...scan, files: sorted, directories: [...stamps.keys()], directoryStamps: [...stamps.values()] };
}

function byPath(a: ScannedFile, b: ScannedFile): number {
  return a.path < b.path ? -1 : 1;
}

async function lstatOf(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch (error) {
    return nullIfGone(error, path);
  }
}
