// A real nats-server on a port that stays the same when it is stopped and started again.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';

const candidates = ['nats-server', '/usr/sbin/nats-server', '/usr/local/bin/nats-server'];

/** null where there is none: tests are skipped then, except in CI. */
export function natsProgram(): string | null {
  for (const program of candidates) {
    try {
      execFileSync(program, ['--version'], { stdio: 'ignore' });
      return program;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  if (process.env['CI'] !== undefined) throw new Error('nats-server is missing');
  return null;
}

export class NatsServer {
  readonly port: number;
  readonly folder = mkdtempSync(join(tmpdir(), 'vortex-nats-'));
  private readonly program: string;
  private child: ChildProcess | null = null;

  private constructor(program: string, port: number) {
    this.program = program;
    this.port = port;
  }

  /** Not started; gone with its files when the test is. `config` is in the syntax of its configuration file. */
  static async prepare(t: Test, program: string, config = ''): Promise<NatsServer> {
    const server = new NatsServer(program, await freePort());
    t.teardown(async () => {
      await server.stop();
      rmSync(server.folder, { recursive: true, force: true });
    });
    const base = `listen: "127.0.0.1:${server.port}"\njetstream { store_dir: "${server.folder}/store" }\n`;
    writeFileSync(join(server.folder, 'nats.conf'), `${base}${config}`);
    return server;
  }

  static async start(t: Test, program: string, config = ''): Promise<NatsServer> {
    const server = await NatsServer.prepare(t, program, config);
    await server.start();
    return server;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    this.child = spawn(this.program, ['-c', join(this.folder, 'nats.conf')], { stdio: 'ignore' });
    await eventually('nats-server listens', () => isListening(this.port), Boolean);
  }

  async stop(): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
