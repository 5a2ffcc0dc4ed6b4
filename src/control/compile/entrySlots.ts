// Which staleness cell an entry looks at: that of its repository, or one that several repositories share with nobody else.
//
//   key: the repositories, sorted, one a line       'composite.0.git https://…\ncomposite.1.native'
//   a held back answer has one member more          '…\nheld back'
//
// Only the primary gives cells out. A compile thread that meets an unknown key says so, and the primary writes the cell into the
// segment before anybody is served from it.

/** Stale for as long as answers are held back. No backend has this id. */
export const HELD_BACK = 'held back';

export interface UnplacedEntries {
  readonly key: string;
  /** Indexes in the segment. */
  readonly entries: readonly number[];
}

export function slotKey(repositories: Iterable<string>, heldBack: boolean): string {
  const members = [...new Set(repositories)].filter((member) => member !== HELD_BACK).toSorted();
  return [...members, ...(heldBack ? [HELD_BACK] : [])].join('\n');
}

export function slotMembers(key: string): readonly string[] {
  return key.split('\n');
}

/** Finds the slots of the entries of one segment. */
export class EntrySlots {
  private readonly slots: ReadonlyMap<string, number>;
  private readonly keys = new Map<number, string>();
  private readonly missing = new Map<string, number[]>();

  constructor(slots: ReadonlyMap<string, number>) {
    this.slots = slots;
    for (const [key, slot] of slots) this.keys.set(slot, key);
  }

  /** The slot of a new entry; 0 until the primary has found it one. */
  place(index: number, key: string): number {
    const slot = this.slots.get(key);
    if (slot !== undefined) return slot;
    const entries = this.missing.get(key);
    if (entries === undefined) this.missing.set(key, [index]);
    else entries.push(index);
    return 0;
  }

  /** The repositories of an entry that has the slot. */
  members(slot: number): readonly string[] {
    return slotMembers(this.keys.get(slot) ?? '').filter((member) => member !== '');
  }

  unplaced(): readonly UnplacedEntries[] {
    return [...this.missing].map(([key, entries]) => ({ key, entries }));
  }
}
