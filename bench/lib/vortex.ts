// Starts the built server for a measurement: one worker, everything on, quiet logs.
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { MeasuredProcess } from './child.ts';

export interface VortexOptions {
  /** null: another backend comes with the environment. */
  readonly searchLocation: string | null;
  readonly cpu: number | null;
  readonly storageDirectory: string | null;
  /** Default: a free one. */
  readonly port?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Vortex {
  readonly process: MeasuredProcess;
  readonly port: number;
  readonly managementPort: number;
  readonly readyMs: number;
}

/** The bundle when it was built, as images run it; else the compiled tree. */
export function serverProgram(): string {
  const bundle = fileURLToPath(new URL('../../bundle/cli.js', import.meta.url));
  return existsSync(bundle) ? bundle : fileURLToPath(new URL('../../src/cli.js', import.meta.url));
}

export async function startVortex(options: VortexOptions): Promise<Vortex> {
  const [port, managementPort] = [options.port ?? (await freePort()), await freePort()];
  const environment = {
    VORTEX_SERVER_HOST: '127.0.0.1',
    VORTEX_SERVER_PORT: String(port),
    VORTEX_SERVER_WORKERS: '1',
    VORTEX_MANAGEMENT_HOST: '127.0.0.1',
    VORTEX_MANAGEMENT_PORT: String(managementPort),
    ...(options.searchLocation === null ? {} : { VORTEX_BACKENDS_NATIVE_SEARCH_LOCATIONS: `file:${options.searchLocation}/` }),
    VORTEX_STORAGE_ENABLED: String(options.storageDirectory !== null),
    ...(options.storageDirectory === null ? {} : { VORTEX_STORAGE_DIRECTORY: options.storageDirectory }),
    VORTEX_LOGGING_LEVEL: 'warn',
    ...options.environment,
  };
  const child = MeasuredProcess.start({ command: [process.execPath, serverProgram()], environment, cpu: options.cpu });
  const readyMs = await child.ready(`http://127.0.0.1:${port}/health/ready`);
  return { process: child, port, managementPort, readyMs };
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
