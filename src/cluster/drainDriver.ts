// Runs the drain: signals and timers in, hooks out; the decisions are drain.ts (primary only).
import type { ListenerClosing } from './acceptor.ts';
import type { ControlBlock } from './controlBlock.ts';
import { drainInitial, drainWakeAtMs, stepDrain, type DrainAction, type DrainEvent, type DrainState, type DrainTimings } from './drain.ts';
import { hardExit } from './hardExit.ts';
import { monotonicMs } from './monotonicClock.ts';
import { SignalInbox } from './signalInbox.ts';

/** What the drain does to the rest of the process. */
export interface DrainHooks {
  /** Readiness is off already. Tell the workers: post `lameDuck` to all. */
  enterLameDuck(): void;
  /** Ask the subscribers to leave over this time: post `spread` to all. */
  spread(spreadMs: number): void;
  /** Subscribers still open, all workers together. */
  subscribersOpen(): number;
  /** Close the acceptor's listener; resolves when it is closed, null when it never listened. */
  closeListener(): Promise<ListenerClosing | null>;
  /** Let the workers finish until then (monotonicMs), connections without a request for `idleMs`; resolves when all threads have ended. May come a second time with less time. */
  stopWorkers(deadlineAtMs: number, idleMs: number): Promise<void>;
  /** Close the management port, flush logs and telemetry. The process exits afterwards, at the latest when its time is over. */
  closePrimary(): Promise<void>;
  /** Something was noteworthy; `kill` is the last chance to say what was left, and to write it out synchronously. */
  onReport(report: DrainReport): void;
}

export type DrainReport =
  | { readonly kind: 'phase'; readonly phase: DrainState['phase']; readonly signal: string | null }
  | { readonly kind: 'listenerClosed'; readonly closing: ListenerClosing | null }
  | { readonly kind: 'exit'; readonly exitCode: number; readonly tookMs: number }
  | { readonly kind: 'closeFailed'; readonly message: string }
  | { readonly kind: 'kill'; readonly exitCode: number; readonly tookMs: number };

/** How often open subscribers are counted while the drain waits for them. */
const subscribersLookMs = 100;

export class DrainDriver {
  readonly #controlBlock: ControlBlock;
  readonly #timings: DrainTimings;
  readonly #hooks: DrainHooks;
  readonly #abort = new AbortController();
  #state: DrainState;
  #timer: NodeJS.Timeout | null = null;
  #beganAtMs: number | null = null;
  #listenerClosed: Promise<void> = Promise.resolve();
  #lastSignal: string | null = null;

  constructor(controlBlock: ControlBlock, timings: DrainTimings, hooks: DrainHooks) {
    this.#controlBlock = controlBlock;
    this.#timings = timings;
    this.#hooks = hooks;
    this.#state = drainInitial(monotonicMs());
    controlBlock.setDrainPhase(this.#state.phase);
  }

  /** Aborted at the first signal or fault: start-up stops where it is and lets the drain end the process. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get draining(): boolean {
    return this.#abort.signal.aborted;
  }

  /**
   * SIGTERM and SIGINT drain from now on, those that `inbox` has caught before at once; a second one ends the process at once. All
   * that the hooks use must exist.
   */
  installSignals(inbox = new SignalInbox()): void {
    inbox.connect((name) => {
      this.#lastSignal = name;
      this.drain();
    });
  }

  /** Start-up is complete. Nothing happens when a signal came first. */
  started(): void {
    this.#step({ kind: 'started' });
  }

  /** What a signal does. */
  drain(): void {
    this.#step({ kind: 'signal' });
  }

  /** The process can't go on: it ends with this exit code (> 0), by SIGKILL when a worker does not end. */
  fault(exitCode: number): void {
    this.#step({ kind: 'fault', exitCode });
  }

  #step(event: DrainEvent): void {
    const phase = this.#state.phase;
    const { state, actions } = stepDrain(this.#state, event, monotonicMs(), this.#timings);
    this.#state = state;
    if (state.phase !== phase) {
      this.#controlBlock.setDrainPhase(state.phase);
      if (state.killAtMs !== null) this.#began();
      this.#hooks.onReport({ kind: 'phase', phase: state.phase, signal: this.#lastSignal });
    }
    for (const action of actions) this.#act(action);
    this.#scheduleTick();
  }

  #began(): void {
    if (this.#beganAtMs !== null) return;
    this.#beganAtMs = monotonicMs();
    this.#controlBlock.setReadiness('draining');
    this.#abort.abort();
  }

  #scheduleTick(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const wakeAtMs = drainWakeAtMs(this.#state, this.#timings);
    if (wakeAtMs === null) return;
    const waits = this.#state.phase === 'lameDuck' || this.#state.phase === 'spreading';
    const delayMs = Math.max(1, Math.ceil(wakeAtMs - monotonicMs()));
    this.#timer = setTimeout(
      () => this.#step(waits ? { kind: 'subscribers', open: this.#hooks.subscribersOpen() } : { kind: 'tick' }),
      waits ? Math.min(delayMs, subscribersLookMs) : delayMs,
    );
  }

  #act(action: DrainAction): void {
    switch (action.kind) {
      case 'lameDuck':
        return this.#hooks.enterLameDuck();
      case 'spread':
        return this.#hooks.spread(action.spreadMs);
      case 'closeListener':
        this.#listenerClosed = this.#closeListener();
        return;
      case 'stopWorkers':
        void this.#stopWorkers(action.deadlineAtMs, action.idleMs);
        return;
      case 'exit':
        void this.#exit(action.exitCode);
        return;
      case 'kill':
        this.#hooks.onReport({ kind: 'kill', exitCode: action.exitCode, tookMs: this.#tookMs() });
        return hardExit();
    }
  }

  async #closeListener(): Promise<void> {
    const closing = await this.#hooks.closeListener();
    this.#hooks.onReport({ kind: 'listenerClosed', closing });
  }

  /** After the listener: a worker that is detached while it is open would leave its share of new connections to nobody. */
  async #stopWorkers(deadlineAtMs: number, idleMs: number): Promise<void> {
    await this.#listenerClosed;
    await this.#hooks.stopWorkers(deadlineAtMs, idleMs);
    this.#step({ kind: 'workersEnded' });
  }

  /** All workers have ended: process.exit() is safe now. */
  async #exit(exitCode: number): Promise<void> {
    this.#hooks.onReport({ kind: 'exit', exitCode, tookMs: this.#tookMs() });
    const leftMs = Math.max(0, (this.#state.killAtMs ?? 0) - monotonicMs());
    let timer: NodeJS.Timeout | null = null;
    const timeUp = new Promise<void>((resolve) => (timer = setTimeout(resolve, leftMs)));
    try {
      await Promise.race([this.#hooks.closePrimary(), timeUp]);
    } catch (error) {
      this.#hooks.onReport({ kind: 'closeFailed', message: String(error) });
    }
    if (timer !== null) clearTimeout(timer);
    process.exit(exitCode);
  }

  #tookMs(): number {
    return Math.round(monotonicMs() - (this.#beganAtMs ?? monotonicMs()));
  }
}
