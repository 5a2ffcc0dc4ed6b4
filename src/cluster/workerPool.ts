// Starts, watches, replaces and stops the worker threads: the driver of supervision.ts (primary only).
import { Worker } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { Failure } from '../model/failure.ts';
import type { Acceptor } from './acceptor.ts';
import { threadsPerWorker, type ControlBlock, type ThreadGauges } from './controlBlock.ts';
import { lookAtHeartbeat, startHeartbeatWatch } from './heartbeatWatch.ts';
import type { ToPrimary, ToWorker, WorkerData } from './messages.ts';
import { monotonicMs } from './monotonicClock.ts';
import { slotWakeAtMs, stepSlot, type SlotAction, type SlotEvent, type SlotReport, type SupervisionTimings, type ThreadPhase } from './supervision.ts';
import { handlesLeftExitCode } from './workerRuntime.ts';
import { createSlot, type LiveThread, type Slot } from './workerSlot.ts';

/** One thread of one worker index; an answer goes to the thread that asked, not to the one that has replaced it. */
export interface WorkerAddress {
  readonly worker: number;
  readonly thread: number;
}

export interface WorkerReport extends WorkerAddress {
  readonly kind: SlotReport | 'finished' | 'handlesLeft';
  /** Words for the log: the error's message, or what the kind says. */
  readonly message: string;
  readonly stack: string;
  readonly silentMs: number;
  readonly requestsCut: number;
  readonly connectionsCut: number;
  /** Delay before the next thread, for `restarting`. */
  readonly restartInMs: number;
}

export interface WorkerPoolOptions {
  /** Module of the worker; it calls runWorker. */
  readonly entry: URL;
  readonly workers: number;
  readonly controlBlock: ControlBlock;
  /** threadsPerWorker per worker: lane of thread block i. */
  readonly lanes: readonly SharedArrayBuffer[];
  readonly settings: unknown;
  readonly acceptor: Acceptor;
  readonly timings: SupervisionTimings;
  readonly heartbeatMs: number;
  /**
   * What a new thread is told first: the published epoch and what was added since. It is attached when it serves from that epoch.
   * Called when the thread is made, in the same turn as the first postAll that reaches it.
   */
  welcome(): readonly ToWorker[];
  onMiss(from: WorkerAddress, message: Extract<ToPrimary, { kind: 'miss' }>): void;
  onAsk(from: WorkerAddress, message: Extract<ToPrimary, { kind: 'ask' }>): void;
  onWebhook(from: WorkerAddress, message: Extract<ToPrimary, { kind: 'webhook' }>): void;
  onEncryption(from: WorkerAddress, message: Extract<ToPrimary, { kind: 'encryption' }>): void;
  onEpochServed(from: WorkerAddress, epoch: number): void;
  onReport(report: WorkerReport): void;
  /** A worker has been silent for too long: the process has to end with WORKER_HUNG's code (DrainDriver.fault). */
  onHung(from: WorkerAddress, silentMs: number): void;
}

export interface WorkerStatus extends WorkerAddress {
  readonly threadBlock: number;
  readonly phase: ThreadPhase | 'down';
  readonly hung: boolean;
  readonly heartbeatAgeMs: number;
  readonly epochServed: number;
  /** Threads that failed and were followed by another, since start. */
  readonly restarts: number;
  readonly gauges: ThreadGauges;
}

/** How often heartbeats are looked at. */
const lookIntervalMs = 200;

const noGauges: ThreadGauges = { requestsInFlight: 0, connectionsOpen: 0, subscribersOpen: 0, eventLoopUtilisation: 0 };

export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #slots: readonly Slot[];
  #look: NodeJS.Timeout | null = null;
  #stopIdleMs = 0;
  #ended: (() => void)[] = [];
  #requestsCut = 0;
  #connectionsCut = 0;

  constructor(options: WorkerPoolOptions) {
    assert(options.lanes.length === threadsPerWorker * options.workers, 'two lanes per worker');
    assert(options.controlBlock.threads === options.lanes.length, 'a thread block per lane');
    this.#options = options;
    this.#slots = Array.from({ length: options.workers }, (_, index) => createSlot(index));
  }

  /**
   * Starts all workers at once; resolves when each is attached. Rejects with INTERNAL when one fails before it has ever served:
   * then no restart would help. The caller stops the pool in both cases.
   */
  async start(): Promise<void> {
    this.#look = setInterval(() => this.#lookAtHeartbeats(), lookIntervalMs);
    const started = this.#slots.map((slot) => new Promise<void>((resolve, reject) => (slot.started = { resolve, reject })));
    for (const slot of this.#slots) this.#step(slot, { kind: 'start' });
    await Promise.all(started);
  }

  /** False when the thread is gone. */
  post(to: WorkerAddress, message: ToWorker): boolean {
    const live = this.#slots[to.worker]?.threads.get(to.thread);
    live?.worker.postMessage(message);
    return live !== undefined;
  }

  /** To every live thread, leaving ones too: they still answer. */
  postAll(message: ToWorker): void {
    for (const slot of this.#slots) for (const live of slot.threads.values()) live.worker.postMessage(message);
  }

  /** The segments of earlier epochs are in no thread's use. */
  epochReleased(): number {
    return Math.min(...this.#slots.flatMap((slot) => [...slot.threads.values()].map((live) => live.epochReleased)), Number.MAX_SAFE_INTEGER);
  }

  /** Addresses of the live threads. */
  threads(): readonly WorkerAddress[] {
    return this.#slots.flatMap((slot) => [...slot.threads.values()].map((live) => live.address));
  }

  /**
   * Rolling replacement: a new thread starts and is attached, then the old one is detached and finishes by itself. Resolves when new
   * connections go to the new thread. Waits for an earlier replacement of the same index; INTERNAL when the new thread fails, then the
   * old one goes on, or when the pool stops.
   */
  replace(index: number): Promise<void> {
    const slot = this.#slots[index];
    assert(slot !== undefined, 'worker index exists');
    if (slot.state.stopDeadlineAtMs !== null) return Promise.reject(new Failure('INTERNAL', 'the workers are being stopped'));
    return new Promise((resolve, reject) => {
      slot.replaced.push({ resolve, reject });
      this.#step(slot, { kind: 'replace' });
    });
  }

  /**
   * Lets all workers finish: what is in flight until `deadlineAtMs` (monotonicMs), connections without a request for `idleMs`. The
   * listener is closed before. Resolves when all threads have ended. A second call with an earlier deadline shortens the first.
   */
  stop(deadlineAtMs: number, idleMs: number): Promise<void> {
    this.#stopIdleMs = idleMs;
    const ended = new Promise<void>((resolve) => this.#ended.push(resolve));
    for (const slot of this.#slots) {
      this.#step(slot, { kind: 'stop', deadlineAtMs });
      const stopped = new Failure('INTERNAL', 'the workers are being stopped');
      slot.started?.reject(stopped);
      for (const waiter of slot.replaced.splice(0)) waiter.reject(stopped);
    }
    this.#endWhenAllEnded();
    return ended;
  }

  /** What the finished threads had to cut, so far. */
  cut(): { readonly requests: number; readonly connections: number } {
    return { requests: this.#requestsCut, connections: this.#connectionsCut };
  }

  /** As of the last heartbeats. */
  subscribersOpen(): number {
    let open = 0;
    for (const slot of this.#slots) for (const live of slot.threads.values()) open += this.#options.controlBlock.gauges(live.block).subscribersOpen;
    return open;
  }

  /** One entry per live thread, and one with phase `down` for an index that has none. */
  status(): readonly WorkerStatus[] {
    const nowMs = monotonicMs();
    return this.#slots.flatMap((slot) => {
      const { current, outgoing } = slot.state;
      const entries = [current, outgoing].flatMap((thread) => {
        const live = thread === null ? undefined : slot.threads.get(thread.thread);
        return thread === null || live === undefined ? [] : [this.#statusOf(slot, live, thread.phase, thread.hung, nowMs)];
      });
      if (entries.length > 0) return entries;
      const down: WorkerStatus = {
        worker: slot.index,
        thread: -1,
        threadBlock: -1,
        phase: 'down',
        hung: false,
        heartbeatAgeMs: 0,
        epochServed: 0,
        restarts: slot.restarts,
        gauges: noGauges,
      };
      return [down];
    });
  }

  #statusOf(slot: Slot, live: LiveThread, phase: ThreadPhase, hung: boolean, nowMs: number): WorkerStatus {
    const block = this.#options.controlBlock;
    return {
      ...live.address,
      threadBlock: live.block,
      phase,
      hung,
      heartbeatAgeMs: block.heartbeatAgeMs(live.block, nowMs),
      epochServed: live.epochServed,
      restarts: slot.restarts,
      gauges: block.gauges(live.block),
    };
  }

  #step(slot: Slot, event: SlotEvent): void {
    const { state, actions } = stepSlot(slot.state, event, monotonicMs(), this.#options.timings);
    slot.state = state;
    for (const action of actions) this.#act(slot, action);
    this.#scheduleTick(slot);
  }

  #scheduleTick(slot: Slot): void {
    if (slot.timer !== null) clearTimeout(slot.timer);
    slot.timer = null;
    const wakeAtMs = slotWakeAtMs(slot.state);
    if (wakeAtMs === null) return;
    slot.timer = setTimeout(() => this.#step(slot, { kind: 'tick' }), Math.max(1, Math.ceil(wakeAtMs - monotonicMs())));
  }

  #act(slot: Slot, action: SlotAction): void {
    if (action.kind === 'spawn') return this.#spawn(slot, action.thread, action.lane);
    if (action.kind === 'ended') return this.#endWhenAllEnded();
    const live = slot.threads.get(action.thread);
    const descriptor = live?.descriptor ?? null;
    switch (action.kind) {
      case 'attach':
        assert(descriptor !== null, 'a thread is attached after it has sent its descriptor');
        this.#options.acceptor.attach(descriptor);
        slot.started?.resolve();
        slot.started = null;
        return;
      case 'unattach':
        if (descriptor !== null) this.#options.acceptor.detach(descriptor);
        return;
      case 'detach':
        if (descriptor !== null) this.#options.acceptor.detach(descriptor);
        live?.worker.postMessage({ kind: 'detach' } satisfies ToWorker);
        return;
      case 'finish': {
        const deadlineMs = Math.max(0, action.deadlineAtMs - monotonicMs());
        const idleMs = slot.state.stopDeadlineAtMs === null ? deadlineMs : this.#stopIdleMs;
        live?.worker.postMessage({ kind: 'finish', deadlineMs, idleMs } satisfies ToWorker);
        return;
      }
      case 'report':
        return this.#reportOfSlot(slot, action.report, action.thread);
      case 'exitProcess':
        return this.#options.onHung({ worker: slot.index, thread: action.thread }, live?.watch.silentMs ?? 0);
    }
  }

  #spawn(slot: Slot, thread: number, lane: 0 | 1): void {
    const { controlBlock, entry, lanes, settings, heartbeatMs } = this.#options;
    const block = threadsPerWorker * slot.index + lane;
    const nowMs = monotonicMs();
    controlBlock.resetThread(block, nowMs);
    const data: WorkerData = { workerIndex: slot.index, threadBlock: block, heartbeatMs, controlBlock: controlBlock.buffer, lane: lanes[block]!, settings };
    // No resourceLimits: at the limit Node terminates the thread, and a terminated thread with open uWS sockets aborts the process.
    const worker = new Worker(entry, { workerData: data, name: `worker-${slot.index}` });
    const welcome = this.#options.welcome();
    const epochAwaited = welcome.reduce((highest, message) => (message.kind === 'epoch' ? Math.max(highest, message.epoch) : highest), 0);
    const live: LiveThread = {
      address: { worker: slot.index, thread },
      block,
      worker,
      epochAwaited,
      descriptor: null,
      epochServed: 0,
      epochReleased: 0,
      watch: startHeartbeatWatch(controlBlock.heartbeat(block), nowMs),
      error: null,
    };
    slot.threads.set(thread, live);
    for (const message of welcome) worker.postMessage(message);
    worker.on('message', (message: ToPrimary) => this.#receive(slot, live, message));
    worker.on('error', (error) => (live.error = error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', (code) => this.#exited(slot, live, code));
  }

  #receive(slot: Slot, live: LiveThread, message: ToPrimary): void {
    const { thread } = live.address;
    switch (message.kind) {
      case 'listening':
        live.descriptor = message.descriptor;
        return this.#readyIfServing(slot, live);
      case 'epochServed':
        live.epochServed = Math.max(live.epochServed, message.epoch);
        this.#options.onEpochServed(live.address, message.epoch);
        return this.#readyIfServing(slot, live);
      case 'epochReleased':
        live.epochReleased = message.epoch;
        return;
      case 'miss':
        return this.#options.onMiss(live.address, message);
      case 'ask':
        return this.#options.onAsk(live.address, message);
      case 'webhook':
        return this.#options.onWebhook(live.address, message);
      case 'encryption':
        return this.#options.onEncryption(live.address, message);
      case 'detached':
        return this.#step(slot, { kind: 'detached', thread });
      case 'finished':
        this.#requestsCut += message.requestsCut;
        this.#connectionsCut += message.connectionsCut;
        return this.#report(live.address, 'finished', 'the worker has finished', message);
      case 'crashed':
        live.error = Object.assign(new Error(message.message), { stack: message.stack });
        return this.#step(slot, { kind: 'crashed', thread });
    }
  }

  #readyIfServing(slot: Slot, live: LiveThread): void {
    if (live.descriptor !== null && live.epochServed >= live.epochAwaited) this.#step(slot, { kind: 'ready', thread: live.address.thread });
  }

  #exited(slot: Slot, live: LiveThread, code: number): void {
    if (code === handlesLeftExitCode) this.#report(live.address, 'handlesLeft', 'a timer or handle of the serving plane kept the closed thread alive', null);
    this.#step(slot, { kind: 'exited', thread: live.address.thread });
    slot.threads.delete(live.address.thread);
    this.#endWhenAllEnded();
  }

  #lookAtHeartbeats(): void {
    const nowMs = monotonicMs();
    for (const slot of this.#slots) {
      for (const live of slot.threads.values()) {
        live.watch = lookAtHeartbeat(live.watch, this.#options.controlBlock.heartbeat(live.block), nowMs, lookIntervalMs);
        this.#step(slot, { kind: 'silent', thread: live.address.thread, silentMs: live.watch.silentMs });
      }
    }
  }

  #reportOfSlot(slot: Slot, kind: SlotReport, thread: number): void {
    const error = slot.threads.get(thread)?.error ?? null;
    const message = error?.message ?? `worker ${kind}`;
    if (kind === 'restarting') slot.restarts += 1;
    this.#report({ worker: slot.index, thread }, kind, message, null);
    if (kind === 'replaced') slot.replaced.shift()?.resolve();
    if (kind === 'replaceFailed')
      slot.replaced.shift()?.reject(new Failure('INTERNAL', `the new thread of worker ${slot.index} failed: ${message}`, { cause: error }));
    if ((kind === 'crashed' || kind === 'exited') && slot.started !== null) {
      slot.started.reject(new Failure('INTERNAL', `worker ${slot.index} failed at start: ${message}`, { cause: error }));
      slot.started = null;
    }
    // Replacements that were asked for while another was under way.
    if (slot.replaced.length > 0 && (kind === 'replaced' || kind === 'replaceFailed')) setImmediate(() => this.#step(slot, { kind: 'replace' }));
  }

  #report(
    address: WorkerAddress,
    kind: WorkerReport['kind'],
    message: string,
    finished: { readonly requestsCut: number; readonly connectionsCut: number } | null,
  ): void {
    const slot = this.#slots[address.worker]!;
    const live = slot.threads.get(address.thread);
    const wakeAtMs = slotWakeAtMs(slot.state);
    this.#options.onReport({
      ...address,
      kind,
      message,
      stack: live?.error?.stack ?? '',
      silentMs: live?.watch.silentMs ?? 0,
      requestsCut: finished?.requestsCut ?? 0,
      connectionsCut: finished?.connectionsCut ?? 0,
      restartInMs: wakeAtMs === null ? 0 : Math.max(0, Math.round(wakeAtMs - monotonicMs())),
    });
  }

  #endWhenAllEnded(): void {
    if (!this.#slots.every((slot) => slot.state.ended && slot.threads.size === 0)) return;
    if (this.#look !== null) clearInterval(this.#look);
    this.#look = null;
    for (const resolve of this.#ended.splice(0)) resolve();
  }
}
