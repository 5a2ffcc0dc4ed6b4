// Spring Security's own ciphers as an oracle: the Java program below ciphers/, one process for many tasks.
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '../../../test/interop/ciphers');

export type SpringKey =
  | { readonly kind: 'password'; readonly password: string; readonly salt: string }
  | { readonly kind: 'pem'; readonly pem: string }
  | {
      readonly kind: 'store';
      readonly path: string;
      readonly password: string;
      readonly type: string;
      readonly alias: string;
      readonly secret: string;
      readonly algorithm: string;
      readonly salt: string;
      readonly strong: boolean;
    };

export interface SpringTask {
  readonly operation: 'encrypt' | 'decrypt';
  readonly text: string;
  readonly key: SpringKey;
}

/** @throws {Error} with Maven's output */
export function buildCiphers(): void {
  const run = spawnSync('mvn', ['-q', '-B', 'package'], { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (run.status !== 0) throw new Error(`mvn package failed:\n${run.stdout}${run.stderr}`);
}

/** In the order of the tasks; null: Spring threw. */
export function springCiphers(tasks: readonly SpringTask[]): readonly (string | null)[] {
  const input = tasks.map(({ operation, text, key }) => [operation, text, ...fieldsOf(key)].map((field) => Buffer.from(field).toString('base64')).join(' '));
  const run = spawnSync('java', ['-cp', `${join(folder, 'target/classes')}:${join(folder, 'target/lib')}/*`, 'Ciphers'], {
    input: `${input.join('\n')}\n`,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    timeout: 120_000,
  });
  if (run.status !== 0) throw new Error(`the Java program failed:\n${run.stderr}`);
  return run.stdout
    .trimEnd()
    .split('\n')
    .map((line) => (line.startsWith('ok') ? Buffer.from(line.slice(3), 'base64').toString('utf8') : null));
}

function fieldsOf(key: SpringKey): readonly string[] {
  switch (key.kind) {
    case 'password':
      return ['password', key.password, key.salt];
    case 'pem':
      return ['pem', key.pem];
    case 'store':
      return ['store', key.path, key.password, key.type, key.alias, key.secret, key.algorithm, key.salt, String(key.strong)];
  }
}
