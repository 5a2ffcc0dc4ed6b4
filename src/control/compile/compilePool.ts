// The compile threads: piscina around the compiler entry.
import type { Piscina } from 'piscina';
import { entryUrl } from '../../base/entry.ts';
import type {
  CompilerData,
  EncryptionResult,
  EncryptionTask,
  ExplainResult,
  ExplainTask,
  PublishResult,
  PublishTask,
  ResolveResult,
  ResolveTask,
} from './compileTask.ts';

/** A thread that has had nothing to do for this long ends and gives its memory back; starting one costs some 60 ms. */
const IDLE_MS = 30_000;

export interface CompilePoolEvents {
  /** A thread died without a task, or before it could take one. */
  readonly onError: (error: unknown) => void;
  /** Keys and sources of values that could not be decrypted. */
  readonly onUndecryptable: (names: readonly string[]) => void;
}

/** Loaded with the first task: a server that is not asked anything is ready sooner without. */
export class CompilePool {
  private readonly data: CompilerData;
  private readonly threads: number;
  private readonly events: CompilePoolEvents;
  private pool: Promise<Piscina> | null = null;

  constructor(data: CompilerData, threads: number, events: CompilePoolEvents) {
    this.data = data;
    this.threads = threads;
    this.events = events;
  }

  async resolve(task: ResolveTask): Promise<ResolveResult> {
    return this.told((await (await this.opened()).run(task, { name: 'resolve' })) as ResolveResult);
  }

  async publish(task: PublishTask): Promise<PublishResult> {
    return this.told((await (await this.opened()).run(task, { name: 'publish' })) as PublishResult);
  }

  async encryption(task: EncryptionTask): Promise<EncryptionResult> {
    return (await (await this.opened()).run(task, { name: 'encryption' })) as EncryptionResult;
  }

  async explain(task: ExplainTask): Promise<ExplainResult> {
    return (await (await this.opened()).run(task, { name: 'explain' })) as ExplainResult;
  }

  async close(): Promise<void> {
    await (await this.pool)?.destroy();
  }

  private told<Result extends { readonly undecryptable: readonly string[] }>(result: Result): Result {
    if (result.undecryptable.length > 0) this.events.onUndecryptable(result.undecryptable);
    return result;
  }

  private opened(): Promise<Piscina> {
    this.pool ??= this.open();
    return this.pool;
  }

  private async open(): Promise<Piscina> {
    const piscina = await import('piscina');
    const pool = new piscina.Piscina({
      filename: entryUrl('compiler').href,
      workerData: this.data,
      minThreads: 0,
      maxThreads: this.threads,
      idleTimeout: IDLE_MS,
      atomics: 'disabled',
    });
    pool.on('error', this.events.onError);
    return pool;
  }
}
