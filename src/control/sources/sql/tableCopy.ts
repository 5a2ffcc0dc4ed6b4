// The last good table on disk: written when it changes, one write at a time, never in the way of a read.
import { stat, utimes } from 'node:fs/promises';
import { readTreeFile, writeTreeFile } from '../../../snapshot/treeFile.ts';
import type { TreeImage } from '../../../snapshot/treeImage.ts';

export class TableCopy {
  /** Why the newest table is not on disk; null when it is. Not keeping a copy is no failure of the source. */
  problem: string | null = null;
  private revision: string | null = null;
  private writing: Promise<void> = Promise.resolve();

  /** `confirmedAtMs`: when the database last said that this is its content. */
  async load(file: string | null): Promise<{ readonly image: TreeImage | null; readonly confirmedAtMs: number | null }> {
    const image = file === null ? null : await readTreeFile(file);
    if (file === null || image === null) return { image: null, confirmedAtMs: null };
    this.revision = image.revision;
    return { image, confirmedAtMs: Math.floor((await stat(file)).mtimeMs) };
  }

  /** The time of the file says when its content was confirmed. */
  store(file: string | null, image: TreeImage, nowMs: number): void {
    if (file !== null) this.writing = this.writing.then(() => this.write(file, image, nowMs));
  }

  stored(): Promise<void> {
    return this.writing;
  }

  private async write(file: string, image: TreeImage, nowMs: number): Promise<void> {
    try {
      if (this.revision !== image.revision) await writeTreeFile(file, image);
      await utimes(file, nowMs / 1_000, nowMs / 1_000);
      this.revision = image.revision;
      this.problem = null;
    } catch (error) {
      this.revision = null;
      this.problem = `no copy on disk: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}
