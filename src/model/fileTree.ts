// A read-only tree of files at one revision: what resolution reads, whatever the source is.

export interface TreeFile {
  /** Segments joined by `/`, no leading slash. For the native source the absolute path without its first slash. */
  readonly path: string;
  /** Equal ids mean equal bytes: a Git blob id or a content hash. Caches key on it. */
  readonly blobId: string;
  readonly modifiedAtMs: number;
  /** The content; a view of shared memory, never written. */
  bytes(): Uint8Array;
}

export interface FileTree {
  /** Unique for source and revision. */
  readonly id: string;
  /** Commit id for Git, content hash for native. */
  readonly revision: string;
  file(path: string): TreeFile | null;
  hasDirectory(path: string): boolean;
  /** Every directory, in byte order of its path, without the root (''). */
  directories(): readonly string[];
}
