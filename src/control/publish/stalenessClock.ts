// Tells the workers how stale each cell is: 0 while all of its sources were confirmed within their limits, else seconds since.
import type { ControlBlock } from '../../cluster/controlBlock.ts';

export interface StalenessFacts {
  readonly slot: number;
  /** Of one source of the cell; null when never. */
  readonly confirmedAtMs: number | null;
  readonly maxStalenessMs: number;
}

const TICK_MS = 1_000;

/** `facts` is asked for once a second. Cells of several sources show the stalest. */
export class StalenessClock {
  private readonly timer: NodeJS.Timeout;

  constructor(controlBlock: ControlBlock, facts: () => readonly StalenessFacts[], nowMs: () => number) {
    this.timer = setInterval(() => {
      const seconds = new Map<number, number>();
      for (const fact of facts()) seconds.set(fact.slot, Math.max(seconds.get(fact.slot) ?? 0, staleSeconds(fact, nowMs())));
      for (const [slot, stale] of seconds) controlBlock.setStaleSeconds(slot, stale);
    }, TICK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

/** Whole seconds since the last confirmation, at least 1; 0 within the limit. A source that was never confirmed has no age to tell. */
export function staleSeconds({ confirmedAtMs, maxStalenessMs }: StalenessFacts, nowMs: number): number {
  if (confirmedAtMs === null) return 0;
  const ageMs = nowMs - confirmedAtMs;
  return ageMs <= maxStalenessMs ? 0 : Math.max(1, Math.floor(ageMs / 1_000));
}
