// One run of the built server as a process of its own, from start until its sources were attempted, to its end.
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { serverSettings } from './serverSettings.ts';
import type { FixtureSettings } from './corpus.ts';
import { sendRequest } from './rawRequest.ts';

const program = resolve(import.meta.dirname, '../../src/cli.js');
const startTimeoutMs = 30_000;
const stopTimeoutMs = 15_000;

export interface RunningServer {
  readonly port: number;
  readonly managementPort: number;
  /** Null while it runs; else how it ended and what it wrote: the reason when a request got no answer. */
  readonly end: () => string | null;
  /** Resolves when the process has ended. */
  readonly stop: () => Promise<void>;
}

/** What is read of the answer of /health. */
interface HealthBody {
  readonly checks: readonly { readonly kind: string; readonly details: { readonly state?: string } }[];
}

/**
 * @param folder for the settings file and the server's storage; must exist
 * @throws {Error} with the output of the process, when it ends or is not there in time
 */
export async function startServer(settings: FixtureSettings, folder: string): Promise<RunningServer> {
  const settingsFile = join(folder, 'vortex.yaml');
  writeFileSync(settingsFile, serverSettings(settings, { port: 0, managementPort: 0, storageDirectory: join(folder, 'storage') }));
  const environment = { PATH: process.env['PATH'] ?? '', HOME: folder };
  const child = spawn(process.execPath, [program, '--config', settingsFile], { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const processOf = (ports: Ports): RunningServer => ({
    ...ports,
    end: () => (hasEnded(child) ? `the server ended with ${child.exitCode ?? child.signalCode}; its output:\n${output}` : null),
    stop: () => stop(child),
  });
  try {
    const ports = await waitUntilAttempted(child, () => output);
    return processOf(ports);
  } catch (error) {
    await stop(child);
    throw new Error(`${error instanceof Error ? error.message : String(error)}; output of the server:\n${output}`, { cause: error });
  }
}

interface Ports {
  readonly port: number;
  readonly managementPort: number;
}

/** The server chooses its ports, so that none is taken by somebody else meanwhile; its log says which. */
function portsOf(output: string): Ports | null {
  const line = output.split('\n').find((text) => text.includes('"msg":"serving"') && text.endsWith('}'));
  return line === undefined ? null : (JSON.parse(line) as Ports);
}

async function waitUntilAttempted(child: ChildProcess, output: () => string): Promise<Ports> {
  const deadlineMs = Date.now() + startTimeoutMs;
  while (Date.now() < deadlineMs) {
    if (hasEnded(child)) throw new Error(`the server ended with ${child.exitCode ?? child.signalCode}`);
    const ports = portsOf(output());
    if (ports !== null && (await hasAttemptedSources(ports.managementPort))) return ports;
    await delay(50);
  }
  throw new Error(`the server has not attempted its sources within ${startTimeoutMs} ms`);
}

/** Ready, or every source has succeeded or failed once: a repository that is missing on purpose never makes it ready. */
async function hasAttemptedSources(managementPort: number): Promise<boolean> {
  try {
    const ready = await sendRequest(managementPort, { method: 'GET', target: '/health/ready', headers: {}, body: null });
    if (ready.status === 200) return true;
    const health = await sendRequest(managementPort, { method: 'GET', target: '/health', headers: {}, body: null });
    const { checks } = JSON.parse(health.body.toString('utf8')) as HealthBody;
    const sources = checks.filter((check) => check.kind === 'source');
    return sources.length > 0 && sources.every((source) => source.details.state !== 'opening');
  } catch {
    return false; // not listening yet
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = new Promise((resolveEnd) => child.once('close', resolveEnd));
  child.kill('SIGTERM');
  const killTimer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
  await ended;
  clearTimeout(killTimer);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
