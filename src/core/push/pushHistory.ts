// The recent changes of every entry, so that a subscriber who was away gets what it missed and no more.
import type { EntryChange } from '../../model/push.ts';
import { mergeKeyChanges } from './keyChanges.ts';

export interface HistoryLimits {
  /** Changes of one entry. */
  readonly perEntry: number;
  /** Changed keys of all entries together. */
  readonly keysMax: number;
}

/** Entries that changed longest ago are forgotten first. */
export class PushHistory {
  private readonly limits: HistoryLimits;
  private readonly entries = new Map<string, EntryChange[]>();
  private keys = 0;

  constructor(limits: HistoryLimits) {
    this.limits = limits;
  }

  add(change: EntryChange): void {
    const steps = this.entries.get(change.key) ?? [];
    this.entries.delete(change.key);
    // A gap (an epoch that was made without the entry) makes what was before useless.
    if (steps.length > 0 && steps.at(-1)!.to.hash !== change.from.hash) this.drop(steps, steps.length);
    steps.push(change);
    this.keys += weight(change);
    if (steps.length > this.limits.perEntry) this.drop(steps, 1);
    this.entries.set(change.key, steps);
    for (const [key, oldest] of this.entries) {
      if (this.keys <= this.limits.keysMax) break;
      this.drop(oldest, oldest.length);
      this.entries.delete(key);
    }
  }

  /** From a content hash to another as one change; null when it is not known how. The newest way is taken where content came back. */
  between(key: string, fromHash: string, toHash: string): EntryChange | null {
    const steps = this.entries.get(key) ?? [];
    const last = steps.findLastIndex((step) => step.to.hash === toHash);
    const first = steps.slice(0, last + 1).findLastIndex((step) => step.from.hash === fromHash);
    if (first < 0) return null;
    const way = steps.slice(first, last + 1);
    const { from } = way[0]!;
    const { to, source } = way.at(-1)!;
    return { key, from, to, source, changes: mergeKeyChanges(way.map((step) => step.changes)) };
  }

  /** The content at a revision; null when it is not known. */
  hashAt(key: string, revision: string): string | null {
    const steps = this.entries.get(key) ?? [];
    return steps.findLast((step) => step.to.revision === revision)?.to.hash ?? steps.find((step) => step.from.revision === revision)?.from.hash ?? null;
  }

  /** Everything, oldest first: for a thread that starts now. */
  all(): readonly EntryChange[] {
    return [...this.entries.values()].flat();
  }

  private drop(steps: EntryChange[], count: number): void {
    for (const step of steps.splice(0, count)) this.keys -= weight(step);
  }
}

/** A change costs something even when it has no keys. */
function weight(change: EntryChange): number {
  return change.changes.length + 1;
}
