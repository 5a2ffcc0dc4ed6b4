// The ContentView of a compile thread: a ContentSnapshot, looked up by repository and label.
import type { ContentView, TreeLookup } from '../../model/contentView.ts';
import type { FileTree } from '../../model/fileTree.ts';
import type { ContentSnapshot, LabelContent } from './compileTask.ts';
import type { ContentCache } from './contentCache.ts';

export class ContentLookup implements ContentView {
  private readonly labels = new Map<string, LabelContent>();
  private readonly formerTrees = new Map<string, string>();
  private readonly snapshot: ContentSnapshot;
  private readonly cache: ContentCache;

  constructor(snapshot: ContentSnapshot, cache: ContentCache) {
    this.snapshot = snapshot;
    this.cache = cache;
    for (const { repository, label, content, formerTreeId } of snapshot.labels) {
      this.labels.set(labelKey(repository, label), content);
      if (formerTreeId !== null) this.formerTrees.set(labelKey(repository, label), formerTreeId);
    }
  }

  lookup(repository: string, label: string): TreeLookup {
    const content = this.labels.get(labelKey(repository, label));
    if (content === undefined) return { kind: 'pending' };
    if (content.kind !== 'tree') return content;
    const tree = this.tree(content.treeId);
    return tree === null ? { kind: 'pending' } : { kind: 'tree', tree };
  }

  former(repository: string, label: string): FileTree | null {
    const treeId = this.formerTrees.get(labelKey(repository, label));
    return treeId === undefined ? null : this.tree(treeId);
  }

  private tree(id: string): FileTree | null {
    const image = this.snapshot.trees.find((tree) => tree.id === id);
    return image === undefined ? null : this.cache.tree(image);
  }
}

function labelKey(repository: string, label: string): string {
  return `${repository}\n${label}`;
}
