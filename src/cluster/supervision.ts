// The life of one worker slot as a pure state machine: events in, actions out, time as an argument.
//
//   one thread of the slot
//
//   spawn ─► starting ──ready──► serving ──replaced│crash│stop──► detaching ──detached──► finishing ──exited──► gone
//               └──crash│stop: it was never attached───────────────────────────────────────▲
//
//   A thread is attached (the acceptor gives it sockets) only while `serving`. It may close its app only after it was detached:
//   the acceptor keeps a bare pointer to the app. So a crash takes the same way out as a replacement, with a shorter time.
//
//   the slot: `current` serves, `outgoing` is on its way out. A replacement starts the new thread as `current` while the old one,
//   still `serving`, is `outgoing`; it is detached when the new one is ready. After a crash the next thread waits for back-off.
//   At most two threads live at once; they use different lanes (0, 1), so that a lane never has two writers.

export type ThreadPhase = 'starting' | 'serving' | 'detaching' | 'finishing';

export interface ThreadState {
  /** Counts up within the slot: 0, 1, 2, ... */
  readonly thread: number;
  readonly lane: 0 | 1;
  readonly phase: ThreadPhase;
  /** When it began to serve; before, when it was spawned. */
  readonly sinceMs: number;
  readonly hung: boolean;
  readonly crashed: boolean;
}

export interface SlotState {
  readonly current: ThreadState | null;
  readonly outgoing: ThreadState | null;
  readonly threadsSpawned: number;
  /** When the next thread is to be spawned; null while there is nothing to restart. */
  readonly restartAtMs: number | null;
  /** Failures in a row; healthy time sets it back. */
  readonly failures: number;
  readonly replaceAsked: boolean;
  readonly stopDeadlineAtMs: number | null;
  readonly exitAsked: boolean;
  readonly ended: boolean;
}

export interface SupervisionTimings {
  readonly restartDelayMinMs: number;
  readonly restartDelayMaxMs: number;
  /** A thread that served this long is healthy: its crash counts as the first. */
  readonly healthyAfterMs: number;
  /** Silence after which a worker is reported and gets no new connections. */
  readonly hungReportMs: number;
  /** Silence after which the process has to end: a thread can't be killed safely. */
  readonly hungExitMs: number;
  /** Time for what is in flight when a worker is replaced. */
  readonly replaceFinishMs: number;
  /** The same after a crash: short, its state can't be trusted. */
  readonly crashFinishMs: number;
}

export const supervisionDefaults: SupervisionTimings = {
  restartDelayMinMs: 100,
  restartDelayMaxMs: 10_000,
  healthyAfterMs: 60_000,
  hungReportMs: 5_000,
  hungExitMs: 30_000,
  replaceFinishMs: 30_000,
  crashFinishMs: 1_000,
};

export type SlotEvent =
  | { readonly kind: 'start' }
  /** The thread can answer: its app exists and it serves from the published epoch. */
  | { readonly kind: 'ready'; readonly thread: number }
  | { readonly kind: 'silent'; readonly thread: number; readonly silentMs: number }
  | { readonly kind: 'crashed'; readonly thread: number }
  | { readonly kind: 'detached'; readonly thread: number }
  | { readonly kind: 'exited'; readonly thread: number }
  | { readonly kind: 'replace' }
  /** A second stop with an earlier deadline shortens the first. */
  | { readonly kind: 'stop'; readonly deadlineAtMs: number }
  | { readonly kind: 'tick' };

export type SlotReport = 'crashed' | 'exited' | 'hung' | 'recovered' | 'restarting' | 'replaced' | 'replaceFailed';

export type SlotAction =
  | { readonly kind: 'spawn'; readonly thread: number; readonly lane: 0 | 1 }
  /** Give it new sockets. */
  | { readonly kind: 'attach'; readonly thread: number }
  /** Take it out of the round robin, nothing else: it is hung, or gone. */
  | { readonly kind: 'unattach'; readonly thread: number }
  /** Take it out of the round robin, then ask it to say `detached`. */
  | { readonly kind: 'detach'; readonly thread: number }
  | { readonly kind: 'finish'; readonly thread: number; readonly deadlineAtMs: number }
  | { readonly kind: 'report'; readonly report: SlotReport; readonly thread: number }
  | { readonly kind: 'exitProcess'; readonly thread: number }
  | { readonly kind: 'ended' };

export interface SlotStep {
  readonly state: SlotState;
  readonly actions: readonly SlotAction[];
}

export const slotInitial: SlotState = {
  current: null,
  outgoing: null,
  threadsSpawned: 0,
  restartAtMs: null,
  failures: 0,
  replaceAsked: false,
  stopDeadlineAtMs: null,
  exitAsked: false,
  ended: false,
};

/** Takes one event. Events of threads that are gone are ignored: messages may arrive late. */
export function stepSlot(before: SlotState, event: SlotEvent, nowMs: number, timings: SupervisionTimings): SlotStep {
  const actions: SlotAction[] = [];
  if (before.ended) return { state: before, actions };
  const after = apply(before, event, nowMs, timings, actions);
  return { state: settle(after, nowMs, actions), actions };
}

/** When a `tick` is due; null when none is. */
export function slotWakeAtMs(state: SlotState): number | null {
  return state.current === null && state.stopDeadlineAtMs === null ? state.restartAtMs : null;
}

/** Delay before the next thread after so many failures in a row (1, 2, ...): doubles from the least to the most. */
export function restartDelayMs(failures: number, timings: SupervisionTimings): number {
  return Math.min(timings.restartDelayMaxMs, timings.restartDelayMinMs * 2 ** Math.min(failures - 1, 30));
}

function apply(state: SlotState, event: SlotEvent, nowMs: number, timings: SupervisionTimings, actions: SlotAction[]): SlotState {
  switch (event.kind) {
    case 'start':
      return state.threadsSpawned === 0 && state.restartAtMs === null ? { ...state, restartAtMs: nowMs } : state;
    case 'ready':
      return ready(state, event.thread, nowMs, actions);
    case 'silent':
      return silent(state, event.thread, event.silentMs, timings, actions);
    case 'crashed':
      return crashed(state, event.thread, nowMs, timings, actions);
    case 'detached':
      return detached(state, event.thread, nowMs, timings, actions);
    case 'exited':
      return exited(state, event.thread, nowMs, timings, actions);
    case 'replace':
      return state.stopDeadlineAtMs === null ? { ...state, replaceAsked: true } : state;
    case 'stop':
      return stop(state, event.deadlineAtMs, actions);
    case 'tick':
      return state;
  }
}

/** What follows from a state whatever led to it: a free place is filled, an asked replacement begins, an empty slot ends. */
function settle(state: SlotState, nowMs: number, actions: SlotAction[]): SlotState {
  let next = state;
  if (next.outgoing === null && next.current !== null && !isStaying(next.current)) {
    next = { ...next, outgoing: next.current, current: null };
  }
  if (next.stopDeadlineAtMs !== null) {
    if (next.current !== null || next.outgoing !== null) return next;
    actions.push({ kind: 'ended' });
    return { ...next, ended: true };
  }
  if (next.current === null && next.restartAtMs !== null && nowMs >= next.restartAtMs) return spawn(next, nowMs, actions);
  if (next.replaceAsked && next.outgoing === null && next.current?.phase === 'serving') {
    return spawn({ ...next, outgoing: next.current, replaceAsked: false }, nowMs, actions);
  }
  return next;
}

function isStaying(thread: ThreadState): boolean {
  return thread.phase === 'starting' || thread.phase === 'serving';
}

function spawn(state: SlotState, nowMs: number, actions: SlotAction[]): SlotState {
  const thread = state.threadsSpawned;
  const lane = state.outgoing?.lane === 0 ? 1 : 0;
  actions.push({ kind: 'spawn', thread, lane });
  const current: ThreadState = { thread, lane, phase: 'starting', sinceMs: nowMs, hung: false, crashed: false };
  return { ...state, current, threadsSpawned: thread + 1, restartAtMs: null };
}

function ready(state: SlotState, thread: number, nowMs: number, actions: SlotAction[]): SlotState {
  if (state.current?.thread !== thread || state.current.phase !== 'starting') return state;
  actions.push({ kind: 'attach', thread });
  const current: ThreadState = { ...state.current, phase: 'serving', sinceMs: nowMs, hung: false };
  if (state.outgoing?.phase !== 'serving') return { ...state, current };
  actions.push({ kind: 'detach', thread: state.outgoing.thread }, { kind: 'report', report: 'replaced', thread });
  return { ...state, current, outgoing: { ...state.outgoing, phase: 'detaching' } };
}

function silent(state: SlotState, thread: number, silentMs: number, timings: SupervisionTimings, actions: SlotAction[]): SlotState {
  const found = findThread(state, thread);
  if (found === null) return state;
  const hung = silentMs >= timings.hungReportMs;
  let next = state;
  if (hung !== found.hung) {
    if (found.phase === 'serving') actions.push({ kind: hung ? 'unattach' : 'attach', thread });
    actions.push({ kind: 'report', report: hung ? 'hung' : 'recovered', thread });
    next = withThread(next, { ...found, hung });
  }
  if (silentMs < timings.hungExitMs || next.exitAsked) return next;
  actions.push({ kind: 'exitProcess', thread });
  return { ...next, exitAsked: true };
}

function crashed(state: SlotState, thread: number, nowMs: number, timings: SupervisionTimings, actions: SlotAction[]): SlotState {
  const found = findThread(state, thread);
  if (found === null || found.crashed) return state;
  actions.push({ kind: 'report', report: 'crashed', thread });
  if (!isStaying(found)) return withThread(state, { ...found, crashed: true });
  const serving = found.phase === 'serving';
  actions.push(serving ? { kind: 'detach', thread } : { kind: 'finish', thread, deadlineAtMs: nowMs + timings.crashFinishMs });
  const leaving: ThreadState = { ...found, crashed: true, phase: serving ? 'detaching' : 'finishing' };
  return afterFailure(withThread(state, leaving), found, nowMs, timings, actions);
}

function detached(state: SlotState, thread: number, nowMs: number, timings: SupervisionTimings, actions: SlotAction[]): SlotState {
  const found = findThread(state, thread);
  if (found?.phase !== 'detaching') return state;
  const ownDeadlineAtMs = nowMs + (found.crashed ? timings.crashFinishMs : timings.replaceFinishMs);
  const stopDeadlineAtMs = state.stopDeadlineAtMs ?? ownDeadlineAtMs;
  const deadlineAtMs = found.crashed ? Math.min(stopDeadlineAtMs, ownDeadlineAtMs) : stopDeadlineAtMs;
  actions.push({ kind: 'finish', thread, deadlineAtMs });
  return withThread(state, { ...found, phase: 'finishing' });
}

function exited(state: SlotState, thread: number, nowMs: number, timings: SupervisionTimings, actions: SlotAction[]): SlotState {
  const found = findThread(state, thread);
  if (found === null) return state;
  const next = state.current?.thread === thread ? { ...state, current: null } : { ...state, outgoing: null };
  if (!isStaying(found)) return next;
  if (found.phase === 'serving') actions.push({ kind: 'unattach', thread });
  actions.push({ kind: 'report', report: 'exited', thread });
  return afterFailure(next, found, nowMs, timings, actions);
}

/** `failed` began to leave, or left, without being asked. Either the thread beside it serves on, or a new one is due. */
function afterFailure(state: SlotState, failed: ThreadState, nowMs: number, timings: SupervisionTimings, actions: SlotAction[]): SlotState {
  if (state.stopDeadlineAtMs !== null) return state;
  const wasCurrent = state.current === null || state.current.thread === failed.thread;
  if (!wasCurrent) {
    // The old thread of a replacement failed before it was detached: the new one is on its way.
    return state;
  }
  const failures = failed.phase === 'serving' && nowMs - failed.sinceMs >= timings.healthyAfterMs ? 1 : state.failures + 1;
  if (state.outgoing?.phase === 'serving') {
    actions.push({ kind: 'report', report: 'replaceFailed', thread: failed.thread });
    return { ...state, failures, current: state.outgoing, outgoing: state.current };
  }
  actions.push({ kind: 'report', report: 'restarting', thread: failed.thread });
  return { ...state, failures, restartAtMs: nowMs + restartDelayMs(failures, timings) };
}

function stop(state: SlotState, deadlineAtMs: number, actions: SlotAction[]): SlotState {
  if (state.stopDeadlineAtMs !== null && deadlineAtMs >= state.stopDeadlineAtMs) return state;
  const stopThread = (thread: ThreadState | null): ThreadState | null => {
    if (thread === null || thread.phase === 'detaching') return thread;
    if (thread.phase === 'serving') {
      actions.push({ kind: 'detach', thread: thread.thread });
      return { ...thread, phase: 'detaching' };
    }
    // Starting: never attached, so it can finish as soon as it has been built. Finishing: the deadline is earlier now.
    actions.push({ kind: 'finish', thread: thread.thread, deadlineAtMs });
    return { ...thread, phase: 'finishing' };
  };
  const outgoing = stopThread(state.outgoing);
  return { ...state, outgoing, current: stopThread(state.current), stopDeadlineAtMs: deadlineAtMs, restartAtMs: null, replaceAsked: false };
}

function findThread(state: SlotState, thread: number): ThreadState | null {
  if (state.current?.thread === thread) return state.current;
  return state.outgoing?.thread === thread ? state.outgoing : null;
}

function withThread(state: SlotState, thread: ThreadState): SlotState {
  return state.current?.thread === thread.thread ? { ...state, current: thread } : { ...state, outgoing: thread };
}
