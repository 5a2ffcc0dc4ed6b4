// Waits after failures: they double up to the limit, with full jitter.
import t from 'tap';
import { backoffMs, jitteredMs } from '../../../src/base/backoff.ts';

const limits = { firstMs: 1_000, maxMs: 30_000 };

t.test('the ceiling doubles with each failure up to the limit', async (test) => {
  const ceilings = [1, 2, 3, 4, 5, 6, 7, 1_000].map((failures) => backoffMs(failures, limits, 0.999_999_999));
  test.same(ceilings, [999, 1_999, 3_999, 7_999, 15_999, 29_999, 29_999, 29_999]);
});

t.test('any wait from nothing to the ceiling is possible', async (test) => {
  test.equal(backoffMs(3, limits, 0), 0);
  test.equal(backoffMs(3, limits, 0.5), 2_000);
  test.equal(backoffMs(0, limits, 0.5), 500);
});

t.test('an interval varies by a tenth to both sides', async (test) => {
  test.same([jitteredMs(1_000, 0), jitteredMs(1_000, 0.5), jitteredMs(1_000, 1)], [900, 1_000, 1_100]);
});
