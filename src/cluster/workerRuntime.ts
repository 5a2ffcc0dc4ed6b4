// The worker's side of the cluster: heartbeat, crash, detach and finish; HTTP is the serving plane's (worker threads only).
//
//   build plane ─► `listening` ─► plane.onMessage … ─► detach: answers close their connections, a turn of the loop, `detached`
//        ─► finish: in-flight requests, idle connections ─► app.close(), `finished`, port.close(): the thread ends by itself
//   an exception that nobody caught: `crashed`, then the same way out. The app stays until the primary says `finish`, because the
//   acceptor holds a pointer to it.
import { performance } from 'node:perf_hooks';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { TemplatedApp } from 'uWebSockets.js';
import { assert } from '../base/assert.ts';
import { ControlBlock } from './controlBlock.ts';
import type { ToPrimary, ToWorker, WorkerData } from './messages.ts';
import { monotonicMs } from './monotonicClock.ts';

/** How often a finishing worker looks whether it is done. */
const finishLookMs = 10;

/** Exit code of a thread that a timer or a handle of the plane kept alive after its app was closed. */
export const handlesLeftExitCode = 3;

/** How long a closed worker may take to end by itself. */
const fallThroughMs = 250;

export interface ServingPlane {
  readonly app: TemplatedApp;
  /** Every message of the primary, those that the runtime acts on too (it acts first). */
  onMessage(message: ToWorker): void;
  /** Requests whose answer has not been ended. */
  requestsInFlight(): number;
  /** HTTP connections and WebSockets. */
  connectionsOpen(): number;
  /** Long-lived subscribers; they are asked to leave before the listener closes. */
  subscribersOpen?(): number;
  /** After the app was closed: clear timers, so that the thread ends at once by itself. */
  onClosed?(): void;
}

export interface WorkerRuntime {
  readonly data: WorkerData;
  readonly controlBlock: ControlBlock;
  /** True from lame duck, detach or a crash on: answers carry `Connection: close`, new upgrades get 503. A plain field, for the read path. */
  readonly closing: boolean;
  send(message: ToPrimary): void;
  /** The gauge of long-lived subscribers, at once: heartbeats only repeat it. */
  noteSubscribers(open: number): void;
}

/** Runs this thread as a worker. `build` makes the app with its routes; it doesn't listen. Returns at once. */
export function runWorker(build: (runtime: WorkerRuntime) => ServingPlane): void {
  assert(parentPort !== null, 'runs in a worker thread');
  new Runtime(parentPort, workerData as WorkerData).run(build);
}

class Runtime implements WorkerRuntime {
  readonly data: WorkerData;
  readonly controlBlock: ControlBlock;
  closing = false;
  readonly #port: MessagePort;
  #plane: ServingPlane | null = null;
  #crashed = false;
  #ended = false;
  #heartbeat: NodeJS.Timeout | null = null;
  #finish: { deadlineAtMs: number; idleUntilMs: number } | null = null;
  #finishLook: NodeJS.Timeout | null = null;
  #lastUtilisation = performance.eventLoopUtilization();

  constructor(port: MessagePort, data: WorkerData) {
    this.#port = port;
    this.data = data;
    this.controlBlock = new ControlBlock(data.controlBlock);
  }

  run(build: (runtime: WorkerRuntime) => ServingPlane): void {
    // Unhandled rejections arrive here as well: Node raises them as uncaught exceptions.
    process.on('uncaughtException', (error: unknown) => this.#crash(error));
    this.controlBlock.beat(this.data.threadBlock, monotonicMs());
    this.#heartbeat = setInterval(() => this.#beat(), this.data.heartbeatMs);
    this.#port.on('message', (message: ToWorker) => this.#receive(message));
    const plane = build(this);
    this.#plane = plane;
    this.send({ kind: 'listening', descriptor: descriptorOf(plane.app) });
  }

  send(message: ToPrimary): void {
    this.#port.postMessage(message);
  }

  noteSubscribers(open: number): void {
    this.controlBlock.noteSubscribers(this.data.threadBlock, open);
  }

  #receive(message: ToWorker): void {
    switch (message.kind) {
      case 'lameDuck':
        this.closing = true;
        break;
      case 'detach':
        this.closing = true;
        this.#detach();
        break;
      case 'finish':
        this.closing = true;
        this.#startFinish(message.deadlineMs, message.idleMs);
        break;
      default:
    }
    if (!this.#ended) this.#plane?.onMessage(message);
  }

  /** Sockets that the acceptor gave us before it dropped us are in this loop's queue: two turns see them all adopted. */
  #detach(): void {
    setImmediate(() => setImmediate(() => this.send({ kind: 'detached' })));
  }

  #startFinish(deadlineMs: number, idleMs: number): void {
    const nowMs = monotonicMs();
    const asked = { deadlineAtMs: nowMs + deadlineMs, idleUntilMs: nowMs + Math.min(idleMs, deadlineMs) };
    this.#finish = {
      deadlineAtMs: Math.min(asked.deadlineAtMs, this.#finish?.deadlineAtMs ?? Infinity),
      idleUntilMs: Math.min(asked.idleUntilMs, this.#finish?.idleUntilMs ?? Infinity),
    };
    this.#finishLook ??= setInterval(() => this.#lookAtFinish(), finishLookMs);
    this.#lookAtFinish();
  }

  #lookAtFinish(): void {
    if (this.#isFinished()) {
      // Once more after a poll phase: a request may have arrived in this very moment.
      setImmediate(() => setImmediate(() => this.#isFinished() && this.#end()));
    }
  }

  #isFinished(): boolean {
    if (this.#finish === null) return false;
    const nowMs = monotonicMs();
    if (this.#plane === null || nowMs >= this.#finish.deadlineAtMs || this.#plane.connectionsOpen() === 0) return true;
    return nowMs >= this.#finish.idleUntilMs && this.#plane.requestsInFlight() === 0;
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    const plane = this.#plane;
    this.send({ kind: 'finished', requestsCut: plane?.requestsInFlight() ?? 0, connectionsCut: plane?.connectionsOpen() ?? 0 });
    plane?.app.close();
    plane?.onClosed?.();
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    if (this.#finishLook !== null) clearInterval(this.#finishLook);
    this.#port.close();
    // Once the app is closed no socket is open, and only then is this exit safe (design section 2).
    setTimeout(() => process.exit(handlesLeftExitCode), fallThroughMs).unref();
  }

  #crash(error: unknown): void {
    if (this.#crashed || this.#ended) return;
    this.#crashed = true;
    this.closing = true;
    const known = error instanceof Error ? error : new Error(String(error));
    this.send({ kind: 'crashed', message: known.message, stack: known.stack ?? '' });
    // Before `listening` no acceptor knows this thread; after, it ends when the primary has detached it and says `finish`.
    if (this.#plane === null) this.#end();
  }

  #beat(): void {
    const utilisation = performance.eventLoopUtilization();
    const busy = performance.eventLoopUtilization(utilisation, this.#lastUtilisation).utilization;
    this.#lastUtilisation = utilisation;
    this.controlBlock.beat(this.data.threadBlock, monotonicMs());
    const plane = this.#plane;
    if (plane === null) return;
    this.controlBlock.writeGauges(this.data.threadBlock, {
      requestsInFlight: plane.requestsInFlight(),
      connectionsOpen: plane.connectionsOpen(),
      subscribersOpen: plane.subscribersOpen?.() ?? 0,
      eventLoopUtilisation: busy,
    });
  }
}

/** Left out of the package's type file. */
function descriptorOf(app: TemplatedApp): number {
  return (app as TemplatedApp & { getDescriptor(): number }).getDescriptor();
}
