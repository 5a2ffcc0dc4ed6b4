// Whether something that failed again and again may be tried now, as a pure state machine: events in, verdicts out, time as an argument.
//
//   closed ── failuresMax failures in a row ──► open ── the interval is over, somebody asks ──► probing
//     ▲                                          ▲                                               │
//     ├────────────── success ───────────────────┼───────────────── success ────────────────────┤
//     │                                          └── failure, or no report within the deadline ──┘
import { jitteredMs } from './backoff.ts';

export interface BreakerLimits {
  /** Failures in a row after which it opens. */
  readonly failuresMax: number;
  /** Between two probes, give or take a tenth. */
  readonly intervalMs: number;
  /** A probe that has not reported by then is given up. */
  readonly probeMs: number;
}

export type BreakerState =
  | { readonly kind: 'closed'; readonly failures: number }
  | { readonly kind: 'open'; readonly failures: number; readonly probeAtMs: number }
  | { readonly kind: 'probing'; readonly failures: number; readonly sinceMs: number; readonly untilMs: number };

export type BreakerEvent = 'ask' | 'succeeded' | 'failed';

export interface BreakerStep {
  readonly state: BreakerState;
  /** Of `ask`: 0 lets it through, else the time after which asking again is worth it. */
  readonly waitMs: number;
}

export const breakerInitial: BreakerState = { kind: 'closed', failures: 0 };

/** `random` is in [0, 1). Reports may come late, from tries that began before it opened. */
export function stepBreaker(state: BreakerState, event: BreakerEvent, nowMs: number, random: number, limits: BreakerLimits): BreakerStep {
  switch (event) {
    case 'ask':
      return ask(state, nowMs, limits);
    case 'succeeded':
      return { state: breakerInitial, waitMs: 0 };
    case 'failed':
      return { state: failed(state, nowMs, random, limits), waitMs: 0 };
  }
}

function ask(state: BreakerState, nowMs: number, { intervalMs, probeMs }: BreakerLimits): BreakerStep {
  if (state.kind === 'closed') return { state, waitMs: 0 };
  const dueAtMs = state.kind === 'open' ? state.probeAtMs : state.untilMs;
  // A probe may take long and most often does not: its outcome is worth a look after an interval.
  if (nowMs < dueAtMs) return { state, waitMs: state.kind === 'open' ? dueAtMs - nowMs : Math.min(intervalMs, dueAtMs - nowMs) };
  return { state: { kind: 'probing', failures: state.failures, sinceMs: nowMs, untilMs: nowMs + probeMs }, waitMs: 0 };
}

function failed(state: BreakerState, nowMs: number, random: number, limits: BreakerLimits): BreakerState {
  const failures = state.failures + 1;
  const opened: BreakerState = { kind: 'open', failures, probeAtMs: nowMs + jitteredMs(limits.intervalMs, random) };
  switch (state.kind) {
    case 'closed':
      return failures < limits.failuresMax ? { kind: 'closed', failures } : opened;
    case 'open':
      // a late report changes nothing about the next probe
      return { ...state, failures };
    case 'probing':
      return opened;
  }
}
