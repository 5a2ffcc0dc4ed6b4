// The one block of memory that the primary and all workers share: drain phase, readiness, epoch, heartbeats, staleness.
//
//   cells of 32 bits
//   0   drainPhase      primary    index into drainPhases
//   1   readiness       primary    index into readinessStates
//   2   epoch           primary    number of the published epoch, 0 before the first
//   3   threads         creator    how many thread blocks follow
//   4   sources         creator    how many staleness cells follow them
//   5   -
//   6,7 startedAtMs     creator    float64, monotonicMs() when the block was made
//   16  thread block 0  its worker 16 cells (64 bytes: no two writers in a cache line), see `threadCell`
//   ..  thread block n
//   ..  staleness       primary    one cell per source or set of sources, see model/staleness.ts; 0 = confirmed within its limit
//
// Every cell has one writer. Atomics.store here pairs with Atomics.load of the same cell here, unless a comment says more.
// Nothing is published through this block: epochs and their memory go by message, so no cell orders another.
import { assert } from '../base/assert.ts';

/** In the order of design section 6. `starting` and `running` are before the signal. */
export const drainPhases = ['starting', 'running', 'lameDuck', 'spreading', 'finishing', 'lingering', 'exited'] as const;
export type DrainPhase = (typeof drainPhases)[number];

/** `draining` wins over the others: it never goes back. */
export const readinessStates = ['notReady', 'ready', 'draining'] as const;
export type Readiness = (typeof readinessStates)[number];

/** What a worker writes about itself at each heartbeat. */
export interface ThreadGauges {
  readonly requestsInFlight: number;
  readonly connectionsOpen: number;
  /** Long-lived subscribers (WebSocket, SSE, long poll) of this worker. */
  readonly subscribersOpen: number;
  /** Share of the last heartbeat interval that the event loop was busy, 0 to 1. */
  readonly eventLoopUtilisation: number;
}

/** A worker index has two thread blocks (and two lanes): during a replacement the old and the new thread both write. */
export const threadsPerWorker = 2;

const cell = { drainPhase: 0, readiness: 1, epoch: 2, threads: 3, sources: 4 } as const;
const startedAtFloat = 3;
const headerCells = 16;
const threadCells = 16;
const threadCell = { heartbeat: 0, requestsInFlight: 1, connectionsOpen: 2, subscribersOpen: 3, eventLoopPermille: 4 } as const;

/** Memory for `threads` thread blocks and `sources` staleness cells. Called once, by the primary, before any worker starts. */
export function createControlBlock(threads: number, sources: number, nowMs: number): SharedArrayBuffer {
  assert(Number.isInteger(threads) && threads > 0 && Number.isInteger(sources) && sources >= 0, 'shape of the control block');
  const buffer = new SharedArrayBuffer(4 * (headerCells + threads * threadCells + sources));
  // Plain writes: the threads that read them get the buffer by a message later.
  const cells = new Int32Array(buffer);
  cells[cell.threads] = threads;
  cells[cell.sources] = sources;
  new Float64Array(buffer, 0, headerCells / 2)[startedAtFloat] = nowMs;
  return buffer;
}

/** A view of the block; each thread makes its own. */
export class ControlBlock {
  readonly buffer: SharedArrayBuffer;
  readonly threads: number;
  readonly sources: number;
  /** monotonicMs() when the block was made: the zero of heartbeats and of the process's age. */
  readonly startedAtMs: number;
  /**
   * How stale each source is, and what follows (model/staleness.ts). The primary writes with `setStaleness`; the read
   * path reads plainly (a value late by some microseconds is as good, and a plain read costs nothing).
   */
  readonly staleness: Int32Array;
  readonly #cells: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#cells = new Int32Array(buffer);
    this.threads = this.#cells[cell.threads]!;
    this.sources = this.#cells[cell.sources]!;
    assert(this.#cells.length === headerCells + this.threads * threadCells + this.sources, 'size of the control block');
    this.startedAtMs = new Float64Array(buffer, 0, headerCells / 2)[startedAtFloat]!;
    this.staleness = new Int32Array(buffer, 4 * (headerCells + this.threads * threadCells), this.sources);
  }

  /** Writer: the primary's drain driver. */
  setDrainPhase(phase: DrainPhase): void {
    Atomics.store(this.#cells, cell.drainPhase, drainPhases.indexOf(phase));
  }

  drainPhase(): DrainPhase {
    return drainPhases[Atomics.load(this.#cells, cell.drainPhase)]!;
  }

  /** Writer: the primary. `draining` is final: a later call doesn't change it. */
  setReadiness(readiness: Readiness): void {
    if (this.readiness() !== 'draining') Atomics.store(this.#cells, cell.readiness, readinessStates.indexOf(readiness));
  }

  readiness(): Readiness {
    return readinessStates[Atomics.load(this.#cells, cell.readiness)]!;
  }

  /** Writer: the primary, when it has posted the epoch to all workers. */
  setEpoch(epoch: number): void {
    Atomics.store(this.#cells, cell.epoch, epoch);
  }

  epoch(): number {
    return Atomics.load(this.#cells, cell.epoch);
  }

  /** Writer: the primary. */
  setStaleness(source: number, cellValue: number): void {
    assert(source >= 0 && source < this.sources, 'source has a staleness cell');
    Atomics.store(this.staleness, source, cellValue);
  }

  /** Writer: the worker that has this thread block. Milliseconds since startedAtMs, modulo 2^32: compare with heartbeatAgeMs only. */
  beat(thread: number, nowMs: number): void {
    Atomics.store(this.#cells, this.#cellOf(thread, 'heartbeat'), Math.floor(nowMs - this.startedAtMs) | 0);
  }

  heartbeat(thread: number): number {
    return Atomics.load(this.#cells, this.#cellOf(thread, 'heartbeat'));
  }

  /** Milliseconds since the worker's last heartbeat; right for ages below 24 days although the cell wraps. */
  heartbeatAgeMs(thread: number, nowMs: number): number {
    return Math.max(0, (Math.floor(nowMs - this.startedAtMs) - this.heartbeat(thread)) | 0);
  }

  /** Writer: the worker that has this thread block. */
  writeGauges(thread: number, gauges: ThreadGauges): void {
    Atomics.store(this.#cells, this.#cellOf(thread, 'requestsInFlight'), gauges.requestsInFlight);
    Atomics.store(this.#cells, this.#cellOf(thread, 'connectionsOpen'), gauges.connectionsOpen);
    Atomics.store(this.#cells, this.#cellOf(thread, 'subscribersOpen'), gauges.subscribersOpen);
    Atomics.store(this.#cells, this.#cellOf(thread, 'eventLoopPermille'), Math.round(gauges.eventLoopUtilisation * 1_000));
  }

  /** Writer: the same. */
  noteSubscribers(thread: number, open: number): void {
    Atomics.store(this.#cells, this.#cellOf(thread, 'subscribersOpen'), open);
  }

  gauges(thread: number): ThreadGauges {
    return {
      requestsInFlight: Atomics.load(this.#cells, this.#cellOf(thread, 'requestsInFlight')),
      connectionsOpen: Atomics.load(this.#cells, this.#cellOf(thread, 'connectionsOpen')),
      subscribersOpen: Atomics.load(this.#cells, this.#cellOf(thread, 'subscribersOpen')),
      eventLoopUtilisation: Atomics.load(this.#cells, this.#cellOf(thread, 'eventLoopPermille')) / 1_000,
    };
  }

  /** The primary hands a thread block to a thread that is about to start: no other writer exists at that moment. */
  resetThread(thread: number, nowMs: number): void {
    this.beat(thread, nowMs);
    this.writeGauges(thread, { requestsInFlight: 0, connectionsOpen: 0, subscribersOpen: 0, eventLoopUtilisation: 0 });
  }

  #cellOf(thread: number, name: keyof typeof threadCell): number {
    assert(thread >= 0 && thread < this.threads, 'thread has a block');
    return headerCells + thread * threadCells + threadCell[name];
  }
}
