// A thread in which sources of one kind do their work: the primary's loop only sends tasks and gets outcomes.
import type { Piscina } from 'piscina';
import { entryUrl, type EntryName } from '../../base/entry.ts';
import type { SourceProblem } from './source.ts';

/** Tasks mostly wait for the network: one thread serves many sources. */
const tasksAtOnce = 1_000;

export interface TaskFailed {
  readonly kind: 'failed';
  readonly problem: SourceProblem;
}

export class SourceThread<Task, Outcome> {
  private readonly entry: EntryName;
  /** For messages: `Git`. */
  private readonly name: string;
  private pool: Promise<Piscina> | null = null;
  private isClosed = false;

  constructor(entry: EntryName, name: string) {
    this.entry = entry;
    this.name = name;
  }

  /** The thread starts with the first task, and again should it die. What kills it, and what is a bug in it, fails the task only. */
  async run(task: Task): Promise<Outcome | TaskFailed> {
    if (this.isClosed) return { kind: 'failed', problem: { code: 'INTERNAL', message: `the ${this.name} thread is closed` } };
    try {
      return (await (await this.openPool()).run(task)) as Outcome;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { kind: 'failed', problem: { code: 'INTERNAL', message: `the ${this.name} thread failed: ${reason}` } };
    }
  }

  /** Ends the thread; tasks that run fail. */
  async close(): Promise<void> {
    this.isClosed = true;
    const pool = await this.pool;
    this.pool = null;
    await pool?.destroy();
  }

  private openPool(): Promise<Piscina> {
    // Loaded when there is something to do: a server without such a source starts without it.
    this.pool ??= import('piscina').then(
      (piscina) =>
        new piscina.Piscina({
          filename: entryUrl(this.entry).href,
          minThreads: 1,
          maxThreads: 1,
          concurrentTasksPerWorker: tasksAtOnce,
          // between tasks the thread must go on serving sockets and timers
          atomics: 'disabled',
        }),
    );
    return this.pool;
  }
}
