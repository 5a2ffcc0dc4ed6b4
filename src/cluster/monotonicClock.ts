// One clock for all threads and for our test clients: CLOCK_MONOTONIC, in milliseconds.

/**
 * Milliseconds of the system's monotonic clock, with a fraction. performance.now() can't serve here: its zero is the start of
 * the thread, so that the times of two threads can't be compared.
 */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}
