// Runs in the Git thread: carries out tasks and keeps the repositories open between them.
import { join } from 'node:path';
import { Failure } from '../../../model/failure.ts';
import { blobTimes, buildTree } from '../../../snapshot/treeImage.ts';
import { problemOf } from '../sourceProgress.ts';
import { readCommitTree } from './commitTree.ts';
import { makeMirror, updateMirror } from './fetchMirror.ts';
import { parseTag } from './gitObject.ts';
import type { GitOutcome, GitPlace, GitRefs, GitTask } from './gitTask.ts';
import { confirmedAtMs, removeLeftovers } from './mirrorFiles.ts';
import { ObjectStore } from './objectStore.ts';
import { findGitDirectory, readRefFiles } from './refFiles.ts';

type Task<Kind extends GitTask['kind']> = GitTask & { readonly kind: Kind };

const tagDepthMax = 16;

export class GitThreadTasks {
  private readonly stores = new Map<string, ObjectStore>();

  /** Never rejects because of the world: an outcome of kind `failed` says what happened. */
  async run(task: GitTask): Promise<GitOutcome> {
    try {
      return await this.dispatch(task);
    } catch (error) {
      return { kind: 'failed', problem: problemOf(systemFailure(error)) };
    }
  }

  private async dispatch(task: GitTask): Promise<GitOutcome> {
    switch (task.kind) {
      case 'open':
        return this.open(task);
      case 'fetch':
        return this.fetch(task);
      case 'find':
        return { kind: 'found', commit: this.find(task) };
      case 'tree':
        return this.tree(task);
      case 'close':
        this.forget(task.place.directory);
        return { kind: 'closed' };
    }
  }

  private open(task: Task<'open'>): GitOutcome {
    if (task.place.kind === 'local') return this.readLocal(task.place, task.objectBytesMax);
    const { directory } = task.place;
    removeLeftovers(directory, task.nowMs);
    const confirmed = confirmedAtMs(directory);
    if (confirmed === null) return { kind: 'absent' };
    this.forget(directory);
    const store = this.store(directory, task.objectBytesMax);
    store.verify();
    return { kind: 'refs', refs: this.refsOf(directory, store), confirmedAtMs: confirmed };
  }

  private async fetch(task: Task<'fetch'>): Promise<GitOutcome> {
    if (task.place.kind === 'local') return this.readLocal(task.place, task.objectBytesMax);
    const { directory } = task.place;
    const isThere = confirmedAtMs(directory) !== null;
    if (isThere && !task.isRebuild) await updateMirror(directory, this.store(directory, task.objectBytesMax), task);
    else await makeMirror(directory, task);
    if (!isThere || task.isRebuild) this.forget(directory);
    return { kind: 'refs', refs: this.refsOf(directory, this.store(directory, task.objectBytesMax)), confirmedAtMs: task.nowMs };
  }

  private find(task: Task<'find'>): string | null {
    const store = this.store(this.objectsOwner(task.place), task.objectBytesMax);
    if (task.id.length === 40) return store.has(task.id) ? commitOf(store, task.id) : null;
    const commits = new Set(
      store
        .findPrefix(task.id, 64)
        .map((id) => commitOf(store, id))
        .filter((id) => id !== null),
    );
    return commits.size === 1 ? [...commits][0]! : null;
  }

  private tree(task: Task<'tree'>): GitOutcome {
    const store = this.store(this.objectsOwner(task.place), task.objectBytesMax);
    const times = task.previous === null ? new Map<string, number>() : blobTimes(task.previous);
    const { entries, notices } = readCommitTree(store, task.commit, task.limits, times);
    const image = buildTree(task.previous, entries, `${task.repository} ${task.commit}`, task.commit);
    if (image.liveBytes > task.limits.treeBytesMax)
      throw new Failure('LIMIT_EXCEEDED', `commit ${task.commit.slice(0, 12)} has more than ${task.limits.treeBytesMax} bytes`);
    return { kind: 'tree', image, notices };
  }

  private readLocal(place: GitPlace & { readonly kind: 'local' }, objectBytesMax: number): GitOutcome {
    const found = findGitDirectory(place.directory, place.isFileUri);
    if ('problem' in found) return { kind: 'noRepository', ...found };
    const store = this.store(found.gitDirectory, objectBytesMax);
    store.rescan();
    return { kind: 'refs', refs: this.refsOf(found.gitDirectory, store), confirmedAtMs: null };
  }

  /** Throws SOURCE_DAMAGED when a ref names what is not there. */
  private refsOf(gitDirectory: string, store: ObjectStore): GitRefs {
    const files = readRefFiles(gitDirectory);
    const refs = new Map<string, string>();
    for (const [name, id] of files.refs) {
      const commit = name.startsWith('refs/tags/') ? commitOf(store, id) : id;
      if (commit === null) continue;
      if (!store.has(commit)) throw new Failure('SOURCE_DAMAGED', `${name} points to ${commit}, which is missing`);
      refs.set(name, commit);
    }
    const head = files.headId ?? (files.headBranch === null ? undefined : refs.get(files.headBranch));
    if (head !== undefined) refs.set('HEAD', head);
    return refs;
  }

  private objectsOwner(place: GitPlace): string {
    if (place.kind === 'mirror') return place.directory;
    const found = findGitDirectory(place.directory, place.isFileUri);
    if ('problem' in found) throw new Failure('REPOSITORY_BROKEN', found.problem);
    return found.gitDirectory;
  }

  private store(gitDirectory: string, objectBytesMax: number): ObjectStore {
    let store = this.stores.get(gitDirectory);
    if (store === undefined) {
      store = new ObjectStore(join(gitDirectory, 'objects'), objectBytesMax);
      this.stores.set(gitDirectory, store);
    }
    return store;
  }

  private forget(directory: string): void {
    for (const key of [directory, join(directory, '.git')]) {
      this.stores.get(key)?.close();
      this.stores.delete(key);
    }
  }
}

/** The commit that an object is or, as a tag, names; null for anything else. */
function commitOf(store: ObjectStore, id: string): string | null {
  let at = id;
  for (let depth = 0; depth < tagDepthMax; depth += 1) {
    const object = store.read(at);
    if (object.type === 'commit') return at;
    if (object.type !== 'tag') return null;
    at = parseTag(object.data);
  }
  return null;
}

/** Errors of the file system (disk full, no permission) are the world's doing, too. */
function systemFailure(error: unknown): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (error instanceof Failure || code === undefined || syscall === undefined) return error;
  return new Failure('SOURCE_UNREADABLE', `the mirror cannot be read or written: ${message}`, { cause: error });
}
