// Random values from a seed, the same on every machine: so that a failure can be repeated.

export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** In [0, 1). (mulberry32) */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** From 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  /** Up to `most` values of `make`. */
  some<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }
}

/** VORTEX_FUZZ_SEED repeats one run, VORTEX_FUZZ_SECONDS makes it longer than in CI. */
export function fuzzPlan(seeds: readonly number[], secondsInCi: number): { readonly seeds: readonly number[]; readonly seconds: number } {
  const { VORTEX_FUZZ_SEED: seed, VORTEX_FUZZ_SECONDS: seconds } = process.env;
  const wanted = seconds === undefined ? secondsInCi : Number(seconds);
  if (seed !== undefined) return { seeds: [Number(seed)], seconds: wanted };
  return { seeds: seconds === undefined ? seeds : [...seeds, Date.now() % 1_000_000], seconds: wanted };
}
