// Load as fast as the server answers: autocannon everywhere, wrk where it is on PATH, which loads more with less CPU.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface ClosedLoad {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly seconds: number;
  readonly cpu: number | null;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly failed: number;
}

export type LoadTool = 'autocannon' | 'wrk';

export function loadTools(): readonly LoadTool[] {
  const hasWrk = (process.env['PATH'] ?? '').split(delimiter).some((directory) => existsSync(join(directory, 'wrk')));
  return hasWrk ? ['autocannon', 'wrk'] : ['autocannon'];
}

export async function closedLoad(tool: LoadTool, load: ClosedLoad): Promise<LoadResult> {
  const result = tool === 'wrk' ? await wrk(load) : await autocannon(load);
  if (result.requests === 0) throw new Error(`${tool} completed no request of ${load.url}`);
  return result;
}

async function wrk(load: ClosedLoad): Promise<LoadResult> {
  const headers = Object.entries(load.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const argv = ['wrk', '-t1', `-c${load.connections}`, `-d${load.seconds}s`, ...headers, load.url];
  const { stdout } = await pinned(argv, load.cpu);
  const total = /(\d+) requests in ([\d.]+)(m?s)/.exec(stdout);
  if (total === null) throw new Error(`wrk printed no total:\n${stdout}`);
  const seconds = Number(total[2]) / (total[3] === 'ms' ? 1_000 : 1);
  const socketErrors = [...(/Socket errors: (.*)/.exec(stdout)?.[1] ?? '').matchAll(/\d+/g)].reduce((sum, [count]) => sum + Number(count), 0);
  // wrk counts a 304 as no error: only 4xx and 5xx.
  const statusErrors = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0);
  return { requests: Number(total[1]), seconds, failed: socketErrors + statusErrors };
}

interface AutocannonReport {
  readonly duration: number;
  readonly errors: number;
  readonly requests: { readonly total: number };
  readonly '4xx': number;
  readonly '5xx': number;
}

async function autocannon(load: ClosedLoad): Promise<LoadResult> {
  const program = createRequire(import.meta.url).resolve('autocannon');
  const headers = Object.entries(load.headers).flatMap(([name, value]) => ['-H', `${name}=${value}`]);
  const argv = [process.execPath, program, '--json', '-c', String(load.connections), '-d', String(load.seconds), ...headers, load.url];
  const { stdout } = await pinned(argv, load.cpu);
  const report = JSON.parse(stdout) as AutocannonReport;
  return { requests: report.requests.total, seconds: report.duration, failed: report.errors + report['4xx'] + report['5xx'] };
}

function pinned(argv: readonly string[], cpu: number | null): Promise<{ readonly stdout: string }> {
  const [program, ...rest] = cpu === null ? argv : ['taskset', '-c', String(cpu), ...argv];
  return run(program!, rest, { maxBuffer: 16 * 1_024 * 1_024 });
}
