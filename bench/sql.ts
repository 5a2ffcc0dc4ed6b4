// A table of 10,000 rows: start to ready, memory, and what one changed row costs; SQLite, and PostgreSQL where it is installed.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { SqlAccess } from '../src/control/sources/sql/sqlAccess.ts';
import { SqlWorld, type PropertyRow } from '../test/fixtures/sql/sqlWorld.ts';
import { DatabaseServer, isInstalled, password } from '../test/services/sql/databaseServer.ts';
import type { BenchPlan } from './lib/benchPlan.ts';
import { exampleRepository } from './lib/exampleRepository.ts';
import { median, medianRatio, type Figure } from './lib/figures.ts';
import { startVortex, type Vortex } from './lib/vortex.ts';

const applications = 1_000;
const keys = 10;
/** Below it only scheduling is measured. */
const pollMs = 10;

interface Target {
  readonly name: string;
  readonly access: SqlAccess;
  readonly environment: Readonly<Record<string, string>>;
}

export async function sqlFigures(plan: BenchPlan): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'vortex-bench-sql-'));
  const path = join(folder, 'config.db');
  const file: Target = {
    name: 'SQLite',
    access: { engine: 'sqlite', path, connectTimeoutMs: 5_000, statementTimeoutMs: 10_000 },
    environment: { VORTEX_BACKENDS_SQL_URL: `sqlite:${path}` },
  };
  const figures = [...(await figuresOf(file, plan))];
  if (!isInstalled('postgres')) return figures;
  const server = await DatabaseServer.start('postgres');
  try {
    const environment = { VORTEX_BACKENDS_SQL_URL: server.url, VORTEX_BACKENDS_SQL_USERNAME: 'reader', VORTEX_BACKENDS_SQL_PASSWORD: password };
    figures.push(...(await figuresOf({ name: 'PostgreSQL', access: server.access(), environment }, plan)));
  } finally {
    await server.remove();
  }
  return figures;
}

/** Against a directory of as many applications with as many keys. */
async function figuresOf(target: Target, plan: BenchPlan): Promise<readonly Figure[]> {
  const world = await SqlWorld.open(target.access);
  await world.setRows(rows());
  const repository = await exampleRepository(applications);
  const readyMs: { readonly sql: number[]; readonly files: number[] } = { sql: [], files: [] };
  let memory = { sql: 0, files: 0 };
  for (let round = 0; round < plan.starts; round += 1) {
    const files = await startVortex({ searchLocation: repository.directory, cpu: null, storageDirectory: null });
    const table = await startOn(target);
    readyMs.files.push(files.readyMs);
    readyMs.sql.push(table.readyMs);
    if (round === plan.starts - 1) memory = { sql: await table.process.residentBytes(), files: await files.process.residentBytes() };
    await Promise.all([files.process.stop(), table.process.stop()]);
  }
  const change = await costOfChange(target, world, plan);
  await world.close();
  const mebibytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MiB`;
  return [
    {
      name: `${target.name}: start with ${applications * keys} rows to the first 200 on /health/ready, against a directory of ${applications} files`,
      measured: `${Math.round(median(readyMs.sql))} ms against ${Math.round(median(readyMs.files))} ms`,
      ratio: medianRatio(readyMs.sql, readyMs.files),
      bar: { kind: 'atMost', value: 3 },
    },
    {
      name: `${target.name}: resident memory after that, one worker`,
      measured: `${mebibytes(memory.sql)} against ${mebibytes(memory.files)}`,
      ratio: memory.sql / memory.files,
      bar: { kind: 'atMost', value: 2 },
    },
    change,
  ];
}

/** From the commit of one changed row to the first answer that shows it, and the CPU time of the server per change. */
async function costOfChange(target: Target, world: SqlWorld, plan: BenchPlan): Promise<Figure> {
  // no poll of its own meanwhile: a change is seen because the database or the system tells
  const vortex = await startOn(target, { VORTEX_BACKENDS_SQL_POLL_INTERVAL: '1h', VORTEX_BACKENDS_SQL_MAX_STALENESS: '2h' });
  try {
    await seen(vortex, 'app-7', 'value');
    const cpuBefore = await vortex.process.cpuSeconds();
    const tookMs: number[] = [];
    for (let round = 0; round < plan.publishes; round += 1) {
      const marker = `round-${round}-`;
      const { table, application, value } = world.names;
      const startedAt = performance.now();
      await sql`update ${sql.table(table)} set ${sql.id(value)} = ${marker} where ${sql.id(application)} = 'app-7'`.execute(world.database.database);
      await seen(vortex, 'app-7', marker);
      tookMs.push(performance.now() - startedAt);
      await sleep(50);
    }
    const cpuMs = (((await vortex.process.cpuSeconds()) - cpuBefore) / plan.publishes) * 1_000;
    const took = median(tookMs);
    return {
      name: `${target.name}: one change among ${applications * keys} rows until it is served, against a second`,
      measured: `${Math.round(took)} ms, ${Math.round(cpuMs)} ms of CPU`,
      ratio: took / 1_000,
      bar: { kind: 'atMost', value: 0.5 },
    };
  } finally {
    await vortex.process.stop();
  }
}

function startOn(target: Target, environment: Readonly<Record<string, string>> = {}): Promise<Vortex> {
  return startVortex({ searchLocation: null, cpu: null, storageDirectory: null, environment: { ...target.environment, ...environment } });
}

async function seen(vortex: Vortex, application: string, text: string): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${vortex.port}/${application}/prod`, { headers: { accept: 'application/json' } });
    if ((await answer.text()).includes(text)) return;
    if (performance.now() > deadlineMs) throw new Error(`${text} was not served within 10 s`);
    await sleep(pollMs / 5);
  }
}

function rows(): readonly PropertyRow[] {
  return Array.from({ length: applications * keys }, (_, index): PropertyRow => {
    const application = Math.floor(index / keys);
    return [`app-${application}`, index % 2 === 0 ? null : 'prod', 'master', `some.property.key-${index % keys}`, `value of ${index}, some thirty characters`];
  });
}
