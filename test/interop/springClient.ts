// Builds and runs the Spring Boot application below client/: one build per line of Spring Boot.
import { spawn, spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const clientFolder = resolve(import.meta.dirname, '../../../test/interop/client');
const runTimeoutMs = 90_000;

export type SpringLine = 'boot3' | 'boot4';

/** What the application printed about its environment. */
export interface ClientReport {
  /** null: the property does not exist. */
  readonly properties: Readonly<Record<string, string | null>>;
  /** Names of the property sources that came from the server, highest precedence first. */
  readonly sources: readonly string[];
  readonly list: readonly string[];
}

export interface ClientRun {
  readonly exitCode: number | null;
  /** null when the application did not start. */
  readonly report: ClientReport | null;
  readonly output: string;
}

/** Which of the needed programs are missing here. */
export function missingPrograms(): readonly string[] {
  return [
    { name: 'java', flag: '-version' },
    { name: 'mvn', flag: '-version' },
  ]
    .filter(({ name, flag }) => spawnSync(name, [flag], { stdio: 'ignore' }).status !== 0)
    .map(({ name }) => name);
}

/** @throws {Error} with Maven's output */
export function buildClient(line: SpringLine): void {
  const run = spawnSync('mvn', ['-q', '-B', `-P${line}`, 'package'], { cwd: clientFolder, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (run.status !== 0) throw new Error(`mvn package for ${line} failed:\n${run.stdout}${run.stderr}`);
}

export function runClient(line: SpringLine, properties: Readonly<Record<string, string>>): Promise<ClientRun> {
  const target = join(clientFolder, 'target', line);
  const javaArguments = ['-XX:TieredStopAtLevel=1', '-Dfile.encoding=UTF-8', '-cp', `${target}/classes:${target}/lib/*`, 'vortex.interop.ClientApplication'];
  const settings = Object.entries(properties).map(([key, value]) => `--${key}=${value}`);
  return new Promise((done) => {
    const child = spawn('java', [...javaArguments, ...settings], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const killTimer = setTimeout(() => child.kill('SIGKILL'), runTimeoutMs);
    child.on('close', (exitCode) => {
      clearTimeout(killTimer);
      const line = /^INTEROP (.*)$/m.exec(output)?.[1];
      done({ exitCode, report: line === undefined ? null : (JSON.parse(line) as ClientReport), output });
    });
  });
}
