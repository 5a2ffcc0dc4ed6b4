// What a bucket holds at one moment: every object below the prefix by its path, nothing read yet.
import { Failure } from '../../../model/failure.ts';
import { TreeBudget, type TreeLimits } from '../treeLimits.ts';
import type { ListedObject, ObjectClient } from './objectClient.ts';
import { objectPath } from './objectPath.ts';

const noticesMax = 20;

export interface BucketListing {
  readonly objects: ReadonlyMap<string, ListedObject>;
  /** Everything that a label may name. */
  readonly directories: ReadonlySet<string>;
  /** Requests that it took: what is on different pages may be of different moments. */
  readonly pages: number;
  readonly notices: readonly string[];
}

/** Throws a Failure, LIMIT_EXCEEDED among them. */
export async function listBucket(client: ObjectClient, prefix: string, limits: TreeLimits, signal: AbortSignal): Promise<BucketListing> {
  const objects = new Map<string, ListedObject>();
  const directories = new Set<string>();
  const notices: string[] = [];
  const budget = new TreeBudget(limits, 'the bucket');
  let pages = 0;
  for await (const page of client.list(prefix, signal)) {
    pages += 1;
    for (const object of page) {
      if (!object.key.startsWith(prefix)) throw new Failure('SOURCE_PROTOCOL', `${object.key} was listed, which is not below ${prefix}`);
      const place = objectPath(object.key.slice(prefix.length));
      if (place.kind === 'directory') continue;
      const problem = place.kind === 'refused' ? 'has a key that is no path' : object.isArchived ? 'is archived' : null;
      if (problem !== null && notices.length < noticesMax) notices.push(`${object.key} ${problem}: skipped`);
      if (problem !== null || place.kind === 'refused') continue;
      // sizes count where the object is read
      budget.addFile(place.path, 0);
      budget.enterDirectory(place.path, place.path.split('/').length - 1);
      objects.set(place.path, object);
      addDirectories(directories, place.path);
    }
  }
  return { objects, directories, pages, notices };
}

/** Whether nothing happened between the two. */
export function isSameListing(a: BucketListing, b: BucketListing): boolean {
  if (a.objects.size !== b.objects.size) return false;
  for (const [path, object] of a.objects) {
    const other = b.objects.get(path);
    if (other === undefined || objectStamp(other) !== objectStamp(object)) return false;
  }
  return true;
}

/** Equal texts mean the same version of an object: the time tells two versions with equal bytes. */
export function objectStamp({ etag, sizeBytes, modifiedAtMs }: ListedObject): string {
  return `${etag} ${sizeBytes} ${modifiedAtMs}`;
}

/** Whether a path is below a label; everything is below ''. */
export function isBelowLabel(path: string, label: string): boolean {
  return label === '' || path.startsWith(`${label}/`);
}

function addDirectories(directories: Set<string>, path: string): void {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const directory = path.slice(0, end);
    if (directories.has(directory)) return;
    directories.add(directory);
  }
}
