// Replaces all workers by new threads, one index after the other, without a request lost (primary only).
import { Failure } from '../model/failure.ts';
import type { ControlBlock } from './controlBlock.ts';
import type { WorkerPool } from './workerPool.ts';

export class RollingRestart {
  readonly #pool: WorkerPool;
  readonly #workers: number;
  readonly #controlBlock: ControlBlock;
  #running: Promise<number> | null = null;

  constructor(pool: WorkerPool, workers: number, controlBlock: ControlBlock) {
    this.#pool = pool;
    this.#workers = workers;
    this.#controlBlock = controlBlock;
  }

  /**
   * Resolves with the number of workers when new connections go to new threads only; the old ones then finish what they have. A call
   * while one runs gets its result. Rejects with NOT_READY while the process starts or drains, and with INTERNAL when a new thread
   * fails: then the old one serves on, and the workers after it are untouched.
   */
  run(): Promise<number> {
    this.#running ??= this.#replaceAll().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #replaceAll(): Promise<number> {
    for (let index = 0; index < this.#workers; index += 1) {
      const phase = this.#controlBlock.drainPhase();
      if (phase !== 'running') throw new Failure('NOT_READY', `workers are not replaced while the process is in phase ${phase}`);
      await this.#pool.replace(index);
    }
    return this.#workers;
  }
}
