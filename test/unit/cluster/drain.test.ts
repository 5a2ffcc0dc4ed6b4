// The drain machine: times, second signals, faults, every order of events.
import t from 'tap';
import { drainDefaults, drainInitial, drainWakeAtMs, stepDrain, type DrainAction, type DrainEvent, type DrainState } from '../../../src/cluster/drain.ts';
import { drainPhases } from '../../../src/cluster/controlBlock.ts';

const timings = drainDefaults;

interface Seen {
  readonly atMs: number;
  readonly action: DrainAction;
}

/** Plays events at their times and every tick that falls due between them, until the machine has nothing to wait for. */
function play(
  events: readonly (readonly [number, DrainEvent])[],
  overrides: Partial<typeof timings> = {},
): { readonly seen: readonly Seen[]; readonly state: DrainState; readonly phases: readonly string[] } {
  const used = { ...timings, ...overrides };
  let state = drainInitial(0);
  const seen: Seen[] = [];
  const phases: string[] = [state.phase];
  const step = (event: DrainEvent, atMs: number): void => {
    const result = stepDrain(state, event, atMs, used);
    state = result.state;
    if (phases.at(-1) !== state.phase) phases.push(state.phase);
    for (const action of result.actions) seen.push({ atMs, action });
  };
  const ticksUntil = (untilMs: number): void => {
    for (let wakeAtMs = drainWakeAtMs(state, used); wakeAtMs !== null && wakeAtMs <= untilMs; wakeAtMs = drainWakeAtMs(state, used))
      step({ kind: 'tick' }, wakeAtMs);
  };
  for (const [atMs, event] of events) {
    ticksUntil(atMs);
    step(event, atMs);
  }
  ticksUntil(Infinity);
  return { seen, state, phases };
}

const started: readonly [number, DrainEvent] = [100, { kind: 'started' }];
const signalAt = (atMs: number): readonly [number, DrainEvent] => [atMs, { kind: 'signal' }];
const workersEndedAt = (atMs: number): readonly [number, DrainEvent] => [atMs, { kind: 'workersEnded' }];

t.test('with subscribers it goes through every phase at its time and exits 0', (t) => {
  const { seen, phases } = play([started, signalAt(1_000), workersEndedAt(16_200)]);
  t.strictSame(phases, [...drainPhases]);
  t.strictSame(seen, [
    { atMs: 1_000, action: { kind: 'lameDuck' } },
    { atMs: 6_000, action: { kind: 'spread', spreadMs: 10_000 } },
    { atMs: 16_000, action: { kind: 'closeListener' } },
    { atMs: 16_000, action: { kind: 'stopWorkers', deadlineAtMs: 29_500, idleMs: 5_000 } },
    { atMs: 16_700, action: { kind: 'exit', exitCode: 0 } },
  ]);
  t.end();
});

t.test('without subscribers nothing is spread, and the last one that leaves ends the spread', (t) => {
  const asked = stepDrain({ phase: 'lameDuck', sinceMs: 0, killAtMs: 30_000, forced: false, exitCode: 0 }, { kind: 'subscribers', open: 0 }, 5_000, timings);
  t.strictSame(
    asked.actions.map((action) => action.kind),
    ['closeListener', 'stopWorkers'],
  );
  const leaving = play([started, signalAt(0), [7_000, { kind: 'subscribers', open: 3 }], [8_000, { kind: 'subscribers', open: 0 }], workersEndedAt(8_100)]);
  t.equal(leaving.seen.find(({ action }) => action.kind === 'closeListener')?.atMs, 8_000);
  t.end();
});

t.test('a signal during start-up goes straight to the end: nobody was sent here', (t) => {
  const { seen } = play([signalAt(50), [60, { kind: 'started' }], workersEndedAt(300)]);
  t.strictSame(
    seen.map(({ action }) => action.kind),
    ['closeListener', 'stopWorkers', 'exit'],
  );
  t.equal(seen.at(-1)?.atMs, 800);
  t.end();
});

t.test('a second signal cuts what is left, in whatever phase it comes', (t) => {
  for (const secondAtMs of [1_001, 3_000, 7_000, 17_000]) {
    const { seen, state } = play([started, signalAt(1_000), signalAt(secondAtMs), workersEndedAt(secondAtMs + 20)]);
    const last = seen.at(-1);
    t.strictSame(last, { atMs: secondAtMs + 20, action: { kind: 'exit', exitCode: 0 } }, `second signal at ${secondAtMs}`);
    const stop = seen.findLast(({ action }) => action.kind === 'stopWorkers');
    t.strictSame(stop, { atMs: secondAtMs, action: { kind: 'stopWorkers', deadlineAtMs: secondAtMs, idleMs: 0 } });
    t.equal(seen.filter(({ action }) => action.kind === 'closeListener').length, 1);
    t.equal(state.phase, 'exited');
  }
  t.end();
});

t.test('workers that never end are killed: at the time-out, or two seconds after a second signal', (t) => {
  t.strictSame(play([started, signalAt(1_000)]).seen.at(-1), { atMs: 31_000, action: { kind: 'kill', exitCode: 0 } });
  t.strictSame(play([started, signalAt(1_000), signalAt(2_000)]).seen.at(-1), { atMs: 4_000, action: { kind: 'kill', exitCode: 0 } });
  t.end();
});

t.test('a third signal changes nothing, a second fault keeps the exit code of the first', (t) => {
  const { seen } = play([started, signalAt(1_000), signalAt(2_000), signalAt(2_500), workersEndedAt(3_500)]);
  t.equal(seen.filter(({ action }) => action.kind === 'stopWorkers').length, 1);
  const faults = play([started, [5_000, { kind: 'fault', exitCode: 70 }], [5_100, { kind: 'fault', exitCode: 73 }], workersEndedAt(5_200)]);
  t.strictSame(faults.seen.at(-1), { atMs: 5_200, action: { kind: 'exit', exitCode: 70 } });
  t.end();
});

t.test('workers that end just in time are no reason for a kill: the linger is cut short', (t) => {
  const { seen } = play([started, signalAt(1_000), workersEndedAt(30_900)]);
  t.strictSame(seen.at(-1), { atMs: 30_999, action: { kind: 'exit', exitCode: 0 } });
  t.end();
});

t.test('a fault ends with its exit code, by a kill when the worker does not end', (t) => {
  const hung = play([started, [5_000, { kind: 'fault', exitCode: 70 }]]);
  t.strictSame(
    hung.seen.map(({ atMs, action }) => [atMs, action.kind]),
    [
      [5_000, 'closeListener'],
      [5_000, 'stopWorkers'],
      [8_000, 'kill'],
    ],
  );
  const failedStart = play([[10, { kind: 'fault', exitCode: 73 }], workersEndedAt(40)]);
  t.strictSame(failedStart.seen.at(-1), { atMs: 40, action: { kind: 'exit', exitCode: 73 } });
  t.end();
});

t.test('phases that are configured longer than the time-out leave time to finish', (t) => {
  const { seen } = play([started, signalAt(0), workersEndedAt(29_000)], { propagationDelayMs: 60_000, spreadMs: 60_000 });
  const closed = seen.find(({ action }) => action.kind === 'closeListener');
  t.equal(closed?.atMs, 30_000 - timings.lingerMs - 5_000);
  t.strictSame(seen.at(-1), { atMs: 29_500, action: { kind: 'exit', exitCode: 0 } });
  t.end();
});

t.test('in every order of five events, likely or not, the drain only goes forward, closes the listener once before it stops workers, and ends once', (t) => {
  const events: readonly DrainEvent[] = [
    { kind: 'started' },
    { kind: 'signal' },
    { kind: 'fault', exitCode: 70 },
    { kind: 'subscribers', open: 0 },
    { kind: 'subscribers', open: 2 },
    { kind: 'workersEnded' },
    { kind: 'tick' },
  ];
  let orders = 0;
  const problems: string[] = [];
  const visit = (state: DrainState, nowMs: number, done: readonly string[], depth: number): void => {
    if (depth === 0) {
      orders += 1;
      return;
    }
    for (const event of events) {
      for (const passedMs of [0, 6_000]) {
        const step = stepDrain(state, event, nowMs + passedMs, timings);
        const kinds = [...done, ...step.actions.map((action) => action.kind)];
        if (drainPhases.indexOf(step.state.phase) < drainPhases.indexOf(state.phase)) problems.push(`back from ${state.phase} to ${step.state.phase}`);
        if (kinds.filter((kind) => kind === 'closeListener').length > 1) problems.push(`listener closed twice: ${kinds.join()}`);
        if (kinds.includes('stopWorkers') && !kinds.slice(0, kinds.indexOf('stopWorkers')).includes('closeListener'))
          problems.push(`workers before the listener: ${kinds.join()}`);
        if (kinds.filter((kind) => kind === 'exit' || kind === 'kill').length > 1) problems.push(`ended twice: ${kinds.join()}`);
        if (kinds.includes('exit') && !kinds.includes('stopWorkers')) problems.push(`exit with workers: ${kinds.join()}`);
        if (step.state.phase !== 'starting' && step.state.phase !== 'running' && step.state.phase !== 'exited' && drainWakeAtMs(step.state, timings) === null)
          problems.push(`waits for ever in ${step.state.phase}`);
        if (problems.length === 0) visit(step.state, nowMs + passedMs, kinds, depth - 1);
      }
    }
  };
  visit(drainInitial(0), 0, [], 5);
  t.strictSame(problems, []);
  t.ok(orders > 100_000, `${orders} orders`);
  t.end();
});
