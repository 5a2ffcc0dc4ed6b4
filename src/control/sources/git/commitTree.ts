// The files of a commit, as entries for a tree image: links within the repository resolved, everything else that is no file left out.
import { posix } from 'node:path';
import type { TreeEntry } from '../../../snapshot/treeImage.ts';
import { TreeBudget, type TreeLimits } from '../treeLimits.ts';
import { parseCommit, parseTree } from './gitObject.ts';
import type { ObjectStore } from './objectStore.ts';

export interface CommitTree {
  readonly entries: readonly TreeEntry[];
  readonly notices: readonly string[];
}

const linkDepthMax = 8;
const noticesMax = 20;

/** `knownTimes`: when a blob was first seen; a new one has the time of this commit. Throws SOURCE_DAMAGED or LIMIT_EXCEEDED. */
export function readCommitTree(store: ObjectStore, commit: string, limits: TreeLimits, knownTimes: ReadonlyMap<string, number>): CommitTree {
  const { tree, committedAtMs } = parseCommit(store.read(commit).data);
  const walk = new TreeWalk(store, new TreeBudget(limits, `commit ${commit.slice(0, 12)}`));
  walk.enter(tree, '', 0);
  walk.resolveLinks();
  const entries: TreeEntry[] = [];
  for (const [path, blobId] of walk.files) {
    entries.push({ path, blobId, modifiedAtMs: knownTimes.get(blobId) ?? committedAtMs, bytes: () => walk.read(path, blobId) });
  }
  return { entries, notices: walk.notices };
}

class TreeWalk {
  readonly files = new Map<string, string>();
  readonly notices: string[] = [];
  private readonly links = new Map<string, string>();
  private readonly store: ObjectStore;
  private readonly budget: TreeBudget;

  constructor(store: ObjectStore, budget: TreeBudget) {
    this.store = store;
    this.budget = budget;
  }

  enter(treeId: string, prefix: string, depth: number): void {
    this.budget.enterDirectory(prefix, depth);
    for (const item of parseTree(this.store.read(treeId).data)) {
      if (!isSafeName(item.name)) {
        this.notice(`${prefix}${item.name ?? '(not UTF-8)'} has a name that is refused: skipped`);
        continue;
      }
      const path = prefix + item.name;
      if (item.kind === 'directory') this.enter(item.id, `${path}/`, depth + 1);
      else if (item.kind === 'file') this.add(path, item.id);
      else if (item.kind === 'link') this.links.set(path, item.id);
      else this.notice(`${path} is a submodule: skipped`);
    }
  }

  /** Links to files and to directories, also by way of other links, as long as they stay within the repository. */
  resolveLinks(): void {
    if (this.links.size === 0) return;
    const targets = new Map([...this.links].map(([path, blobId]) => [path, this.store.read(blobId).data.toString('utf8')]));
    const found: [string, string][] = [];
    for (const path of targets.keys()) {
      const target = resolveLink(path, targets, linkDepthMax);
      const blobId = target === null ? undefined : this.files.get(target);
      if (blobId !== undefined) found.push([path, blobId]);
      else if (target !== null && target !== '' && !path.startsWith(`${target}/`)) {
        for (const [file, id] of this.files) if (file.startsWith(`${target}/`)) found.push([path + file.slice(target.length), id]);
      } else this.notice(`${path} is a link that leads nowhere: skipped`);
    }
    for (const [path, blobId] of found) this.add(path, blobId);
  }

  read(path: string, blobId: string): Uint8Array {
    const { data } = this.store.read(blobId);
    this.budget.addBytes(path, data.length);
    return data;
  }

  private add(path: string, blobId: string): void {
    this.budget.addFile(path, 0);
    this.files.set(path, blobId);
  }

  private notice(text: string): void {
    if (this.notices.length < noticesMax) this.notices.push(text);
  }
}

/** The path that a link leads to, '' for the root; null when it leaves the repository or never ends. */
function resolveLink(path: string, targets: ReadonlyMap<string, string>, depth: number): string | null {
  const target = targets.get(path) ?? '';
  if (depth === 0 || target === '' || target.startsWith('/')) return null;
  const joined = posix.normalize(posix.join(posix.dirname(path), target)).replace(/\/$/, '');
  if (joined === '..' || joined.startsWith('../')) return null;
  if (joined === '.') return '';
  for (const [link] of targets) {
    if (joined !== link && !joined.startsWith(`${link}/`)) continue;
    const parent = resolveLink(link, targets, depth - 1);
    return parent === null ? null : posix.normalize(`${parent}${joined.slice(link.length)}`).replace(/^\//, '');
  }
  return joined;
}

/** What no checkout would write either, and what a path of ours must not hold. */
function isSafeName(name: string | null): name is string {
  if (name === null || name === '' || name === '.' || name === '..') return false;
  return name.toLowerCase() !== '.git' && !/[/\\\0]/.test(name);
}
