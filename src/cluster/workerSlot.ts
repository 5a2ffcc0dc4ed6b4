// One worker index as the pool keeps it: its state, its live threads and who waits for it (primary only).
import type { Worker } from 'node:worker_threads';
import type { Failure } from '../model/failure.ts';
import type { HeartbeatWatch } from './heartbeatWatch.ts';
import { slotInitial, type SlotState } from './supervision.ts';

export function createSlot(index: number): Slot {
  return { index, state: slotInitial, threads: new Map(), timer: null, restarts: 0, started: null, replaced: [] };
}

export interface LiveThread {
  readonly address: { readonly worker: number; readonly thread: number };
  readonly block: number;
  readonly worker: Worker;
  readonly epochAwaited: number;
  descriptor: number | null;
  epochServed: number;
  /** It does not refer to segments of earlier epochs. */
  epochReleased: number;
  watch: HeartbeatWatch;
  error: Error | null;
}

export interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: Failure) => void;
}

export interface Slot {
  readonly index: number;
  state: SlotState;
  readonly threads: Map<number, LiveThread>;
  timer: NodeJS.Timeout | null;
  restarts: number;
  started: Waiter | null;
  replaced: Waiter[];
}
