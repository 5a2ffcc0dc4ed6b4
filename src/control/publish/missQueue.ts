// Answers that workers asked for: coalesced by entry, bounded, each with the requests that wait for it.
import type { WorkerAddress } from '../../cluster/workerPool.ts';
import { entryName, type EntryRequest } from '../../model/request.ts';

/** The request of one worker thread; a replaced worker gets no answers of its predecessor. */
export interface MissOrigin {
  readonly from: WorkerAddress;
  readonly missId: number;
}

export interface MissesByThread {
  readonly threads: () => readonly WorkerAddress[];
  readonly of: (thread: WorkerAddress) => readonly number[];
}

/** One message per thread carries all its ids. */
export function missIdsByThread(origins: readonly MissOrigin[]): MissesByThread {
  const ids = new Map<string, { readonly from: WorkerAddress; readonly missIds: number[] }>();
  for (const { from, missId } of origins) {
    const known = ids.get(threadName(from));
    if (known === undefined) ids.set(threadName(from), { from, missIds: [missId] });
    else known.missIds.push(missId);
  }
  return {
    threads: () => [...ids.values()].map(({ from }) => from),
    of: (thread) => ids.get(threadName(thread))?.missIds ?? [],
  };
}

function threadName({ worker, thread }: WorkerAddress): string {
  return `${worker}/${thread}`;
}

export interface MissJob {
  readonly entry: EntryRequest;
  readonly origins: MissOrigin[];
  readonly askedAtMs: number;
  readonly deadlineMs: number;
  attempts: number;
}

/**
 * States of a job: queued ─take─► compiling ─► done, or ─requeue─► queued again (its content was not loaded, or moved).
 * A job stays known, so that later requests join it, until `done`.
 */
export class MissQueue {
  private readonly jobs = new Map<string, MissJob>();
  private readonly queued: MissJob[] = [];
  private readonly jobsMax: number;

  constructor(jobsMax: number) {
    this.jobsMax = jobsMax;
  }

  get depth(): number {
    return this.jobs.size;
  }

  /** False when the queue is full. `origin` null: nobody waits, the entry is kept hot. */
  add(entry: EntryRequest, origin: MissOrigin | null, nowMs: number, timeoutMs: number): boolean {
    const name = entryName(entry);
    const known = this.jobs.get(name);
    if (known !== undefined) {
      if (origin !== null) known.origins.push(origin);
      return true;
    }
    if (this.jobs.size >= this.jobsMax) return false;
    const job: MissJob = { entry, origins: origin === null ? [] : [origin], askedAtMs: nowMs, deadlineMs: nowMs + timeoutMs, attempts: 0 };
    this.jobs.set(name, job);
    this.queued.push(job);
    return true;
  }

  take(max: number): readonly MissJob[] {
    return this.queued.splice(0, max);
  }

  requeue(job: MissJob): void {
    this.queued.push(job);
  }

  done(job: MissJob): void {
    this.jobs.delete(entryName(job.entry));
  }
}
