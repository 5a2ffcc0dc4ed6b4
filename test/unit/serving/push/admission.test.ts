// Admission: at most so many in any second, and a fleet that is turned away comes back at the rate at which it is let in.
import t from 'tap';
import { Admission } from '../../../../src/serving/push/admission.ts';

t.test('a quiet server lets a few in at once, and never more than its rate and those in a second', (t) => {
  const admission = new Admission(1_000, 0);
  let admitted = 0;
  for (let index = 0; index < 5_000; index += 1) if (admission.delayMs(0, 0.5) === 0) admitted += 1;
  t.equal(admitted, 100);
  for (let nowMs = 1; nowMs <= 1_000; nowMs += 1) for (let index = 0; index < 3; index += 1) if (admission.delayMs(nowMs, 0.5) === 0) admitted += 1;
  t.ok(admitted >= 1_090 && admitted <= 1_101, String(admitted));
  t.end();
});

t.test('a small rate lets in what it says', (t) => {
  const admission = new Admission(2, 0);
  t.same(
    Array.from({ length: 4 }, () => admission.delayMs(0, 0.5)),
    [0, 0, 500, 1_000],
  );
  t.equal(admission.delayMs(500, 0.5), 0);
  t.end();
});

t.test('5,000 who come in one moment are all in after five seconds, evenly', (t) => {
  const admission = new Admission(1_000, 0);
  let waiting = Array.from({ length: 5_000 }, () => 0);
  const perSecond: number[] = [];
  for (let nowMs = 0; waiting.length > 0 && nowMs < 60_000; nowMs += 1) {
    waiting = waiting.flatMap((dueMs) => {
      if (dueMs > nowMs) return [dueMs];
      const delayMs = admission.delayMs(nowMs, 0.5);
      if (delayMs > 0) return [nowMs + delayMs];
      const second = Math.floor(nowMs / 1_000);
      perSecond[second] = (perSecond[second] ?? 0) + 1;
      return [];
    });
  }
  t.same(waiting, []);
  t.ok(perSecond.length <= 6, `${perSecond.length} seconds`);
  t.ok(
    perSecond.every((count) => count <= 1_101),
    String(perSecond),
  );
  t.end();
});

t.test('a longer line than half a minute is told a random time in it', (t) => {
  const admission = new Admission(1, 0);
  const delays = Array.from({ length: 100 }, (_, index) => admission.delayMs(0, index / 100));
  t.ok(delays.every((delay) => delay <= 30_000));
  t.equal(new Set(delays.slice(40)).size, 60);
  t.end();
});
