// What is tracked of every source: which labels, what they point to, and the trees in memory. One owner, one moment at a time.
import { Failure } from '../../model/failure.ts';
import { REPOSITORY_SLOTS } from '../../model/limits.ts';
import type { TreeImage } from '../../snapshot/treeImage.ts';
import type { ContentSnapshot, LabelChange, LabelContent, TrackedLabel } from '../compile/compileTask.ts';
import type { Source } from '../sources/source.ts';

export interface ContentRegistryOptions {
  /** Repositories of the settings, opened at start: their slots come first and stay the same from start to start. */
  readonly repositories: readonly string[];
  /** Makes the source of a repository; null when no settings entry fits the key. */
  readonly createSource: (repository: string) => Source | null;
  /** Started and polled once it exists. */
  readonly onSource: (source: Source) => void;
  /** Repositories made from uris with placeholders. */
  readonly repositoriesMax: number;
  readonly labelsMax: number;
  /** Several backends: one with broken content answers from its former content. */
  readonly keepsFormer: boolean;
}

export interface Refresh {
  readonly changes: readonly LabelChange[];
  /** All content as it would be after `commit` now: labels may be added before. */
  readonly content: () => ContentSnapshot;
  readonly commit: () => void;
}

interface Repository {
  readonly source: Source;
  readonly opened: Promise<void>;
}

/** Nothing here is on the read path: it is called for misses and after polls. */
export class ContentRegistry {
  private readonly repositories = new Map<string, Repository>();
  private readonly labels = new Map<string, TrackedLabel>();
  private readonly loading = new Map<string, Promise<void>>();
  private readonly trees = new Map<string, TreeImage>();
  private readonly slots = new Map<string, number>();
  private readonly options: ContentRegistryOptions;
  private snapshotNow: ContentSnapshot | null = null;
  /** Trees whose content failed an answer. */
  private readonly brokenTrees = new Set<string>();
  /** Labels that had to make room: entries made from them are not kept up to date any more and must go. */
  private readonly forgotten: LabelChange[] = [];

  /** Grows when a label moved: what was compiled before it grew is not of this epoch. */
  generation = 0;

  constructor(options: ContentRegistryOptions) {
    this.options = options;
    for (const repository of options.repositories) this.slotOf(repository);
  }

  /** The same object until something changes, so that a caller can see whether it did. */
  snapshot(): ContentSnapshot {
    this.snapshotNow ??= { labels: [...this.labels.values()], trees: [...this.trees.values()], slots: new Map(this.slots) };
    return this.snapshotNow;
  }

  sources(): readonly Source[] {
    return [...this.repositories.values()].map((repository) => repository.source);
  }

  /** Of a repository, or of a set of them (entrySlots.ts). */
  slotOf(repository: string): number {
    const known = this.slots.get(repository);
    if (known !== undefined) return known;
    const slot = this.slots.size;
    // the last one is for all that found no other, and as stale as the stalest of all
    if (slot === REPOSITORY_SLOTS - 1) return slot;
    this.slots.set(repository, slot);
    this.snapshotNow = null;
    return slot;
  }

  /** Makes the label's content part of the snapshot; waits for a first fetch where the source has none yet. Coalesced. */
  async ensure(repository: string, label: string): Promise<void> {
    const key = `${repository}\n${label}`;
    if (this.labels.has(key)) return;
    const running = this.loading.get(key);
    if (running !== undefined) return running;
    const loading = this.load(repository, label).finally(() => this.loading.delete(key));
    this.loading.set(key, loading);
    return loading;
  }

  /**
   * Looks again at what the tracked labels of these repositories point to. The registry itself shows the new content from
   * `commit` on, so that misses compiled meanwhile see one moment only.
   */
  async refresh(repositories: ReadonlySet<string>): Promise<Refresh> {
    const changes: LabelChange[] = [...this.forgotten];
    const next: TrackedLabel[] = [];
    const images: TreeImage[] = [];
    // a copy: labels come and go while this awaits
    for (const entry of Array.from(this.labels.values())) {
      const source = repositories.has(entry.repository) ? this.repositories.get(entry.repository)?.source : undefined;
      if (source === undefined) continue;
      const { content, tree } = await this.contentOf(source, entry.label);
      if (sameContent(content, entry.content) || isLossOf(entry.content, content)) continue;
      const from = entry.content.kind === 'tree' ? (this.trees.get(entry.content.treeId) ?? null) : null;
      changes.push({ repository: entry.repository, label: entry.label, from, to: tree });
      next.push({ repository: entry.repository, label: entry.label, content, formerTreeId: this.formerOf(entry) });
      if (tree !== null) images.push(tree);
    }
    const forgotten = this.forgotten.length;
    return {
      changes,
      content: () => this.preview(next, images),
      commit: () => {
        this.forgotten.splice(0, forgotten);
        this.replace(next, images);
      },
    };
  }

  /**
   * What the labels of an epoch from disk point to now, for those that changed since. The labels are
   * tracked from then on.
   */
  async changesSince(labels: readonly { readonly repository: string; readonly label: string; readonly treeId: string }[]): Promise<readonly LabelChange[]> {
    const changes: LabelChange[] = [];
    for (const { repository, label, treeId } of labels) {
      await this.ensure(repository, label);
      const content = this.labels.get(`${repository}\n${label}`)?.content;
      if (content?.kind === 'tree' && content.treeId === treeId) continue;
      const to = content?.kind === 'tree' ? (this.trees.get(content.treeId) ?? null) : null;
      changes.push({ repository, label, from: null, to });
    }
    return changes;
  }

  /** What these labels point to in `content` had to be replaced by what they pointed to before: that stays until it is whole. */
  noteBroken(content: ContentSnapshot, labels: readonly { readonly repository: string; readonly label: string }[]): void {
    for (const { repository, label } of labels) {
      const tracked = content.labels.find((entry) => entry.repository === repository && entry.label === label)?.content;
      if (tracked?.kind === 'tree') this.brokenTrees.add(tracked.treeId);
    }
  }

  /** Keys are repositories, and sets of them (entrySlots.ts). */
  slotKeys(): ReadonlyMap<string, number> {
    return this.slots;
  }

  async close(): Promise<void> {
    await Promise.all([...this.repositories.values()].map(({ source }) => source.close()));
  }

  /** Opens the source once; a failure to open is the source's state, not an exception. */
  open(repository: string): Repository | null {
    const known = this.repositories.get(repository);
    if (known !== undefined) return known;
    if (this.repositories.size >= this.options.repositories.length + this.options.repositoriesMax) return null;
    const source = this.options.createSource(repository);
    if (source === null) return null;
    const opened = source.open().then(() => this.options.onSource(source));
    const entry = { source, opened };
    this.repositories.set(repository, entry);
    this.slotOf(repository);
    return entry;
  }

  private async load(repository: string, label: string): Promise<void> {
    const entry = this.open(repository);
    if (entry === null) {
      this.track({ repository, label, content: { kind: 'unavailable', reason: 'server.limits.repositoriesMax is reached' }, formerTreeId: null });
      return;
    }
    await entry.opened;
    const { content, tree } = await this.contentOf(entry.source, label);
    if (tree !== null) this.trees.set(tree.id, tree);
    this.track({ repository, label, content, formerTreeId: null });
  }

  private async contentOf(source: Source, label: string): Promise<{ readonly content: LabelContent; readonly tree: TreeImage | null }> {
    const state = await source.resolve(label);
    if (state.kind !== 'revision') return { content: state, tree: null };
    try {
      const tree = await source.tree(state.revision);
      return { content: { kind: 'tree', treeId: tree.id }, tree };
    } catch (error) {
      if (error instanceof Failure) return { content: { kind: 'broken', reason: error.message }, tree: null };
      throw error;
    }
  }

  private track(entry: TrackedLabel): void {
    this.labels.set(`${entry.repository}\n${entry.label}`, entry);
    this.snapshotNow = null;
    if (this.labels.size <= this.options.labelsMax) return;
    const oldest = this.oldestLabel();
    const { repository, label } = this.labels.get(oldest)!;
    this.labels.delete(oldest);
    this.forgotten.push({ repository, label, from: null, to: null });
  }

  /** Labels that don't exist go first: they cost nothing to look up again. */
  private oldestLabel(): string {
    for (const [key, { content }] of this.labels) if (content.kind !== 'tree') return key;
    return this.labels.keys().next().value!;
  }

  private replace(next: readonly TrackedLabel[], images: readonly TreeImage[]): void {
    for (const image of images) this.trees.set(image.id, image);
    for (const entry of next) this.track(entry);
    const used = new Set([...this.labels.values()].flatMap(({ content, formerTreeId }) => [content.kind === 'tree' ? content.treeId : null, formerTreeId]));
    for (const id of this.trees.keys()) if (!used.has(id)) this.trees.delete(id);
    for (const id of this.brokenTrees) if (!used.has(id)) this.brokenTrees.delete(id);
    this.snapshotNow = null;
    this.generation += 1;
  }

  private formerOf({ content, formerTreeId }: TrackedLabel): string | null {
    if (!this.options.keepsFormer) return null;
    return content.kind === 'tree' && !this.brokenTrees.has(content.treeId) ? content.treeId : formerTreeId;
  }

  private preview(next: readonly TrackedLabel[], images: readonly TreeImage[]): ContentSnapshot {
    const labels = new Map(this.labels);
    for (const entry of next) labels.set(`${entry.repository}\n${entry.label}`, entry);
    const trees = new Map(this.trees);
    for (const image of images) trees.set(image.id, image);
    return { labels: [...labels.values()], trees: [...trees.values()], slots: new Map(this.slots) };
  }
}

/** A source that can't be read any more loses nothing: the last good content stays, its age is what health shows. */
function isLossOf(before: LabelContent, now: LabelContent): boolean {
  return before.kind === 'tree' && (now.kind === 'unavailable' || now.kind === 'broken');
}

function sameContent(a: LabelContent, b: LabelContent): boolean {
  if (a.kind === 'tree' && b.kind === 'tree') return a.treeId === b.treeId;
  return a.kind === b.kind;
}
