// Drives the polls of one source: an interval with jitter, back-off after failures, hints and triggers, never two at once.
import { backoffMs, jitteredMs } from '../../base/backoff.ts';
import type { PollResult, Source } from './source.ts';

export interface PollerOptions {
  readonly intervalMs: number;
  /** A poll that takes longer counts as failed in the schedule; the source ends it by its own time-out. */
  readonly timeoutMs: number;
  readonly onPoll: (source: Source, result: PollResult) => void;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Hints come in bursts: one save may be ten events. */
const hintDelayMs = 25;
const firstBackoffMs = 1_000;

export class SourcePoller {
  private readonly source: Source;
  private readonly options: PollerOptions;
  private timer: NodeJS.Timeout | null = null;
  private isHintPending = false;
  private failures = 0;
  private retryAfterMs: number | null = null;
  private running: Promise<void> | null = null;
  private isAskedAgain = false;
  private isStopped = false;

  constructor(source: Source, options: PollerOptions) {
    this.source = source;
    this.options = options;
  }

  /** After `open`. The first poll is at once: content from disk may be old. */
  start(): void {
    this.source.onHint(() => this.hint());
    void this.trigger();
  }

  /** Polls now; during a poll once more after it, however often it is called. Resolves when that poll is done. */
  trigger(): Promise<void> {
    if (this.isStopped) return Promise.resolve();
    if (this.running === null) {
      this.clearTimer();
      this.running = this.pollAndSchedule();
      return this.running;
    }
    this.isAskedAgain = true;
    return this.running;
  }

  /** No poll starts afterwards; resolves when the running one is done. The source stays open. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.clearTimer();
    await this.running;
  }

  private async pollAndSchedule(): Promise<void> {
    try {
      do {
        this.isAskedAgain = false;
        await this.pollOnce();
      } while (this.isAskedAgain && !this.isStopped);
    } finally {
      this.running = null;
      if (!this.isStopped) this.schedule(this.nextDelayMs());
    }
  }

  private async pollOnce(): Promise<void> {
    const result = await this.withTimeout(this.source.poll());
    this.retryAfterMs = result.retryAfterMs ?? null;
    if (this.retryAfterMs === null) this.failures = result.problem === null ? 0 : this.failures + 1;
    if (!this.isStopped) this.options.onPoll(this.source, result);
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

  /** A hint cuts the wait short; further hints do not postpone the poll. */
  private hint(): void {
    if (this.isStopped || this.isHintPending) return;
    if (this.running !== null) {
      this.isAskedAgain = true;
      return;
    }
    this.clearTimer();
    this.isHintPending = true;
    this.schedule(hintDelayMs);
  }

  private schedule(delayMs: number): void {
    this.timer = setTimeout(() => {
      this.clearTimer();
      void this.trigger();
    }, delayMs);
  }

  private clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.isHintPending = false;
  }
}
