// A mirror on disk: a bare repository whose files are replaced whole, so that a process that dies leaves no half of anything.
//
//   <storage>/git/<hash of the uri>/              objects/pack/pack-<sum>.pack, .idx   packed-refs   HEAD   config
//   <storage>/git/<hash of the uri>.new-<pid>-…   a mirror being made; renamed when complete
//
// The order is always: pack, index, refs. Packs have the sum of their content as their name. So several processes may share one
// mirror without a lock: each adds packs and replaces packed-refs, and refs never name what is not there. Only merging packs
// removes files, one process at a time: a reader keeps the open file, and looks again when it misses an object.
import { createHash, randomBytes, type Hash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../../../model/failure.ts';
import { indexPack } from './indexPack.ts';
import { PackReader } from './packReader.ts';

/** What a process leaves behind when it dies is removed by the next one after this time. */
const leftoverAgeMs = 3_600_000;
const replaceTurnsMax = 8;

export function createMirror(directory: string): void {
  mkdirSync(join(directory, 'objects/pack'), { recursive: true });
  mkdirSync(join(directory, 'refs/heads'), { recursive: true });
  writeDurably(join(directory, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n');
  writeDurably(join(directory, 'HEAD'), 'ref: refs/heads/main\n');
}

/** A place beside the mirror for its replacement. */
export function replacementDirectory(directory: string): string {
  return `${directory}.new-${process.pid}-${randomBytes(4).toString('hex')}`;
}

/** Puts a complete mirror in the place of the old one, if there is one; several processes may do so at once. */
export function replaceMirror(directory: string, replacement: string): void {
  for (let turn = 1; ; turn += 1) {
    const old = `${replacement}.old-${turn}`;
    try {
      renameSync(directory, old);
    } catch (error) {
      orGone(error, null);
    }
    const isDone = takesPlace(replacement, directory, turn === replaceTurnsMax);
    rmSync(old, { recursive: true, force: true });
    if (isDone) break;
  }
  syncDirectory(dirname(directory));
}

/** false when another process put its mirror there first. */
function takesPlace(replacement: string, directory: string, isLastTurn: boolean): boolean {
  try {
    renameSync(replacement, directory);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (isLastTurn || (code !== 'ENOTEMPTY' && code !== 'EEXIST')) throw error;
    return false;
  }
}

/** Removes what dead processes left beside and within the mirror. */
export function removeLeftovers(directory: string, nowMs: number): void {
  const parent = dirname(directory);
  const prefix = `${directory.slice(parent.length + 1)}.new-`;
  for (const name of namesIn(parent)) if (name.startsWith(prefix)) removeIfOld(join(parent, name), nowMs);
  const packs = join(directory, 'objects/pack');
  const names = new Set(namesIn(packs));
  for (const name of names) if (name.startsWith('tmp_') || isHalfOfPack(name, names)) removeIfOld(join(packs, name), nowMs);
}

/** A pack whose index was never written, or an index whose pack was merged by another process meanwhile. */
function isHalfOfPack(name: string, names: ReadonlySet<string>): boolean {
  if (name.endsWith('.pack')) return !names.has(name.replace(/pack$/, 'idx'));
  return name.endsWith('.idx') && !names.has(name.replace(/idx$/, 'pack'));
}

/** When the mirror was last confirmed to be what the remote has; null when there is none. */
export function confirmedAtMs(directory: string): number | null {
  try {
    return Math.trunc(statSync(join(directory, 'packed-refs')).mtimeMs);
  } catch (error) {
    return orGone(error, null);
  }
}

export function confirmMirror(directory: string, nowMs: number): void {
  utimesSync(join(directory, 'packed-refs'), nowMs / 1000, nowMs / 1000);
}

/**
 * Stores a pack as it arrives: verified against its own checksum, indexed, then renamed into place. Throws SOURCE_PROTOCOL when
 * it is not what the remote meant to send, LIMIT_EXCEEDED when it is too large.
 */
export async function storePack(directory: string, chunks: AsyncIterable<Uint8Array>, packBytesMax: number, objectBytesMax: number): Promise<void> {
  const path = join(directory, 'objects/pack', `tmp_${process.pid}_${randomBytes(4).toString('hex')}.pack`);
  try {
    const sum = await writePack(path, chunks, packBytesMax);
    await installPack(directory, path, sum, objectBytesMax);
  } finally {
    rmSync(path, { force: true });
  }
}

/**
 * Merges all packs into one by copying their entries: distances between a delta and its base stay the same. What is stored
 * twice stays so. No network is needed. `packPaths` is asked when no other process merges; when one does, nothing happens.
 */
export async function mergePacks(directory: string, packPaths: () => readonly string[], objectBytesMax: number): Promise<void> {
  const lock = join(directory, 'objects/pack/tmp_merge.lock');
  if (!createExclusively(lock)) return;
  try {
    const paths = packPaths();
    const readers = openAll(paths);
    if (readers !== null) await mergeOpenPacks(directory, paths, readers, objectBytesMax);
  } finally {
    rmSync(lock, { force: true });
  }
}

async function mergeOpenPacks(directory: string, paths: readonly string[], readers: readonly PackReader[], objectBytesMax: number): Promise<void> {
  const path = join(directory, 'objects/pack', `tmp_${process.pid}_${randomBytes(4).toString('hex')}.pack`);
  try {
    const sum = await writePack(path, mergedChunks(readers), Number.MAX_SAFE_INTEGER);
    const merged = await installPack(directory, path, sum, objectBytesMax);
    for (const old of paths) {
      if (old === merged) continue;
      rmSync(old.replace(/pack$/, 'idx'), { force: true });
      rmSync(old, { force: true });
    }
  } finally {
    for (const reader of readers) reader.close();
    rmSync(path, { force: true });
  }
}

/** null when one of them is gone: another process replaced the mirror. */
function openAll(paths: readonly string[]): readonly PackReader[] | null {
  const readers: PackReader[] = [];
  try {
    for (const path of paths) readers.push(new PackReader(path));
    return readers;
  } catch (error) {
    for (const reader of readers) reader.close();
    return orGone(error, null);
  }
}

/** false when it is there. A lock that a dead process left is removed with the other leftovers. */
function createExclusively(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx'));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Written beside, flushed, and renamed: the old content or the new, never half. */
export function writeDurably(path: string, text: string): void {
  const temporary = `${path}.tmp-${process.pid}-${randomBytes(4).toString('hex')}`;
  writeFileSync(temporary, text, { flush: true });
  renameSync(temporary, path);
}

async function* mergedChunks(readers: readonly PackReader[]): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha1');
  const head = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1');
  head.writeUInt32BE(
    readers.reduce((sum, reader) => sum + reader.read(8, 4).readUInt32BE(0), 0),
    8,
  );
  hash.update(head);
  yield head;
  for (const reader of readers) {
    const end = reader.sizeBytes - 20;
    for (let offset = 12; offset < end; offset += 1_048_576) {
      const chunk = reader.read(offset, Math.min(1_048_576, end - offset));
      hash.update(chunk);
      yield chunk;
    }
  }
  yield hash.digest();
}

/** Answers the checksum. */
async function writePack(path: string, chunks: AsyncIterable<Uint8Array>, packBytesMax: number): Promise<Buffer> {
  const file = openSync(path, 'wx');
  const sum = new TrailingSum();
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > packBytesMax) throw new Failure('LIMIT_EXCEEDED', `the remote sends more than ${packBytesMax} bytes`);
      sum.add(chunk);
      for (let at = 0; at < chunk.length;) at += writeSync(file, chunk, at);
    }
    const trailer = sum.trailer();
    if (bytes < 32 || trailer === null) throw new Failure('SOURCE_PROTOCOL', 'the pack does not match its checksum: it is cut or damaged');
    fsyncSync(file);
    return trailer;
  } finally {
    closeSync(file);
  }
}

async function installPack(directory: string, path: string, sum: Buffer, objectBytesMax: number): Promise<string> {
  const index = await indexPack(path, objectBytesMax);
  const packs = join(directory, 'objects/pack');
  const name = join(packs, `pack-${sum.toString('hex')}`);
  renameSync(path, `${name}.pack`);
  const temporary = `${path}.idx`;
  writeFileSync(temporary, index, { flush: true });
  renameSync(temporary, `${name}.idx`);
  syncDirectory(packs);
  return `${name}.pack`;
}

/** The SHA-1 over everything but the last 20 bytes, compared with them. */
class TrailingSum {
  private readonly hash: Hash = createHash('sha1');
  private tail: Buffer = Buffer.alloc(0);

  add(chunk: Uint8Array): void {
    const all = Buffer.concat([this.tail, chunk]);
    const keep = Math.min(20, all.length);
    this.hash.update(all.subarray(0, all.length - keep));
    this.tail = all.subarray(all.length - keep);
  }

  trailer(): Buffer | null {
    return this.hash.digest().equals(this.tail) ? this.tail : null;
  }
}

/** Some file systems cannot; then a crash may cost the newest fetch. */
function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EINVAL' && code !== 'EISDIR' && code !== 'EPERM') throw error;
  } finally {
    closeSync(handle);
  }
}

function removeIfOld(path: string, nowMs: number): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats !== undefined && nowMs - stats.mtimeMs > leftoverAgeMs) rmSync(path, { recursive: true, force: true });
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    return orGone(error, []);
  }
}

function orGone<Value>(error: unknown, value: Value): Value {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return value;
  throw error;
}
