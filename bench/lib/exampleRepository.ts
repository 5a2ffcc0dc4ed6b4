// Configuration repositories for the bench: as many applications as asked for, each with an answer of about 1.6 kB.
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ExampleRepository {
  readonly directory: string;
  readonly applications: readonly string[];
  /** Writes another value into one application's file. */
  change(application: string, value: string): Promise<void>;
}

export async function exampleRepository(applications: number): Promise<ExampleRepository> {
  const directory = join(await mkdtemp(join(tmpdir(), 'vortex-bench-')), 'config');
  await mkdir(directory);
  const shared = ['management:', '  tracing: {enabled: true, sampling: 0.1}', 'logging:', '  level: {root: INFO, org.acme: DEBUG}', ''];
  await writeFile(join(directory, 'application.yml'), shared.join('\n'));
  const names = Array.from({ length: applications }, (_, index) => `service-${String(index).padStart(4, '0')}`);
  const change = (name: string, value: string): Promise<void> => writeFile(join(directory, `${name}.yml`), fileOf(name, value));
  await Promise.all(names.map((name) => change(name, 'initial')));
  return { directory, applications: names, change };
}

function fileOf(name: string, value: string): string {
  const lines = ['server:', '  port: 8443', '  shutdown: graceful', 'spring:', '  datasource:'];
  lines.push(`    url: jdbc:postgresql://db.internal:5432/${name}`, `    username: ${name}`, '    hikari: {maximum-pool-size: 20, minimum-idle: 5}');
  lines.push('feature:', `  marker: ${value}`);
  for (let index = 0; index < 18; index += 1) lines.push(`  flag-${index}: {enabled: ${index % 2 === 0}, rollout-percentage: ${index * 4}}`);
  return `${lines.join('\n')}\n`;
}
