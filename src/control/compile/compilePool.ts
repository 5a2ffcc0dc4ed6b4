// The compile threads: piscina around the compiler entry.
import type { Piscina } from 'piscina';
import { entryUrl } from '../../base/entry.ts';
import type { ResolutionOptions } from '../../model/backend.ts';
import type { ExplainResult, ExplainTask, PublishResult, PublishTask, ResolveResult, ResolveTask } from './compileTask.ts';

/** A thread that has had nothing to do for this long ends and gives its memory back; starting one costs some 60 ms. */
const IDLE_MS = 30_000;

/** Loaded with the first task: a server that is not asked anything is ready sooner without. */
export class CompilePool {
  private readonly options: ResolutionOptions;
  private readonly threads: number;
  private readonly onError: (error: unknown) => void;
  private pool: Promise<Piscina> | null = null;

  /** `onError`: a thread died without a task, or before it could take one. */
  constructor(options: ResolutionOptions, threads: number, onError: (error: unknown) => void) {
    this.options = options;
    this.threads = threads;
    this.onError = onError;
  }

  async resolve(task: ResolveTask): Promise<ResolveResult> {
    return (await (await this.opened()).run(task, { name: 'resolve' })) as ResolveResult;
  }

  async publish(task: PublishTask): Promise<PublishResult> {
    return (await (await this.opened()).run(task, { name: 'publish' })) as PublishResult;
  }

  async explain(task: ExplainTask): Promise<ExplainResult> {
    return (await (await this.opened()).run(task, { name: 'explain' })) as ExplainResult;
  }

  async close(): Promise<void> {
    await (await this.pool)?.destroy();
  }

  private opened(): Promise<Piscina> {
    this.pool ??= this.open();
    return this.pool;
  }

  private async open(): Promise<Piscina> {
    const piscina = await import('piscina');
    const pool = new piscina.Piscina({
      filename: entryUrl('compiler').href,
      workerData: this.options,
      minThreads: 0,
      maxThreads: this.threads,
      idleTimeout: IDLE_MS,
      atomics: 'disabled',
    });
    pool.on('error', this.onError);
    return pool;
  }
}
