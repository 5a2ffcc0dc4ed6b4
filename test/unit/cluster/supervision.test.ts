// The worker slot machine: every order of events against a model of the threads.
import t from 'tap';
import {
  restartDelayMs,
  slotInitial,
  slotWakeAtMs,
  stepSlot,
  supervisionDefaults,
  type SlotAction,
  type SlotEvent,
  type SlotReport,
  type SlotState,
  type SupervisionTimings,
} from '../../../src/cluster/supervision.ts';

const timings: SupervisionTimings = { ...supervisionDefaults, restartDelayMinMs: 100, restartDelayMaxMs: 1_000, healthyAfterMs: 60_000 };

/** What the actions would have done to real threads; complains about the first that must never happen. */
interface World {
  readonly live: ReadonlyMap<number, 0 | 1>;
  readonly attached: ReadonlySet<number>;
  readonly everReady: ReadonlySet<number>;
  readonly detached: ReadonlySet<number>;
  readonly reports: readonly SlotReport[];
  readonly ended: boolean;
  readonly stopped: boolean;
  readonly wrong: string | null;
}

const emptyWorld: World = {
  live: new Map(),
  attached: new Set(),
  everReady: new Set(),
  detached: new Set(),
  reports: [],
  ended: false,
  stopped: false,
  wrong: null,
};

function effect(world: World, action: SlotAction): World {
  const wrong = (what: string): World => ({ ...world, wrong: world.wrong ?? what });
  switch (action.kind) {
    case 'spawn':
      if (world.stopped) return wrong('spawned after stop');
      if (world.live.size >= 2) return wrong('three live threads');
      if ([...world.live.values()].includes(action.lane)) return wrong('two writers of a lane');
      return { ...world, live: new Map(world.live).set(action.thread, action.lane) };
    case 'attach':
      if (!world.live.has(action.thread)) return wrong('attached a thread that is gone');
      if (!world.everReady.has(action.thread)) return wrong('attached a thread that is not ready');
      if (world.detached.has(action.thread)) return wrong('attached a thread that leaves');
      return { ...world, attached: new Set(world.attached).add(action.thread) };
    case 'unattach':
    case 'detach': {
      const attached = new Set(world.attached);
      attached.delete(action.thread);
      return { ...world, attached, detached: action.kind === 'detach' ? new Set(world.detached).add(action.thread) : world.detached };
    }
    case 'finish':
      if (world.attached.has(action.thread)) return wrong('told an attached thread to close its app');
      if (world.everReady.has(action.thread) && !world.detached.has(action.thread)) return wrong('told a thread to close its app before it was detached');
      return world;
    case 'report':
      return { ...world, reports: [...world.reports, action.report] };
    case 'exitProcess':
      return world;
    case 'ended':
      return world.live.size > 0 ? wrong('ended with live threads') : { ...world, ended: true };
  }
}

interface Case {
  readonly state: SlotState;
  readonly world: World;
  readonly nowMs: number;
}

function advance(before: Case, event: SlotEvent, passedMs: number): Case {
  const nowMs = before.nowMs + passedMs;
  const { state, actions } = stepSlot(before.state, event, nowMs, timings);
  let world = before.world;
  // What the event says about the world was true before the machine heard of it.
  if (event.kind === 'exited') {
    const live = new Map(world.live);
    live.delete(event.thread);
    world = { ...world, live };
  }
  if (event.kind === 'stop') world = { ...world, stopped: true };
  if (event.kind === 'ready' && before.state.current?.thread === event.thread && before.state.current.phase === 'starting') {
    world = { ...world, everReady: new Set(world.everReady).add(event.thread) };
  }
  for (const action of actions) world = effect(world, action);
  return { state, world, nowMs };
}

/** Everything that can happen to these threads next, likely or not. */
function possibleEvents(at: Case): readonly SlotEvent[] {
  const events: SlotEvent[] = [{ kind: 'tick' }, { kind: 'replace' }, { kind: 'stop', deadlineAtMs: at.nowMs + 1_000 }];
  for (const thread of at.world.live.keys()) {
    events.push(
      { kind: 'ready', thread },
      { kind: 'crashed', thread },
      { kind: 'detached', thread },
      { kind: 'exited', thread },
      { kind: 'silent', thread, silentMs: timings.hungReportMs },
      { kind: 'silent', thread, silentMs: 0 },
    );
  }
  return events;
}

function invariants(at: Case): string | null {
  const { state, world } = at;
  if (world.wrong !== null) return world.wrong;
  const known = [state.current, state.outgoing].filter((thread) => thread !== null);
  if (!state.ended && known.length !== world.live.size) return 'knows other threads than those that live';
  for (const thread of known) {
    const shouldBeAttached = thread.phase === 'serving' && !thread.hung;
    if (world.attached.has(thread.thread) !== shouldBeAttached) return `${thread.phase} thread ${shouldBeAttached ? 'is not' : 'is'} attached`;
  }
  for (const thread of world.attached) if (!world.live.has(thread)) return 'an attached thread is gone';
  if (world.live.size === 0 && !world.stopped && state.threadsSpawned > 0 && slotWakeAtMs(state) === null) return 'nobody lives and nothing is due';
  if (world.live.size === 0 && world.stopped && !world.ended) return 'stopped, nobody lives, not ended';
  return null;
}

t.test('in every order of seven events, likely or not, no rule of a worker slot is broken', (t) => {
  // The same situation reached twice is followed once.
  const seen = new Map<string, number>();
  let steps = 0;
  let failed: string | null = null;
  const visit = (at: Case, depth: number, path: readonly string[]): void => {
    if (failed !== null) return;
    const problem = invariants(at);
    if (problem !== null) {
      failed = `${problem}: ${path.join(' ')}`;
      return;
    }
    const key = `${JSON.stringify(at.state)} ${at.nowMs} ${[...at.world.attached].join()} ${[...at.world.everReady].join()} ${[...at.world.detached].join()}`;
    if (depth === 0 || (seen.get(key) ?? 0) >= depth) return;
    seen.set(key, depth);
    for (const event of possibleEvents(at)) {
      // 150 ms is past the first restart delay.
      for (const passedMs of [0, 150]) {
        steps += 1;
        visit(advance(at, event, passedMs), depth - 1, [...path, `${event.kind}${'thread' in event ? event.thread : ''}+${passedMs}`]);
      }
    }
  };
  visit(advance({ state: slotInitial, world: emptyWorld, nowMs: 0 }, { kind: 'start' }, 0), 6, []);
  t.equal(failed, null);
  t.ok(steps > 100_000, `${steps} steps`);
  t.end();
});

/** A reproducible sequence of numbers in [0, 1): long histories need a fixed choice, not every order. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

t.test('in long histories the rules hold, and a stop always ends when the threads do', (t) => {
  for (let seed = 1; seed <= 2_000; seed += 1) {
    const random = sequence(seed);
    let at = advance({ state: slotInitial, world: emptyWorld, nowMs: 0 }, { kind: 'start' }, 0);
    for (let step = 0; step < 60 && !at.state.ended; step += 1) {
      const events = possibleEvents(at);
      const event = events[Math.floor(random() * events.length)]!;
      // A stop would end most histories early.
      if (event.kind === 'stop' && step < 50) continue;
      at = advance(at, event, Math.floor(random() * 2_000));
      const problem = invariants(at);
      if (problem !== null) t.fail(`seed ${seed} step ${step} ${event.kind}: ${problem}`);
    }
    at = advance(at, { kind: 'stop', deadlineAtMs: at.nowMs + 1_000 }, 1);
    for (const thread of at.world.live.keys()) at = advance(at, { kind: 'exited', thread }, 1);
    if (!at.world.ended) t.fail(`seed ${seed}: not ended`);
  }
  t.end();
});

function run(events: readonly (readonly [SlotEvent, number])[]): { readonly state: SlotState; readonly actions: readonly SlotAction[] } {
  let state = slotInitial;
  let nowMs = 0;
  const actions: SlotAction[] = [];
  for (const [event, passedMs] of events) {
    nowMs += passedMs;
    const step = stepSlot(state, event, nowMs, timings);
    state = step.state;
    actions.push(...step.actions);
  }
  return { state, actions };
}

t.test('a replacement attaches the new thread before it detaches the old one', (t) => {
  const { state, actions } = run([
    [{ kind: 'start' }, 0],
    [{ kind: 'ready', thread: 0 }, 100],
    [{ kind: 'replace' }, 1_000],
    [{ kind: 'ready', thread: 1 }, 100],
    [{ kind: 'detached', thread: 0 }, 1],
    [{ kind: 'exited', thread: 0 }, 500],
  ]);
  t.strictSame(actions, [
    { kind: 'spawn', thread: 0, lane: 0 },
    { kind: 'attach', thread: 0 },
    { kind: 'spawn', thread: 1, lane: 1 },
    { kind: 'attach', thread: 1 },
    { kind: 'detach', thread: 0 },
    { kind: 'report', report: 'replaced', thread: 1 },
    { kind: 'finish', thread: 0, deadlineAtMs: 1_201 + timings.replaceFinishMs },
  ]);
  t.equal(state.current?.thread, 1);
  t.equal(state.outgoing, null);
  t.equal(state.failures, 0);
  t.end();
});

t.test('a replacement whose new thread fails leaves the old one serving', (t) => {
  const { state, actions } = run([
    [{ kind: 'start' }, 0],
    [{ kind: 'ready', thread: 0 }, 100],
    [{ kind: 'replace' }, 1_000],
    [{ kind: 'crashed', thread: 1 }, 10],
    [{ kind: 'exited', thread: 1 }, 10],
  ]);
  t.equal(state.current?.thread, 0);
  t.equal(state.current?.phase, 'serving');
  t.equal(state.outgoing, null);
  t.notOk(actions.some((action) => action.kind === 'detach' && action.thread === 0));
  t.ok(actions.some((action) => action.kind === 'report' && action.report === 'replaceFailed'));
  t.end();
});

t.test('a worker that crashes again and again is restarted ever later, and after healthy time as soon as at first', (t) => {
  t.strictSame(
    [1, 2, 3, 4, 5, 40].map((failures) => restartDelayMs(failures, timings)),
    [100, 200, 400, 800, 1_000, 1_000],
  );
  const events: [SlotEvent, number][] = [[{ kind: 'start' }, 0]];
  for (let thread = 0; thread < 4; thread += 1) {
    events.push(
      [{ kind: 'ready', thread }, 0],
      [{ kind: 'crashed', thread }, 10],
      [{ kind: 'detached', thread }, 1],
      [{ kind: 'exited', thread }, 1],
      [{ kind: 'tick' }, 5_000],
    );
  }
  const crashing = run(events);
  t.equal(crashing.state.failures, 4);
  const healthy = run([...events, [{ kind: 'ready', thread: 4 }, 0], [{ kind: 'crashed', thread: 4 }, timings.healthyAfterMs]]);
  t.equal(healthy.state.failures, 1);
  t.end();
});

t.test('a silent worker is reported and gets no new connections, comes back when it beats, and ends the process past the limit once', (t) => {
  const silent = (silentMs: number): [SlotEvent, number] => [{ kind: 'silent', thread: 0, silentMs }, 1];
  const { actions } = run([
    [{ kind: 'start' }, 0],
    [{ kind: 'ready', thread: 0 }, 1],
    silent(timings.hungReportMs - 1),
    silent(timings.hungReportMs),
    silent(timings.hungReportMs + 200),
    silent(0),
    silent(timings.hungReportMs),
    silent(timings.hungExitMs),
    silent(timings.hungExitMs + 200),
  ]);
  t.strictSame(
    actions.slice(2).map((action) => (action.kind === 'report' ? action.report : action.kind)),
    ['unattach', 'hung', 'attach', 'recovered', 'unattach', 'hung', 'exitProcess'],
  );
  t.end();
});

t.test('a second stop with an earlier deadline reaches a thread that is finishing', (t) => {
  const { actions } = run([
    [{ kind: 'start' }, 0],
    [{ kind: 'ready', thread: 0 }, 1],
    [{ kind: 'stop', deadlineAtMs: 20_000 }, 1],
    [{ kind: 'detached', thread: 0 }, 1],
    [{ kind: 'stop', deadlineAtMs: 30_000 }, 1],
    [{ kind: 'stop', deadlineAtMs: 10 }, 1],
  ]);
  t.strictSame(
    actions.filter((action) => action.kind === 'finish').map((action) => action.deadlineAtMs),
    [20_000, 10],
  );
  t.end();
});

t.test('a crash is reported once, and its thread gets the short time even when the process drains meanwhile', (t) => {
  const { actions } = run([
    [{ kind: 'start' }, 0],
    [{ kind: 'ready', thread: 0 }, 1],
    [{ kind: 'crashed', thread: 0 }, 1],
    [{ kind: 'crashed', thread: 0 }, 1],
    [{ kind: 'stop', deadlineAtMs: 20_000 }, 1],
    [{ kind: 'detached', thread: 0 }, 1],
    [{ kind: 'exited', thread: 0 }, 100],
  ]);
  t.strictSame(
    actions.slice(2).map((action) => (action.kind === 'report' ? action.report : action.kind)),
    ['crashed', 'detach', 'restarting', 'finish', 'ended'],
  );
  t.strictSame(
    actions.find((action) => action.kind === 'finish'),
    { kind: 'finish', thread: 0, deadlineAtMs: 5 + timings.crashFinishMs },
  );
  t.end();
});
