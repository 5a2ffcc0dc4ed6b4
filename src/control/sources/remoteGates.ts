// One circuit breaker per remote host, shared by all sources that fetch from it: a host that is down is asked by one of them at a time.
import { breakerInitial, stepBreaker, type BreakerEvent, type BreakerLimits, type BreakerState } from '../../base/circuitBreaker.ts';
import { REMOTE_FAILURES_MAX, REMOTE_PROBE_INTERVAL_MAX_MS, REMOTE_PROBE_INTERVAL_MIN_MS } from '../../model/limits.ts';
import type { SourceProblem } from './source.ts';

export interface RemoteGate {
  /** 0: go on, and report; else the time after which asking again is worth it. */
  ask(): number;
  /** How the try ended that was let through. */
  report(problem: SourceProblem | null): void;
  /** Failures of the host in a row. */
  readonly failures: number;
}

export interface RemoteGatesPorts {
  /** The host is asked by one at a time from now on, or by everybody again. */
  readonly onChange: (host: string, isOpen: boolean) => void;
  readonly nowMs: () => number;
  /** In [0, 1). */
  readonly random: () => number;
}

export class RemoteGates {
  private readonly ports: RemoteGatesPorts;
  private readonly gates = new Map<string, HostGate>();

  constructor(ports: RemoteGatesPorts) {
    this.ports = ports;
  }

  /** `intervalMs`: that of the source; the shortest of a host counts. `timeoutMs`: the longest that one try takes. */
  of(host: string, intervalMs: number, timeoutMs: number): RemoteGate {
    const known = this.gates.get(host) ?? new HostGate(host, this.ports);
    this.gates.set(host, known);
    known.include(intervalMs, timeoutMs);
    return known;
  }
}

class HostGate implements RemoteGate {
  private readonly host: string;
  private readonly ports: RemoteGatesPorts;
  private state: BreakerState = breakerInitial;
  private limits: BreakerLimits = { failuresMax: REMOTE_FAILURES_MAX, intervalMs: REMOTE_PROBE_INTERVAL_MAX_MS, probeMs: 0 };

  constructor(host: string, ports: RemoteGatesPorts) {
    this.host = host;
    this.ports = ports;
  }

  get failures(): number {
    return this.state.failures;
  }

  include(intervalMs: number, timeoutMs: number): void {
    const { limits } = this;
    const shortestMs = Math.min(limits.intervalMs, Math.max(REMOTE_PROBE_INTERVAL_MIN_MS, intervalMs));
    this.limits = { ...limits, intervalMs: shortestMs, probeMs: Math.max(limits.probeMs, timeoutMs) };
  }

  ask(): number {
    return this.step('ask');
  }

  /** A host that answers is up, also when the answer is no. */
  report(problem: SourceProblem | null): void {
    const isOutage = problem !== null && (problem.code === 'SOURCE_UNREACHABLE' || problem.code === 'SOURCE_TIMEOUT');
    this.step(isOutage ? 'failed' : 'succeeded');
  }

  private step(event: BreakerEvent): number {
    const before = this.state.kind;
    const { state, waitMs } = stepBreaker(this.state, event, this.ports.nowMs(), this.ports.random(), this.limits);
    this.state = state;
    if (before === 'closed' && state.kind === 'open') this.ports.onChange(this.host, true);
    if (before !== 'closed' && state.kind === 'closed') this.ports.onChange(this.host, false);
    return waitMs;
  }
}
