// The circuit breaker over random orders of events: what it lets through, how often, and that it always comes back.
import t from 'tap';
import { breakerInitial, stepBreaker, type BreakerEvent, type BreakerLimits, type BreakerState } from '../../../src/base/circuitBreaker.ts';
import { Random } from '../../integration/fuzz/random.ts';

const limits: BreakerLimits = { failuresMax: 3, intervalMs: 1_000, probeMs: 5_000 };
const shortestIntervalMs = 900;

class Breaker {
  state: BreakerState = breakerInitial;
  nowMs = 0;
  random = 0.5;

  step(event: BreakerEvent): number {
    const { state, waitMs } = stepBreaker(this.state, event, this.nowMs, this.random, limits);
    this.state = state;
    return waitMs;
  }

  fail(times: number): void {
    for (let time = 0; time < times; time += 1) this.step('failed');
  }
}

t.test('it opens with the last of the failures in a row, and a success between them counts anew', async (t) => {
  const breaker = new Breaker();
  breaker.fail(2);
  breaker.step('succeeded');
  breaker.fail(2);
  t.equal(breaker.step('ask'), 0);
  breaker.fail(1);
  t.equal(breaker.step('ask'), 1_000);
});

t.test('open, it lets one probe through per interval: the others are told when to come', async (t) => {
  const breaker = new Breaker();
  breaker.fail(3);
  breaker.nowMs = 999;
  t.equal(breaker.step('ask'), 1);
  breaker.nowMs = 1_000;
  t.equal(breaker.step('ask'), 0, 'the probe');
  t.equal(breaker.step('ask'), 1_000, 'whatever the probe may take');
  breaker.nowMs = 3_000;
  breaker.step('failed');
  t.equal(breaker.step('ask'), 1_000);
  breaker.nowMs = 4_000;
  t.equal(breaker.step('ask'), 0);
  breaker.step('succeeded');
  t.equal(breaker.step('ask'), 0);
  t.strictSame(breaker.state, breakerInitial);
});

t.test('a probe that never reports is followed by another', async (t) => {
  const breaker = new Breaker();
  breaker.fail(3);
  breaker.nowMs = 1_000;
  breaker.step('ask');
  breaker.nowMs = 6_000;
  t.equal(breaker.step('ask'), 0);
});

t.test('over random orders of events: never more than the failures allow, one probe per interval, and never shut for good', async (t) => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const values = new Random(seed);
    const random = (): number => values.next();
    const breaker = new Breaker();
    let failuresInRow = 0;
    let lastProbeAtMs = -Infinity;
    const problems: string[] = [];
    for (let turn = 0; turn < 400; turn += 1) {
      breaker.nowMs += Math.floor(random() * random() * 3_000);
      breaker.random = random();
      const before = breaker.state.kind;
      const event = (['ask', 'ask', 'failed', 'failed', 'succeeded'] as const)[Math.floor(random() * (random() < 0.1 ? 5 : 4))]!;
      const waitMs = breaker.step(event);
      if (event === 'failed') failuresInRow += 1;
      if (event === 'succeeded') failuresInRow = 0;
      if ((breaker.state.kind === 'closed') !== failuresInRow < limits.failuresMax)
        problems.push(`turn ${turn}: ${breaker.state.kind} after ${failuresInRow} failures in a row`);
      if (event !== 'ask') continue;
      if (before === 'closed' && waitMs !== 0) problems.push(`turn ${turn}: closed, and it made somebody wait`);
      if (before === 'closed') continue;
      if (waitMs > 1_100) problems.push(`turn ${turn}: a wait of ${waitMs} ms`);
      if (waitMs > 0) continue;
      if (breaker.nowMs - lastProbeAtMs < shortestIntervalMs) problems.push(`turn ${turn}: two probes within ${breaker.nowMs - lastProbeAtMs} ms`);
      lastProbeAtMs = breaker.nowMs;
    }
    breaker.nowMs += 10_000;
    if (breaker.step('ask') !== 0) problems.push('shut at the end');
    t.strictSame(problems, [], `seed ${seed}`);
  }
});
