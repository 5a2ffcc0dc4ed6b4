// Tells that something below some directories has changed. A hint only: the interval scan is what misses nothing.
import { watch, type FSWatcher } from 'node:fs';

/** The kernel's own limit is per user and shared with other programs. */
const watchersMax = 2_000;

export class DirectoryWatch {
  private readonly watchers = new Map<string, FSWatcher>();
  private readonly onEvent: (directory: string, name: string | null) => void;
  private isFull = false;

  /** `name`: the entry of the directory that the event is about; null when the system does not say. */
  constructor(onEvent: (directory: string, name: string | null) => void) {
    this.onEvent = onEvent;
  }

  /** Makes the watched directories exactly these. */
  follow(directories: readonly string[]): void {
    const wanted = new Set(directories);
    for (const [directory, watcher] of this.watchers) {
      if (wanted.has(directory)) continue;
      watcher.close();
      this.watchers.delete(directory);
      this.isFull = false;
    }
    for (const directory of wanted) if (!this.watchers.has(directory) && !this.isFull) this.add(directory);
  }

  /** Whether some directories are left to the interval scan alone. */
  isPartial(): boolean {
    return this.isFull;
  }

  close(): void {
    for (const watcher of this.watchers.values()) watcher.close();
    this.watchers.clear();
  }

  private add(directory: string): void {
    if (this.watchers.size >= watchersMax) {
      this.isFull = true;
      return;
    }
    try {
      const watcher = watch(directory, { persistent: false }, (_event, name) => this.onEvent(directory, name));
      // a watched directory that is deleted reports an error on some systems; the next scan sees what is left
      watcher.on('error', () => this.drop(directory));
      this.watchers.set(directory, watcher);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOSPC' || code === 'EMFILE' || code === 'ENOSYS') this.isFull = true;
      else if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    }
  }

  private drop(directory: string): void {
    this.watchers.get(directory)?.close();
    this.watchers.delete(directory);
    this.onEvent(directory, null);
  }
}
