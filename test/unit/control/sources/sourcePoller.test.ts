// The poller: interval, back-off, hints, triggers, time-outs, and never two polls at once.
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { PollResult, Source } from '../../../../src/control/sources/source.ts';
import { SourcePoller, type PollerOptions } from '../../../../src/control/sources/sourcePoller.ts';

const good: PollResult = { problem: null, movedLabels: [] };
const bad: PollResult = { problem: { code: 'SOURCE_UNREACHABLE', message: 'down' }, movedLabels: [] };

class FakeSource implements Source {
  readonly repository = 'fake';
  readonly kind = 'native';
  polls = 0;
  running = 0;
  overlaps = 0;
  durationMs = 0;
  result = good;
  hint: () => void = () => undefined;

  async poll(): Promise<PollResult> {
    this.polls += 1;
    this.running += 1;
    if (this.running > 1) this.overlaps += 1;
    await sleep(this.durationMs);
    this.running -= 1;
    return this.result;
  }

  onHint(listener: () => void): void {
    this.hint = listener;
  }

  open = async () => undefined;
  resolve = async () => ({ kind: 'noSuchLabel' }) as const;
  tree = async () => Promise.reject(new Error('not asked'));
  status = () => ({ health: 'ok', revisions: new Map(), lastSuccessAtMs: null, lastError: null, consecutiveFailures: 0, notices: [] }) as const;
  close = async () => undefined;
}

function makePoller(source: Source, more: Partial<PollerOptions> = {}): { readonly poller: SourcePoller; readonly results: PollResult[] } {
  const results: PollResult[] = [];
  const options = { intervalMs: 60_000, timeoutMs: 10_000, onPoll: (_source: Source, result: PollResult) => results.push(result), random: () => 0.5, ...more };
  return { poller: new SourcePoller(source, options), results };
}

async function until(condition: () => boolean): Promise<void> {
  for (const endMs = Date.now() + 10_000; !condition() && Date.now() < endMs;) await sleep(2);
}

t.test('polls at once when it starts, then at the interval', async (test) => {
  const source = new FakeSource();
  const { poller, results } = makePoller(source, { intervalMs: 20 });
  poller.start();
  test.equal(source.polls, 1);
  await until(() => results.length >= 4);
  await poller.stop();
  test.ok(results.length >= 4);
  test.equal(source.overlaps, 0);
});

t.test('triggers during a poll become one more poll, and each waits for it', async (test) => {
  const source = new FakeSource();
  source.durationMs = 30;
  const { poller, results } = makePoller(source);
  await Promise.all([poller.trigger(), poller.trigger(), poller.trigger(), poller.trigger()]);
  test.equal(results.length, 2);
  test.equal(source.overlaps, 0);
  await poller.stop();
});

t.test('a hint polls soon, and a burst of hints polls once', async (test) => {
  const source = new FakeSource();
  const { poller, results } = makePoller(source);
  poller.start();
  await until(() => results.length === 1);
  for (let count = 0; count < 20; count += 1) source.hint();
  await until(() => results.length === 2);
  await sleep(80);
  test.equal(results.length, 2);
  await poller.stop();
  source.hint();
  await sleep(60);
  test.equal(results.length, 2, 'nothing after stop');
});

t.test('after a failure the next poll comes sooner than the interval, and a success restores it', async (test) => {
  const source = new FakeSource();
  source.result = bad;
  const { poller, results } = makePoller(source, { random: () => 0.001 });
  poller.start();
  await until(() => results.length >= 3);
  test.ok(results.length >= 3);
  source.result = good;
  await until(() => results.at(-1) === good);
  const count = results.length;
  await sleep(60);
  test.equal(results.length, count);
  await poller.stop();
});

t.test('a poll that hangs counts as failed', async (test) => {
  const source = new FakeSource();
  source.durationMs = 200;
  const { poller, results } = makePoller(source, { timeoutMs: 10 });
  await poller.trigger();
  test.match(results, [{ problem: { code: 'SOURCE_TIMEOUT' } }]);
  await poller.stop();
});

t.test('stop waits for the poll that runs, and its result is not reported', async (test) => {
  const source = new FakeSource();
  source.durationMs = 30;
  const { poller, results } = makePoller(source);
  poller.start();
  await poller.stop();
  test.equal(source.running, 0);
  test.same(results, []);
  await poller.trigger();
  test.equal(source.polls, 1);
});

t.test('a poll that was left to another source is no failure: the next comes after the time that it was told', async (test) => {
  const source = new FakeSource();
  const { poller, results } = makePoller(source, { intervalMs: 60_000, random: () => 0 });
  source.result = { problem: { code: 'SOURCE_PAUSED', message: 'down' }, movedLabels: [], retryAfterMs: 10 };
  poller.start();
  await until(() => results.length >= 3);
  source.result = good;
  await until(() => results.at(-1) === good);
  const polls = source.polls;
  await sleep(50);
  test.equal(source.polls, polls, 'then it is back at its interval');
  await poller.stop();
});

t.test('those who ask within a delay share one poll, and it is not postponed', async (test) => {
  const source = new FakeSource();
  const { poller, results } = makePoller(source);
  await poller.trigger();
  for (let count = 0; count < 50; count += 1) poller.soon(40);
  await until(() => results.length === 2);
  await sleep(80);
  test.equal(results.length, 2);
  source.durationMs = 30;
  poller.soon(0);
  await until(() => source.running === 1);
  for (let count = 0; count < 50; count += 1) poller.soon(40);
  await until(() => results.length === 4);
  await sleep(80);
  test.equal(results.length, 4, 'what asks during a poll gets one more');
  test.equal(source.overlaps, 0);
  await poller.stop();
  poller.soon(0);
  await sleep(20);
  test.equal(results.length, 4, 'nothing after stop');
});

function relayRecorder(): { readonly source: FakeSource; readonly poller: SourcePoller; readonly relayed: boolean[] } {
  const source = new FakeSource();
  const relayed: boolean[] = [];
  const onPoll: PollerOptions['onPoll'] = (_source, _result, isRelayed) => relayed.push(isRelayed);
  return { source, poller: new SourcePoller(source, { intervalMs: 60_000, timeoutMs: 10_000, random: () => 0.5, onPoll }), relayed };
}

t.test('a relayed poll is told apart, runs once, and only while it is needed', async (test) => {
  const { poller, relayed } = relayRecorder();
  await poller.trigger();
  for (let count = 0; count < 20; count += 1) poller.relayed(10, () => true);
  await until(() => relayed.length === 2);
  await sleep(60);
  test.same(relayed, [false, true], 'needed as it still is, it does not run again');
  poller.relayed(10, () => false);
  await sleep(60);
  test.equal(relayed.length, 2);
  await poller.stop();
  poller.relayed(0, () => true);
  await sleep(20);
  test.equal(relayed.length, 2, 'nothing after stop');
});

t.test('who asks for itself takes over what was relayed', async (test) => {
  const { poller, relayed } = relayRecorder();
  await poller.trigger();
  let isNeeded = true;
  poller.relayed(200, () => isNeeded);
  poller.soon(10);
  poller.relayed(0, () => isNeeded);
  await until(() => relayed.length === 2);
  isNeeded = false;
  await sleep(250);
  test.same(relayed, [false, false]);
  await poller.stop();
});

t.test('what is relayed during a poll is looked at when that is done', async (test) => {
  const { source, poller, relayed } = relayRecorder();
  source.durationMs = 30;
  let isNeeded = true;
  const needed = (): boolean => isNeeded;
  const first = poller.trigger();
  poller.relayed(0, needed);
  isNeeded = false;
  await first;
  await sleep(60);
  test.same(relayed, [false], 'that poll has brought it');
  const second = poller.trigger();
  isNeeded = true;
  poller.relayed(0, needed);
  await second;
  await until(() => relayed.length === 3);
  await sleep(60);
  test.same(relayed, [false, false, true]);
  await poller.stop();
});
