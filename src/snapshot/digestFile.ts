// A file that is whole or not there: its digest first, written beside its place, fsynced and renamed.
//
//   ┌─ SHA-256 of the rest ─┬─ content ─┐
//
//   Without the digest a flipped bit would be served as configuration, or make every worker fail at the start.
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

const DIGEST_BYTES = 32;

/** Rejects with the system's error (disk full, no permission); the file of before is then untouched. */
export async function writeDigestFile(path: string, content: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      // Each write goes on where the one before ended.
      await file.writeFile(digestOf(content));
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The content, or in words why there is none. */
export async function readDigestFile(path: string): Promise<Buffer | string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const content = bytes.subarray(DIGEST_BYTES);
  return digestOf(content).equals(bytes.subarray(0, DIGEST_BYTES)) ? content : 'it is damaged: its digest is not that of its content';
}

function digestOf(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest();
}
