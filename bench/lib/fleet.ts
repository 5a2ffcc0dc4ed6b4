// The process of a socket fleet (socketFleet.ts), as the bench drives it.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BenchPlan } from './benchPlan.ts';

/** Milliseconds from `arm`, bytes of the last frame. */
export interface FanOut {
  readonly first: number;
  readonly last: number;
  readonly bytes: number;
}

export class Fleet {
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.child = child;
  }

  static async open(port: number, path: string, count: number, plan: BenchPlan): Promise<Fleet> {
    const program = fileURLToPath(new URL('./socketFleet.js', import.meta.url));
    // A reader beside it, on the same core, must feel what the server does, not what 10,000 clients do.
    const yielding = ['chrt', '--idle', '0', process.execPath];
    const pinned = plan.loadCpu === null ? {} : { execPath: 'taskset', execArgv: ['-c', String(plan.loadCpu), ...yielding] };
    const child = fork(program, [String(port), path, String(count)], pinned);
    const [message] = (await once(child, 'message')) as [unknown];
    if (message !== 'open') throw new Error(`the fleet said ${String(message)}`);
    return new Fleet(child);
  }

  /** Resolves when every socket has got something. */
  async fanOut(trigger: () => Promise<void>): Promise<FanOut> {
    const armed = once(this.child, 'message');
    this.child.send('arm');
    await armed;
    const done = once(this.child, 'message');
    await trigger();
    const [result] = (await Promise.race([
      done,
      sleep(20_000).then(() => {
        throw new Error('not every socket got the change within 20 s');
      }),
    ])) as [FanOut];
    return result;
  }

  close(): void {
    this.child.disconnect();
  }
}
