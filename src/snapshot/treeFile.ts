// A tree image on disk: the last good content of a source that has no copy of its own, for a restart while it is away.
import { Packr } from 'msgpackr/pack';
import { readDigestFile, writeDigestFile } from './digestFile.ts';
import { openTree, type TreeImage } from './treeImage.ts';

const FILE_FORMAT = 1;

interface Envelope extends Omit<TreeImage, 'index' | 'segments'> {
  readonly format: number;
  readonly index: Uint8Array;
  readonly segments: readonly Uint8Array[];
}

const packr = new Packr({ useRecords: false });

/** Rejects with the system's error; the file of before is then untouched. */
export function writeTreeFile(path: string, image: TreeImage): Promise<void> {
  const segments = image.segments.map((segment) => new Uint8Array(segment));
  return writeDigestFile(path, packr.pack({ format: FILE_FORMAT, ...image, index: new Uint8Array(image.index), segments } satisfies Envelope));
}

/** null when there is none, or it is damaged. */
export async function readTreeFile(path: string): Promise<TreeImage | null> {
  const content = await readDigestFile(path);
  if (typeof content === 'string') return null;
  const { format, ...envelope } = packr.unpack(content) as Envelope;
  if (format !== FILE_FORMAT) return null;
  const image = { ...envelope, index: shared(envelope.index), segments: envelope.segments.map(shared) };
  openTree(image);
  return image;
}

function shared(bytes: Uint8Array): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(bytes.length);
  new Uint8Array(memory).set(bytes);
  return memory;
}
