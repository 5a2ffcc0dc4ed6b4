// The way from a signal to the end of the process as a pure state machine (design section 6).
//
//   starting ─started─► running ─signal─► lameDuck ─time─► spreading ─time│no subscribers─► finishing ─workersEnded─► lingering ─time─► exited
//      └──────────signal: nobody was ever sent here───────────────────────────────────────────▲   ▲
//                                  lameDuck with no subscribers left ──────────────────────────┘   │
//                                  second signal, or a fault (a hung worker): the rest is cut ─────┘
//
//   Past `killAtMs` in any phase after the signal: exited, by SIGKILL.
import type { DrainPhase } from './controlBlock.ts';

export interface DrainTimings {
  /** server.drain.propagationDelay */
  readonly propagationDelayMs: number;
  /** server.drain.spread */
  readonly spreadMs: number;
  /** server.drain.timeout: from the signal to the end, all in all. */
  readonly timeoutMs: number;
  /** Once nobody can connect any more: how long connections without a request are kept, to answer what they may still send. */
  readonly idleMs: number;
  /** Between the last answer and the end of the process, so that the last bytes are not cut by a reset. */
  readonly lingerMs: number;
  /** What workers get after a second signal or a fault, to close their sockets before the SIGKILL. */
  readonly forcedExitMs: number;
  /** What the requests in flight get when another worker hangs. */
  readonly faultFinishMs: number;
}

export const drainDefaults: DrainTimings = {
  propagationDelayMs: 5_000,
  spreadMs: 10_000,
  timeoutMs: 30_000,
  idleMs: 5_000,
  lingerMs: 500,
  forcedExitMs: 2_000,
  faultFinishMs: 1_000,
};

export interface DrainState {
  readonly phase: DrainPhase;
  readonly sinceMs: number;
  /** When the process is killed; null before the signal. */
  readonly killAtMs: number | null;
  /** Nothing is waited for any more. */
  readonly forced: boolean;
  readonly exitCode: number;
}

export type DrainEvent =
  /** Start-up is complete: the listener is open. */
  | { readonly kind: 'started' }
  | { readonly kind: 'signal' }
  /** The process can't go on (a hung worker, a failed start): end with this code, answering what can be answered quickly. */
  | { readonly kind: 'fault'; readonly exitCode: number }
  | { readonly kind: 'subscribers'; readonly open: number }
  | { readonly kind: 'workersEnded' }
  | { readonly kind: 'tick' };

export type DrainAction =
  /** Readiness off; answers carry `Connection: close`; new upgrades get 503. */
  | { readonly kind: 'lameDuck' }
  /** Ask subscribers to leave, evenly over this time. */
  | { readonly kind: 'spread'; readonly spreadMs: number }
  | { readonly kind: 'closeListener' }
  | { readonly kind: 'stopWorkers'; readonly deadlineAtMs: number; readonly idleMs: number }
  | { readonly kind: 'exit'; readonly exitCode: number }
  /** Log what was left, then SIGKILL oneself. */
  | { readonly kind: 'kill'; readonly exitCode: number };

export interface DrainStep {
  readonly state: DrainState;
  readonly actions: readonly DrainAction[];
}

export function drainInitial(nowMs: number): DrainState {
  return { phase: 'starting', sinceMs: nowMs, killAtMs: null, forced: false, exitCode: 0 };
}

export function stepDrain(before: DrainState, event: DrainEvent, nowMs: number, timings: DrainTimings): DrainStep {
  const actions: DrainAction[] = [];
  if (before.phase === 'exited') return { state: before, actions };
  let state = apply(before, event, nowMs, timings, actions);
  if (state.killAtMs !== null && nowMs >= state.killAtMs && state.phase !== 'exited') {
    actions.push({ kind: 'kill', exitCode: state.exitCode });
    state = enter(state, 'exited', nowMs);
  }
  return { state, actions };
}

/** When the next `tick` is due; null when only an event can move the machine. */
export function drainWakeAtMs(state: DrainState, timings: DrainTimings): number | null {
  if (state.killAtMs === null || state.phase === 'exited') return null;
  const phaseEndsAtMs = phaseEndAtMs(state, timings);
  return phaseEndsAtMs === null ? state.killAtMs : Math.min(phaseEndsAtMs, state.killAtMs);
}

function apply(state: DrainState, event: DrainEvent, nowMs: number, timings: DrainTimings, actions: DrainAction[]): DrainState {
  switch (event.kind) {
    case 'started':
      return state.phase === 'starting' ? enter(state, 'running', nowMs) : state;
    case 'signal':
      return signal(state, nowMs, timings, actions);
    case 'fault': {
      if (state.exitCode !== 0) return state;
      const killAtMs = nowMs + timings.faultFinishMs + timings.forcedExitMs;
      const faulty = { ...state, forced: true, exitCode: event.exitCode, killAtMs: Math.min(state.killAtMs ?? killAtMs, killAtMs) };
      return finish(faulty, nowMs, nowMs + timings.faultFinishMs, timings, actions);
    }
    case 'subscribers':
      return event.open === 0 && state.phase === 'spreading'
        ? finish(state, nowMs, deadlineAtMs(state, timings), timings, actions)
        : passTime(state, event.open, nowMs, timings, actions);
    case 'workersEnded':
      if (state.phase !== 'finishing') return state;
      return passTime(enter(state, 'lingering', nowMs), null, nowMs, timings, actions);
    case 'tick':
      return passTime(state, null, nowMs, timings, actions);
  }
}

function signal(state: DrainState, nowMs: number, timings: DrainTimings, actions: DrainAction[]): DrainState {
  if (state.phase === 'starting' && state.killAtMs === null) {
    const asked = { ...state, killAtMs: nowMs + timings.timeoutMs };
    return finish(asked, nowMs, deadlineAtMs(asked, timings), timings, actions);
  }
  if (state.phase === 'running') {
    actions.push({ kind: 'lameDuck' });
    return enter({ ...state, killAtMs: nowMs + timings.timeoutMs }, 'lameDuck', nowMs);
  }
  if (state.forced) return state;
  const forced = { ...state, forced: true, killAtMs: Math.min(state.killAtMs ?? Infinity, nowMs + timings.forcedExitMs) };
  if (state.phase === 'lingering') return passTime(forced, null, nowMs, timings, actions);
  return finish(forced, nowMs, nowMs, timings, actions);
}

/** `subscribers`: how many are open, null when not known at this event. */
function passTime(state: DrainState, subscribers: number | null, nowMs: number, timings: DrainTimings, actions: DrainAction[]): DrainState {
  const endsAtMs = phaseEndAtMs(state, timings);
  if (endsAtMs === null || nowMs < endsAtMs) return state;
  switch (state.phase) {
    case 'lameDuck': {
      const spreadMs = Math.min(timings.spreadMs, latestFinishAtMs(state, timings) - nowMs);
      if (subscribers === 0 || spreadMs <= 0) return finish(state, nowMs, deadlineAtMs(state, timings), timings, actions);
      actions.push({ kind: 'spread', spreadMs });
      return enter(state, 'spreading', nowMs);
    }
    case 'spreading':
      return finish(state, nowMs, deadlineAtMs(state, timings), timings, actions);
    case 'lingering':
      actions.push({ kind: 'exit', exitCode: state.exitCode });
      return enter(state, 'exited', nowMs);
    default:
      return state;
  }
}

function finish(state: DrainState, nowMs: number, deadline: number, timings: DrainTimings, actions: DrainAction[]): DrainState {
  if (state.phase === 'lingering') return state;
  if (state.phase !== 'finishing') actions.push({ kind: 'closeListener' });
  actions.push({ kind: 'stopWorkers', deadlineAtMs: deadline, idleMs: state.forced ? 0 : timings.idleMs });
  return state.phase === 'finishing' ? state : enter(state, 'finishing', nowMs);
}

function phaseEndAtMs(state: DrainState, timings: DrainTimings): number | null {
  switch (state.phase) {
    case 'lameDuck':
      return Math.min(state.sinceMs + timings.propagationDelayMs, latestFinishAtMs(state, timings));
    case 'spreading':
      return Math.min(state.sinceMs + timings.spreadMs, latestFinishAtMs(state, timings));
    case 'lingering':
      // Cut short rather than killed: everything has ended already.
      return state.forced ? state.sinceMs : Math.min(state.sinceMs + timings.lingerMs, (state.killAtMs ?? Infinity) - 1);
    default:
      return null;
  }
}

/** Finishing begins here at the latest, however long the phases before it are configured: a sixth of the time is its own. */
function latestFinishAtMs(state: DrainState, timings: DrainTimings): number {
  return (state.killAtMs ?? Infinity) - timings.lingerMs - timings.timeoutMs / 6;
}

/** What is in flight is cut here: early enough to linger and to exit before `killAtMs`. */
function deadlineAtMs(state: DrainState, timings: DrainTimings): number {
  return (state.killAtMs ?? Infinity) - timings.lingerMs - Math.min(1_000, timings.timeoutMs / 12);
}

function enter(state: DrainState, phase: DrainPhase, nowMs: number): DrainState {
  return { ...state, phase, sinceMs: nowMs };
}
