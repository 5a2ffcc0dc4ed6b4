// Reads and hashes the files that changed since the last scan, in slices that leave the event loop free.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Failure } from '../../../model/failure.ts';
import type { ScannedFile } from './scanDirectories.ts';

export interface HashedFile {
  readonly file: ScannedFile;
  /** Hash of the content. */
  readonly blobId: string;
  /** Absent when the earlier scan had the same file. */
  readonly bytes: Uint8Array | null;
}

/** About half a millisecond of hashing between two turns of the loop. */
const hashSliceBytes = 524_288;

/**
 * `known` has the files of the last scan by path, so that an untouched one is not read again. Null when a file vanished or changed its size meanwhile: scan
 * again. Throws SOURCE_UNREADABLE.
 */
export async function readFiles(files: readonly ScannedFile[], known: ReadonlyMap<string, HashedFile>): Promise<readonly HashedFile[] | null> {
  const hashed: HashedFile[] = [];
  let sliceBytes = 0;
  for (const file of files) {
    const earlier = known.get(file.path);
    if (earlier !== undefined && earlier.file.stamp === file.stamp) {
      hashed.push(earlier);
      continue;
    }
    const bytes = await readOne(file.path);
    if (bytes === null || bytes.length !== file.sizeBytes) return null;
    hashed.push({ file, blobId: await hashOf(bytes), bytes });
    sliceBytes += bytes.length;
    if (sliceBytes > hashSliceBytes) {
      sliceBytes = 0;
      await nextTurn();
    }
  }
  return hashed;
}

async function readOne(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new Failure('SOURCE_UNREADABLE', `${path} cannot be read: ${code ?? String(error)}`, { cause: error });
  }
}

async function hashOf(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += hashSliceBytes) {
    if (at > 0) await nextTurn();
    hash.update(bytes.subarray(at, at + hashSliceBytes));
  }
  return hash.digest('hex');
}
