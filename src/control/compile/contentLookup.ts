// The ContentView of a compile thread: a ContentSnapshot, looked up by repository and label.
import type { ContentView, TreeLookup } from '../../model/contentView.ts';
import type { ContentSnapshot, LabelContent } from './compileTask.ts';
import type { ContentCache } from './contentCache.ts';

export class ContentLookup implements ContentView {
  private readonly labels = new Map<string, LabelContent>();
  private readonly snapshot: ContentSnapshot;
  private readonly cache: ContentCache;

  constructor(snapshot: ContentSnapshot, cache: ContentCache) {
    this.snapshot = snapshot;
    this.cache = cache;
    for (const { repository, label, content } of snapshot.labels) this.labels.set(labelKey(repository, label), content);
  }

  lookup(repository: string, label: string): TreeLookup {
    const content = this.labels.get(labelKey(repository, label));
    if (content === undefined) return { kind: 'pending' };
    if (content.kind !== 'tree') return content;
    const image = this.snapshot.trees.find((tree) => tree.id === content.treeId);
    if (image === undefined) return { kind: 'pending' };
    return { kind: 'tree', tree: this.cache.tree(image) };
  }
}

function labelKey(repository: string, label: string): string {
  return `${repository}\n${label}`;
}
