// Requests of this worker that wait for an answer to be computed: one message to the primary per distinct entry.
import { entryName, type EntryRequest } from '../model/request.ts';
import type { Waiter } from './waiter.ts';

export interface Miss {
  readonly missId: number;
  readonly entry: EntryRequest;
  readonly waiters: Waiter[];
}

/** At `waitersMax` waiting requests `add` refuses; the caller answers 503. */
export class MissTable {
  private readonly byId = new Map<number, Miss>();
  private readonly byEntry = new Map<string, Miss>();
  private nextId = 1;
  private waiting = 0;
  private readonly waitersMax: number;

  constructor(waitersMax: number) {
    this.waitersMax = waitersMax;
  }

  get waiters(): number {
    return this.waiting;
  }

  /** 'asked': somebody waits for the same entry already. 'ask': send a miss message with this id. */
  add(entry: EntryRequest, waiter: Waiter): { readonly kind: 'ask'; readonly missId: number } | { readonly kind: 'asked' } | { readonly kind: 'full' } {
    if (this.waiting >= this.waitersMax) return { kind: 'full' };
    this.waiting += 1;
    const name = entryName(entry);
    const known = this.byEntry.get(name);
    if (known !== undefined) {
      known.waiters.push(waiter);
      return { kind: 'asked' };
    }
    const miss = { missId: this.nextId, entry, waiters: [waiter] };
    this.nextId += 1;
    this.byId.set(miss.missId, miss);
    this.byEntry.set(name, miss);
    return { kind: 'ask', missId: miss.missId };
  }

  /** Removes the miss; null when it was answered before. */
  take(missId: number): Miss | null {
    const miss = this.byId.get(missId);
    if (miss === undefined) return null;
    this.byId.delete(missId);
    this.byEntry.delete(entryName(miss.entry));
    this.waiting -= miss.waiters.length;
    return miss;
  }

  /** Removes the misses that were first asked for before `startedMs`. */
  olderThan(startedMs: number): readonly Miss[] {
    const old: Miss[] = [];
    for (const miss of this.byId.values()) {
      if (miss.waiters[0]!.sinceMs >= startedMs) break;
      old.push(miss);
    }
    return old.map((miss) => this.take(miss.missId)).filter((miss) => miss !== null);
  }
}
