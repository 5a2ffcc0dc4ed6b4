// Tells the workers how stale each cell is, and what follows: 0 while all of its sources were confirmed within their limits.
import type { ControlBlock } from '../../cluster/controlBlock.ts';
import { stalenessCell, stalePolicies, type StalePolicy } from '../../model/staleness.ts';

export interface StalenessFacts {
  readonly slot: number;
  /** Of one source of the cell; null when never. */
  readonly confirmedAtMs: number | null;
  readonly maxStalenessMs: number;
  readonly onStale: StalePolicy;
}

const TICK_MS = 1_000;

/** `facts` is asked for once a second. */
export class StalenessClock {
  private readonly timer: NodeJS.Timeout;

  constructor(controlBlock: ControlBlock, facts: () => readonly StalenessFacts[], nowMs: () => number) {
    this.timer = setInterval(() => {
      for (const [slot, cell] of stalenessCells(facts(), nowMs())) controlBlock.setStaleness(slot, cell);
    }, TICK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

/** Cells of several sources show the age of the stalest, and the severest policy of those that are stale. */
export function stalenessCells(facts: readonly StalenessFacts[], nowMs: number): ReadonlyMap<number, number> {
  const worst = new Map<number, { readonly seconds: number; readonly policy: number }>();
  for (const fact of facts) {
    const seconds = staleSeconds(fact, nowMs);
    const known = worst.get(fact.slot) ?? { seconds: 0, policy: 0 };
    const policy = seconds === 0 ? 0 : stalePolicies.indexOf(fact.onStale);
    worst.set(fact.slot, { seconds: Math.max(known.seconds, seconds), policy: Math.max(known.policy, policy) });
  }
  return new Map([...worst].map(([slot, { seconds, policy }]) => [slot, stalenessCell(seconds, stalePolicies[policy]!)]));
}

/** Whole seconds since the last confirmation, at least 1; 0 within the limit. A source that was never confirmed has no age to tell. */
export function staleSeconds({ confirmedAtMs, maxStalenessMs }: Pick<StalenessFacts, 'confirmedAtMs' | 'maxStalenessMs'>, nowMs: number): number {
  if (confirmedAtMs === null) return 0;
  const ageMs = nowMs - confirmedAtMs;
  return ageMs <= maxStalenessMs ? 0 : Math.max(1, Math.floor(ageMs / 1_000));
}
