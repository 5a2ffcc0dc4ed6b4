// The one thread in which all Git work happens: network, packs, trees. The primary's loop only sends tasks and gets outcomes.
import type { Piscina } from 'piscina';
import { SharedRuns } from '../../../base/sharedRuns.ts';
import { entryUrl } from '../../../base/entry.ts';
import type { GitOutcome, GitTask } from './gitTask.ts';

/** Tasks mostly wait for the network: one thread serves many repositories. */
const tasksAtOnce = 1_000;

export class GitThread {
  private pool: Promise<Piscina> | null = null;
  private isClosed = false;
  private readonly fetches = new SharedRuns<GitOutcome>();

  /**
   * The thread starts with the first task, and again should it die. What kills it, and what is a bug in it, fails the task only.
   * Sources of one repository share their fetches.
   */
  run(task: GitTask): Promise<GitOutcome> {
    if (task.kind !== 'fetch' || task.place.kind === 'local') return this.runAlone(task);
    const { nowMs: _nowMs, ...same } = task;
    return this.fetches.run(JSON.stringify(same), () => this.runAlone(task));
  }

  private async runAlone(task: GitTask): Promise<GitOutcome> {
    if (this.isClosed) return { kind: 'failed', problem: { code: 'INTERNAL', message: 'the Git thread is closed' } };
    try {
      return (await (await this.openPool()).run(task)) as GitOutcome;
    } catch (error) {
      return { kind: 'failed', problem: { code: 'INTERNAL', message: `the Git thread failed: ${error instanceof Error ? error.message : String(error)}` } };
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
    // Loaded when there is something to fetch: a server without Git starts without it.
    this.pool ??= import('piscina').then(
      (piscina) =>
        new piscina.Piscina({
          filename: entryUrl('fetcher').href,
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
