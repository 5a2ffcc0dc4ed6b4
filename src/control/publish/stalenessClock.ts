// Tells the workers how stale each repository is: 0 while it was confirmed within its limit, else seconds since.
import type { ControlBlock } from '../../cluster/controlBlock.ts';
import type { SourceStatus } from '../sources/source.ts';

export interface StalenessFacts {
  readonly slot: number;
  readonly status: SourceStatus;
  readonly maxStalenessMs: number;
}

const TICK_MS = 1_000;

/** `facts` is asked for once a second. Slots that several repositories share show the stalest. */
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

/** Whole seconds since the last confirmation, 0 within the limit. A source that was never confirmed has no age to tell. */
export function staleSeconds(fact: StalenessFacts, nowMs: number): number {
  const { lastSuccessAtMs } = fact.status;
  if (lastSuccessAtMs === null) return 0;
  const ageMs = nowMs - lastSuccessAtMs;
  return ageMs <= fact.maxStalenessMs ? 0 : Math.floor(ageMs / 1_000);
}
