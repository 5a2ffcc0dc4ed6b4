// Starts the server by one of its commands with free ports, and waits until it is ready.
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '../../conformance/freePorts.ts';
import { sendRequest, type Answer } from '../../conformance/rawRequest.ts';

const startTimeoutMs = 60_000;

export interface StartedProgram {
  readonly get: (target: string) => Promise<Answer>;
  readonly output: () => string;
  /** Sends SIGTERM; resolves with the exit code, or the signal that ended it. */
  readonly stop: () => Promise<number | string>;
}

export async function startProgram(command: readonly string[], cwd: string, environment: Readonly<Record<string, string>>): Promise<StartedProgram> {
  const [port, managementPort] = await freePorts();
  const [program = '', ...programArguments] = command;
  const child = spawn(program, programArguments, {
    cwd,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: cwd,
      VORTEX_SERVER_HOST: '127.0.0.1',
      VORTEX_SERVER_PORT: String(port),
      VORTEX_SERVER_WORKERS: '1',
      VORTEX_SERVER_DRAIN_PROPAGATION_DELAY: '0s',
      VORTEX_SERVER_DRAIN_SPREAD: '0s',
      VORTEX_MANAGEMENT_HOST: '127.0.0.1',
      VORTEX_MANAGEMENT_PORT: String(managementPort),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise<number | string>((resolve) => child.once('close', (code, signal) => resolve(code ?? String(signal))));
  const get = (target: string): Promise<Answer> => sendRequest(port, { method: 'GET', target, headers: {}, body: null });
  const isReady = async (): Promise<boolean> => (await get('/health/ready').catch(() => null))?.status === 200;
  const deadlineMs = Date.now() + startTimeoutMs;
  while (!(await isReady())) {
    if (child.exitCode !== null || Date.now() > deadlineMs) {
      child.kill('SIGKILL');
      throw new Error(`${command.join(' ')} is not ready (exit code ${child.exitCode ?? 'none'}):\n${output}`);
    }
    await delay(50);
  }
  return {
    get,
    output: () => output,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
