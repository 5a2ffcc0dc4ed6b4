// How long to wait before the next try: exponential with full jitter, as a function of values.

export interface BackoffLimits {
  /** Longest wait after the first failure. */
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * Milliseconds until the next try after `failures` (from 1) failures in a row; `random` is in [0, 1). Full jitter: any
 * wait up to the ceiling is as likely, so that many callers that failed together do not come back together.
 */
export function backoffMs(failures: number, limits: BackoffLimits, random: number): number {
  const exponent = Math.min(Math.max(failures, 1) - 1, 30);
  const ceiling = Math.min(limits.maxMs, limits.firstMs * 2 ** exponent);
  return Math.floor(random * ceiling);
}

/** An interval give or take a tenth, so that pollers that started together drift apart. */
export function jitteredMs(intervalMs: number, random: number): number {
  return Math.round(intervalMs * (0.9 + 0.2 * random));
}
