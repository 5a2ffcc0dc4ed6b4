// Drives the polls of one source: an interval with jitter, back-off after failures, hints and triggers, never two at once.
//
// What a timer waits for, weakest first: `interval`, `relay` (another server says that there is something), `soon` (a hint, a webhook).
// A stronger one takes the timer over; one of the same kind joins.
import { backoffMs, jitteredMs } from '../../base/backoff.ts';
import type { PollResult, Source } from './source.ts';

export interface PollerOptions {
  readonly intervalMs: number;
  /** A poll that takes longer counts as failed in the schedule; the source ends it by its own time-out. */
  readonly timeoutMs: number;
  /** `isRelayed`: nobody but another server asked for this poll. */
  readonly onPoll: (source: Source, result: PollResult, isRelayed: boolean) => void;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Hints come in bursts: one save may be ten events. */
const hintDelayMs = 25;
const firstBackoffMs = 1_000;

interface Relay {
  readonly delayMs: number;
  /** Asked when the poll would start: what was announced may be here by then. */
  readonly isNeeded: () => boolean;
}

export class SourcePoller {
  private readonly source: Source;
  private readonly options: PollerOptions;
  private timer: NodeJS.Timeout | null = null;
  private waitsFor: 'nothing' | 'interval' | 'relay' | 'soon' = 'nothing';
  private relay: Relay | null = null;
  private failures = 0;
  private retryAfterMs: number | null = null;
  private running: Promise<void> | null = null;
  private isAskedAgain = false;
  /** Asked for during a poll: another one so long after it. */
  private soonAfterMs: number | null = null;
  private isStopped = false;

  constructor(source: Source, options: PollerOptions) {
    this.source = source;
    this.options = options;
  }

  /** After `open`. The first poll is at once: content from disk may be old. */
  start(): void {
    this.source.onHint(() => this.soon(hintDelayMs));
    void this.trigger();
  }

  /** Polls now; during a poll once more after it, however often it is called. Resolves when that poll is done. */
  trigger(): Promise<void> {
    return this.run(false);
  }

  /** Polls once within the delay for all who ask until then: it is not postponed. During a poll: the delay after it. */
  soon(delayMs: number): void {
    if (this.isStopped || this.waitsFor === 'soon') return;
    if (this.running === null) this.wait(delayMs, 'soon');
    else this.soonAfterMs ??= delayMs;
  }

  /** Polls after the delay if it is needed still. A poll that started after this call makes it needless, whatever it brings. */
  relayed(delayMs: number, isNeeded: () => boolean): void {
    if (this.isStopped) return;
    this.relay = { delayMs, isNeeded };
    if (this.running === null && this.waitsFor === 'interval') this.wait(delayMs, 'relay');
  }

  /** No poll starts afterwards; resolves when the running one is done. The source stays open. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.clearTimer();
    await this.running;
  }

  private run(isRelayed: boolean): Promise<void> {
    if (this.isStopped) return Promise.resolve();
    if (this.running === null) {
      this.clearTimer();
      this.running = this.pollAndSchedule(isRelayed);
      return this.running;
    }
    this.isAskedAgain = true;
    return this.running;
  }

  private async pollAndSchedule(isRelayed: boolean): Promise<void> {
    try {
      await this.pollOnce(isRelayed);
      while (this.isAskedAgain && !this.isStopped) await this.pollOnce(false);
    } finally {
      this.running = null;
      if (!this.isStopped) this.waitForNext();
    }
  }

  private async pollOnce(isRelayed: boolean): Promise<void> {
    this.isAskedAgain = false;
    this.soonAfterMs = null;
    this.relay = null;
    const result = await this.withTimeout(this.source.poll());
    this.retryAfterMs = result.retryAfterMs ?? null;
    if (this.retryAfterMs === null) this.failures = result.problem === null ? 0 : this.failures + 1;
    if (!this.isStopped) this.options.onPoll(this.source, result, isRelayed);
  }

  private async withTimeout(poll: Promise<PollResult>): Promise<PollResult> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<PollResult>((resolve) => {
      const problem = { code: 'SOURCE_TIMEOUT', message: `the poll took longer than ${this.options.timeoutMs} ms` } as const;
      timer = setTimeout(() => resolve({ problem, movedLabels: [] }), this.options.timeoutMs);
    });
    try {
      return await Promise.race([poll, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** After a failure the wait grows from a second to the interval: a short outage is not felt for a whole interval. */
  private nextDelayMs(): number {
    const { intervalMs, random } = this.options;
    // Not all that wait for one host come back in the same moment.
    if (this.retryAfterMs !== null) return this.retryAfterMs + backoffMs(1, { firstMs: firstBackoffMs, maxMs: this.retryAfterMs }, random());
    if (this.failures === 0) return jitteredMs(intervalMs, random());
    return backoffMs(this.failures, { firstMs: Math.min(firstBackoffMs, intervalMs), maxMs: Math.max(intervalMs, firstBackoffMs) }, random());
  }

  private waitForNext(): void {
    if (this.soonAfterMs !== null) this.wait(this.soonAfterMs, 'soon');
    else if (this.relay?.isNeeded() === true) this.wait(this.relay.delayMs, 'relay');
    else this.wait(this.nextDelayMs(), 'interval');
  }

  private wait(delayMs: number, waitsFor: 'interval' | 'relay' | 'soon'): void {
    this.clearTimer();
    this.waitsFor = waitsFor;
    this.timer = setTimeout(() => {
      this.clearTimer();
      if (waitsFor === 'relay' && this.relay?.isNeeded() !== true) this.wait(this.nextDelayMs(), 'interval');
      else void this.run(waitsFor === 'relay');
    }, delayMs);
  }

  private clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.waitsFor = 'nothing';
  }
}
