// The compile threads: piscina around the compiler entry.
import { Piscina } from 'piscina';
import { entryUrl } from '../../base/entry.ts';
import type { ResolutionOptions } from '../../model/backend.ts';
import type { ExplainResult, ExplainTask, PublishResult, PublishTask, ResolveResult, ResolveTask } from './compileTask.ts';

/** A thread that has had nothing to do for this long ends and gives its memory back; starting one costs some 60 ms. */
const IDLE_MS = 30_000;

export class CompilePool {
  readonly threads: number;
  private readonly pool: Piscina;

  /** `onError`: a thread died without a task, or before it could take one. */
  constructor(options: ResolutionOptions, threads: number, onError: (error: unknown) => void) {
    this.threads = threads;
    this.pool = new Piscina({
      filename: entryUrl('compiler').href,
      workerData: options,
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: IDLE_MS,
      atomics: 'disabled',
    });
    this.pool.on('error', onError);
  }

  resolve(task: ResolveTask): Promise<ResolveResult> {
    return this.pool.run(task, { name: 'resolve' }) as Promise<ResolveResult>;
  }

  publish(task: PublishTask): Promise<PublishResult> {
    return this.pool.run(task, { name: 'publish' }) as Promise<PublishResult>;
  }

  explain(task: ExplainTask): Promise<ExplainResult> {
    return this.pool.run(task, { name: 'explain' }) as Promise<ExplainResult>;
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }
}
