// Lets in so many subscribers a second, so that a fleet that comes back at once does not stop the reads.
export class Admission {
  private readonly perSecond: number;
  private tokens: number;
  private lastMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.perSecond = perSecond;
    this.tokens = perSecond;
    this.lastMs = nowMs;
  }

  /** 0: come in; else the seconds after which to try again. */
  retryAfterSeconds(nowMs: number, random: number): number {
    this.tokens = Math.min(this.perSecond, this.tokens + ((nowMs - this.lastMs) / 1_000) * this.perSecond);
    this.lastMs = nowMs;
    if (this.tokens >= 1) {
      this.tokens -= 1;
      return 0;
    }
    return 1 + Math.floor(random * 4);
  }
}
