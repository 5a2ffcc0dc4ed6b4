// Reads a pack file through one window, so that memory does not grow with the pack.
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { PackBytes } from './packEntry.ts';

const windowBytes = 1_048_576;

export class PackReader implements PackBytes {
  readonly sizeBytes: number;
  private readonly descriptor: number;
  private window: Buffer = Buffer.alloc(0);
  private windowOffset = 0;

  constructor(path: string) {
    this.descriptor = openSync(path, 'r');
    this.sizeBytes = fstatSync(this.descriptor).size;
  }

  /** The view is valid until the next call. The 20 bytes of the trailer are not part of any entry. */
  read(offset: number, bytes: number): Buffer {
    const end = Math.min(offset + bytes, this.sizeBytes - 20);
    if (offset < this.windowOffset || end > this.windowOffset + this.window.length) this.load(offset, Math.max(end - offset, 0));
    return this.window.subarray(offset - this.windowOffset, end - this.windowOffset);
  }

  /** The SHA-1 that the file states for everything before it. */
  trailer(): Buffer {
    const bytes = Buffer.alloc(20);
    if (this.sizeBytes >= 20) readSync(this.descriptor, bytes, 0, 20, this.sizeBytes - 20);
    return bytes;
  }

  /** Whether the file is what was written: reads it whole, about a millisecond per megabyte. */
  isIntact(): boolean {
    const end = this.sizeBytes - 20;
    if (end < 12) return false;
    const hash = createHash('sha1');
    for (let offset = 0; offset < end; offset += windowBytes) hash.update(this.read(offset, Math.min(windowBytes, end - offset)));
    return hash.digest().equals(this.trailer());
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private load(offset: number, bytes: number): void {
    const wanted = Math.min(Math.max(bytes, windowBytes), Math.max(this.sizeBytes - 20 - offset, 0));
    const buffer = Buffer.allocUnsafe(wanted);
    let filled = 0;
    while (filled < wanted) {
      const count = readSync(this.descriptor, buffer, filled, wanted - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    this.window = buffer.subarray(0, filled);
    this.windowOffset = offset;
  }
}
