// From the objects that were read to trees: one image holds the bytes, the image of each label shares them.
import { createHash } from 'node:crypto';
import { buildTree, type TreeEntry, type TreeImage } from '../../../snapshot/treeImage.ts';
import { isBelowLabel } from './bucketListing.ts';

/** An object whose bytes are in the pool, or in `bytes` until they are. */
export interface KnownObject {
  /** objectStamp of what was listed. */
  readonly stamp: string;
  readonly blobId: string;
  readonly modifiedAtMs: number;
  readonly bytes: Uint8Array | null;
}

export interface BucketTrees {
  /** Everything below any of the labels, by path in the bucket. */
  readonly pool: TreeImage;
  readonly byLabel: ReadonlyMap<string, TreeImage>;
}

/** Labels whose content is that of `before` keep their image. `objects` in any order. */
export function bucketTrees(repository: string, objects: ReadonlyMap<string, KnownObject>, labels: readonly string[], before: BucketTrees | null): BucketTrees {
  const sorted = [...objects].sort(([a], [b]) => (a < b ? -1 : 1));
  const poolRevision = revisionOf('', sorted);
  const pool =
    before?.pool.revision === poolRevision
      ? before.pool
      : buildTree(before?.pool ?? null, entriesOf(sorted, ''), `${repository}  ${poolRevision}`, poolRevision);
  const byLabel = new Map<string, TreeImage>();
  for (const label of labels) {
    const below = label === '' ? sorted : sorted.filter(([path]) => isBelowLabel(path, label));
    const revision = label === '' ? poolRevision : revisionOf(label, below);
    const known = before?.byLabel.get(label);
    if (known?.revision === revision) byLabel.set(label, known);
    // when everything is asked for, the pool is it
    else if (label === '') byLabel.set(label, pool);
    else byLabel.set(label, buildTree(pool, entriesOf(below, `${label}/`), `${repository} ${label} ${revision}`, revision));
  }
  return { pool, byLabel };
}

/** Of paths, bytes and versions: an object that was written again with the same bytes moves nothing where there are no versions. */
function revisionOf(label: string, objects: readonly (readonly [string, KnownObject])[]): string {
  const hash = createHash('sha256').update(`${label}\0`);
  for (const [path, { blobId }] of objects) hash.update(`${blobId} ${path}\0`);
  return hash.digest('hex').slice(0, 40);
}

function* entriesOf(objects: readonly (readonly [string, KnownObject])[], prefix: string): Generator<TreeEntry> {
  for (const [path, { blobId, modifiedAtMs, bytes }] of objects) {
    yield {
      path: path.slice(prefix.length),
      blobId,
      modifiedAtMs,
      bytes: () => {
        if (bytes === null) throw new Error(`assertion failed: the bytes of ${path} are in the pool`);
        return bytes;
      },
    };
  }
}
