// A file tree as shared memory: it goes to other threads without a copy, and the next revision reuses the bytes of the last.
//
//   segments   SharedArrayBuffer 0: | blob | blob | blob |    bytes alone, never overwritten
//              SharedArrayBuffer 1: | blob |                  one more per revision that brings new blobs
//   index      SharedArrayBuffer:   msgpackr of TreeIndex     path → segment, offset, length
import { Packr } from 'msgpackr/pack';
import { assert } from '../base/assert.ts';
import type { FileTree, TreeFile } from '../model/fileTree.ts';

/** Plain data: post it as it is. */
export interface TreeImage {
  /** Unique for source and revision; caches of decoded trees key on it. */
  readonly id: string;
  readonly revision: string;
  readonly index: SharedArrayBuffer;
  readonly segments: readonly SharedArrayBuffer[];
  readonly fileCount: number;
  /** Bytes of the segments that this revision uses, and all of them. */
  readonly liveBytes: number;
  readonly totalBytes: number;
}

/** A tree that can also list its files. */
export interface ListedTree extends FileTree {
  /** Every file, in the order of the builder. */
  paths(): readonly string[];
}

/** One file for the builder; `bytes` is called only when no earlier revision holds the blob. */
export interface TreeEntry {
  readonly path: string;
  readonly blobId: string;
  readonly modifiedAtMs: number;
  readonly bytes: () => Uint8Array;
}

export interface TreeDiff {
  readonly added: readonly string[];
  readonly modified: readonly string[];
  readonly removed: readonly string[];
}

/** Columns of equal length. Texts are joined: one long string decodes ten times faster than a thousand short ones. */
interface TreeIndex {
  readonly paths: readonly string[];
  readonly blobIds: readonly string[];
  readonly segments: Uint32Array;
  readonly offsets: Uint32Array;
  readonly lengths: Uint32Array;
  readonly modifiedAtMs: Float64Array;
}

/** What is packed: texts joined by NUL, numbers as they lie in memory (image and reader are in one process). */
type PackedIndex = readonly [paths: string, blobIds: string, segments: Uint8Array, offsets: Uint8Array, lengths: Uint8Array, modifiedAtMs: Uint8Array];

interface Place {
  readonly segment: number;
  readonly offset: number;
  readonly length: number;
}

/** Above, segments are merged: each is a handle that every thread holds. */
const segmentsMax = 64;

const packr = new Packr({ useRecords: false });
const encoder = new TextEncoder();

/** Decodes the index (about 0.3 ms for a thousand files): callers keep the result. */
export function openTree(image: TreeImage): ListedTree {
  const index = readIndex(image);
  const views = image.segments.map((segment) => new Uint8Array(segment));
  const positions = new Map<string, number>();
  for (const [position, path] of index.paths.entries()) positions.set(path, position);
  let directories: readonly string[] | null = null;
  let directorySet: ReadonlySet<string> | null = null;
  const knownDirectories = (): ReadonlySet<string> => (directorySet ??= directoriesOf(index.paths));
  return {
    id: image.id,
    revision: image.revision,
    file: (path) => {
      const position = positions.get(path);
      return position === undefined ? null : fileAt(index, views, position);
    },
    hasDirectory: (path) => path === '' || knownDirectories().has(path),
    directories: () => (directories ??= inByteOrder(knownDirectories())),
    paths: () => index.paths,
  };
}

/**
 * The image of a revision. Blobs of `previous` are reused by id. When more than half of the bytes would be dead, or the
 * segments too many, everything alive is copied into one new segment.
 */
export function buildTree(previous: TreeImage | null, files: Iterable<TreeEntry>, id: string, revision: string): TreeImage {
  const old = previous === null ? null : readIndex(previous);
  const known = old === null ? new Map<string, Place>() : placesOf(old);
  const entries = [...files];
  const fresh: Uint8Array[] = [];
  const freshSegment = previous?.segments.length ?? 0;
  let freshBytes = 0;
  const index = columnsFor(entries);
  for (const [position, file] of entries.entries()) {
    let place = known.get(file.blobId);
    if (place === undefined) {
      const bytes = file.bytes();
      place = { segment: freshSegment, offset: freshBytes, length: bytes.length };
      known.set(file.blobId, place);
      fresh.push(bytes);
      freshBytes += bytes.length;
    }
    index.segments[position] = place.segment;
    index.offsets[position] = place.offset;
    index.lengths[position] = place.length;
  }
  const segments = [...(previous?.segments ?? [])];
  if (freshBytes > 0) segments.push(joined(fresh, freshBytes));
  return finish(index, segments, id, revision);
}

/** The earliest time that the image has for each blob. */
export function blobTimes(image: TreeImage): Map<string, number> {
  const index = readIndex(image);
  const times = new Map<string, number>();
  for (const [position, blobId] of index.blobIds.entries()) {
    const time = index.modifiedAtMs[position]!;
    times.set(blobId, Math.min(time, times.get(blobId) ?? time));
  }
  return times;
}

/** Paths that differ between two revisions, by blob id. Null stands for an empty tree. */
export function diffTrees(before: ListedTree | null, after: ListedTree | null): TreeDiff {
  const added: string[] = [];
  const modified: string[] = [];
  const removed: string[] = [];
  for (const path of after?.paths() ?? []) {
    const old = before?.file(path) ?? null;
    if (old === null) added.push(path);
    else if (old.blobId !== after?.file(path)?.blobId) modified.push(path);
  }
  for (const path of before?.paths() ?? []) {
    if (after === null || after.file(path) === null) removed.push(path);
  }
  return { added, modified, removed };
}

function columnsFor(entries: readonly TreeEntry[]): TreeIndex {
  const count = entries.length;
  return {
    paths: entries.map((file) => file.path),
    blobIds: entries.map((file) => file.blobId),
    segments: new Uint32Array(count),
    offsets: new Uint32Array(count),
    lengths: new Uint32Array(count),
    modifiedAtMs: Float64Array.from(entries, (file) => file.modifiedAtMs),
  };
}

function finish(index: TreeIndex, segments: readonly SharedArrayBuffer[], id: string, revision: string): TreeImage {
  const liveBytes = liveBytesOf(index);
  const totalBytes = segments.reduce((sum, segment) => sum + segment.byteLength, 0);
  if (totalBytes > 2 * liveBytes || segments.length > segmentsMax) return compacted(index, segments, id, revision);
  return { id, revision, index: packIndex(index), segments, fileCount: index.paths.length, liveBytes, totalBytes };
}

/** Two files may share a blob: it counts once. */
function liveBytesOf(columns: TreeIndex): number {
  const seen = new Set<string>();
  let live = 0;
  for (const [position, blobId] of columns.blobIds.entries()) {
    if (seen.has(blobId)) continue;
    seen.add(blobId);
    live += columns.lengths[position]!;
  }
  return live;
}

function compacted(columns: TreeIndex, segments: readonly SharedArrayBuffer[], id: string, revision: string): TreeImage {
  const views = segments.map((segment) => new Uint8Array(segment));
  const moved = new Map<string, number>();
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  const offsets = Uint32Array.from(columns.blobIds, (blobId, position) => {
    const known = moved.get(blobId);
    if (known !== undefined) return known;
    const start = columns.offsets[position]!;
    const length = columns.lengths[position]!;
    const at = bytes;
    pieces.push(views[columns.segments[position]!]?.subarray(start, start + length) ?? new Uint8Array());
    moved.set(blobId, at);
    bytes += length;
    return at;
  });
  const index: TreeIndex = { ...columns, offsets, segments: new Uint32Array(columns.segments.length) };
  const merged = bytes === 0 ? [] : [joined(pieces, bytes)];
  return { id, revision, index: packIndex(index), segments: merged, fileCount: columns.paths.length, liveBytes: bytes, totalBytes: bytes };
}

function joined(pieces: readonly Uint8Array[], bytes: number): SharedArrayBuffer {
  const segment = new SharedArrayBuffer(bytes);
  const view = new Uint8Array(segment);
  let at = 0;
  for (const piece of pieces) {
    view.set(piece, at);
    at += piece.length;
  }
  assert(at === bytes, 'the pieces fill the segment');
  return segment;
}

function packIndex(index: TreeIndex): SharedArrayBuffer {
  const numbers = [index.segments, index.offsets, index.lengths, index.modifiedAtMs].map((column) => Buffer.from(column.buffer));
  const bytes = packr.pack([index.paths.join('\0'), index.blobIds.join('\0'), ...numbers]);
  return joined([bytes], bytes.length);
}

function readIndex(image: TreeImage): TreeIndex {
  // msgpackr reads strings with Buffer methods that refuse shared memory
  const [paths, blobIds, segments, offsets, lengths, modifiedAtMs] = packr.unpack(new Uint8Array(image.index).slice()) as PackedIndex;
  const split = (text: string): readonly string[] => (image.fileCount === 0 ? [] : text.split('\0'));
  return {
    paths: split(paths),
    blobIds: split(blobIds),
    segments: new Uint32Array(aligned(segments)),
    offsets: new Uint32Array(aligned(offsets)),
    lengths: new Uint32Array(aligned(lengths)),
    modifiedAtMs: new Float64Array(aligned(modifiedAtMs)),
  };
}

/** A copy at an address that suits any column. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

function placesOf(index: TreeIndex): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const [position, blobId] of index.blobIds.entries()) {
    if (places.has(blobId)) continue;
    places.set(blobId, { segment: index.segments[position]!, offset: index.offsets[position]!, length: index.lengths[position]! });
  }
  return places;
}

function fileAt(index: TreeIndex, views: readonly Uint8Array[], position: number): TreeFile {
  const offset = index.offsets[position]!;
  const length = index.lengths[position]!;
  const view = views[index.segments[position]!];
  return {
    path: index.paths[position]!,
    blobId: index.blobIds[position]!,
    modifiedAtMs: index.modifiedAtMs[position]!,
    // an empty file may belong to a segment that was never made
    bytes: () => (length === 0 || view === undefined ? new Uint8Array() : view.subarray(offset, offset + length)),
  };
}

function directoriesOf(paths: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const path of paths) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const directory = path.slice(0, end);
      if (found.has(directory)) break;
      found.add(directory);
    }
  }
  return found;
}

function inByteOrder(paths: ReadonlySet<string>): readonly string[] {
  const withBytes = [...paths].map((path) => ({ path, bytes: encoder.encode(path) }));
  return withBytes.sort((a, b) => compareBytes(a.bytes, b.bytes)).map(({ path }) => path);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    if (a[at] !== b[at]) return a[at]! - b[at]!;
  }
  return a.length - b.length;
}
