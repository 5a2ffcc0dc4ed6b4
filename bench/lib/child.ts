// A server process under measurement: started, waited for, its CPU time and memory read from /proc, stopped.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ChildOptions {
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** CPU to pin to, null for any. Needs taskset. */
  readonly cpu: number | null;
  readonly cwd?: string;
}

/** Linux counts CPU time in ticks of 10 ms. */
const TICKS_PER_SECOND = 100;

export class MeasuredProcess {
  readonly child: ChildProcess;
  private output = '';

  private constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.on('data', (data: Buffer) => this.keep(data));
    child.stderr?.on('data', (data: Buffer) => this.keep(data));
  }

  static start(options: ChildOptions): MeasuredProcess {
    const pinned = options.cpu === null ? options.command : ['taskset', '-c', String(options.cpu), ...options.command];
    const [program, ...argv] = pinned;
    const child = spawn(program!, argv, {
      env: { ...process.env, ...options.environment },
      cwd: options.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new MeasuredProcess(child);
  }

  /** Resolves with the milliseconds it took until the address answers 200; rejects when the process ends or 30 s pass. */
  async ready(url: string): Promise<number> {
    const startedAt = performance.now();
    while (performance.now() - startedAt < 30_000) {
      if (this.child.exitCode !== null) throw new Error(`the server ended with ${this.child.exitCode}:\n${this.output}`);
      if (await answers200(url)) return performance.now() - startedAt;
      await sleep(2);
    }
    throw new Error(`${url} did not become ready:\n${this.output}`);
  }

  /** Seconds of CPU, user and system, of all threads since start. */
  async cpuSeconds(): Promise<number> {
    const stat = await readFile(`/proc/${this.child.pid}/stat`, 'utf8');
    // The program's name may hold blanks: fields are counted from the closing parenthesis.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  async residentBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1_024;
  }

  log(): string {
    return this.output;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    this.child.kill('SIGTERM');
    await Promise.race([ended, sleep(5_000)]);
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGKILL');
      await ended;
    }
  }

  private keep(data: Buffer): void {
    this.output = (this.output + data.toString()).slice(-20_000);
  }
}

async function answers200(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.status === 200;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
