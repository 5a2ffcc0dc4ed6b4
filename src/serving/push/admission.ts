// Lets in so many subscribers a second, so that a fleet that comes back at once does not stop the reads. Those who are turned away are
// told when to come back, one after the other, at the rate at which they are let in.
const lineMaxMs = 30_000;

export class Admission {
  private readonly perSecond: number;
  /** So many may come in one moment after a quiet time. */
  private readonly burst: number;
  private tokens: number;
  private lastMs: number;
  /** When the last one who was turned away is due. */
  private lineMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.perSecond = perSecond;
    this.burst = Math.max(Math.min(perSecond, 100), perSecond / 10);
    this.tokens = this.burst;
    this.lastMs = nowMs;
    this.lineMs = nowMs;
  }

  /** 0: come in; else the milliseconds after which to try again. `random`: in [0, 1). */
  delayMs(nowMs: number, random: number): number {
    this.tokens = Math.min(this.burst, this.tokens + ((nowMs - this.lastMs) / 1_000) * this.perSecond);
    this.lastMs = nowMs;
    if (this.tokens >= 1) {
      this.tokens -= 1;
      return 0;
    }
    this.lineMs = Math.max(nowMs, this.lineMs) + 1_000 / this.perSecond;
    const delayMs = this.lineMs - nowMs;
    return delayMs <= lineMaxMs ? Math.ceil(delayMs) : lineMaxMs * (0.5 + random / 2);
  }
}
