// Git objects: their ids, and the three kinds that have a structure. (gitformat: objects)
import { createHash } from 'node:crypto';
import { Failure } from '../../../model/failure.ts';

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

export interface GitObject {
  readonly type: ObjectType;
  readonly data: Buffer;
}

export interface TreeItem {
  readonly kind: 'file' | 'directory' | 'link' | 'submodule';
  /** null when the name is no UTF-8. */
  readonly name: string | null;
  readonly id: string;
}

/** 40 lowercase hexadecimal digits. */
export function objectIdOf(type: ObjectType, data: Uint8Array): string {
  return createHash('sha1').update(`${type} ${data.length}\0`).update(data).digest('hex');
}

/** Throws SOURCE_DAMAGED. */
export function parseCommit(data: Buffer): { readonly tree: string; readonly committedAtMs: number } {
  const head = data.toString('latin1', 0, headEnd(data));
  const tree = /^tree ([0-9a-f]{40})$/m.exec(head)?.[1];
  const seconds = /^committer .*> (-?\d+) [+-]\d+$/m.exec(head)?.[1];
  if (tree === undefined || seconds === undefined) throw new Failure('SOURCE_DAMAGED', 'a commit object has no tree or committer');
  return { tree, committedAtMs: Number(seconds) * 1000 };
}

/** The object that an annotated tag points to. Throws SOURCE_DAMAGED. */
export function parseTag(data: Buffer): string {
  const target = /^object ([0-9a-f]{40})$/m.exec(data.toString('latin1', 0, headEnd(data)))?.[1];
  if (target === undefined) throw new Failure('SOURCE_DAMAGED', 'a tag object has no target');
  return target;
}

/** Throws SOURCE_DAMAGED. */
export function parseTree(data: Buffer): readonly TreeItem[] {
  const items: TreeItem[] = [];
  for (let at = 0; at < data.length;) {
    const space = data.indexOf(0x20, at);
    const zero = data.indexOf(0, space);
    if (space < 0 || zero < 0 || zero + 21 > data.length) throw new Failure('SOURCE_DAMAGED', 'a tree object is cut');
    items.push({
      kind: kindOf(data.toString('latin1', at, space)),
      name: decodeName(data.subarray(space + 1, zero)),
      id: data.toString('hex', zero + 1, zero + 21),
    });
    at = zero + 21;
  }
  return items;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeName(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function headEnd(data: Buffer): number {
  const end = data.indexOf('\n\n');
  return end < 0 ? data.length : end;
}

/** Modes that Git writes; old ones such as 100664 are files too. */
function kindOf(mode: string): TreeItem['kind'] {
  if (mode === '40000' || mode === '040000') return 'directory';
  if (mode === '120000') return 'link';
  if (mode === '160000') return 'submodule';
  return 'file';
}
