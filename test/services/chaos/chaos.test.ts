// Every backend meets every fault while it is read all the time: no read of content that was seen before may fail, and after each fault
// what changed meanwhile is served. Each fault lasts for eight polls and is followed by as many without one: at the default interval of
// 30 seconds that is more than an hour for each backend.
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';
import { withoutRightsOfRoot } from '../../fixtures/lifecycle/wrappers.ts';
import { startServer, type Server } from '../../fixtures/server.ts';
import { missingPrograms } from '../s3/s3Server.ts';
import { missingServer } from '../sql/databaseServer.ts';
import { databaseMember, gitMember, nativeMember, s3Member, type Fault, type Member } from './members.ts';

t.setTimeout(290_000);

const faultMs = 8_000;
const calmMs = 8_000;
const clock = fileURLToPath(new URL('./jumpingClock.js', import.meta.url));

interface Row {
  readonly backend: string;
  readonly fault: string;
  readonly reads: number;
  readonly failed: number;
  readonly recoveredMs: number;
}

/** Of the server itself, whatever backend it has. */
function ownFaults(server: Server): Readonly<Record<string, Fault>> {
  const limit = (size: string): void => {
    const { status, stderr } = spawnSync('prlimit', ['--pid', String(server.child.pid), `--fsize=${size}:unlimited`], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`prlimit: ${stderr}`);
  };
  const jump = (): void => void server.child.kill('SIGUSR2');
  return {
    'disk full': { begin: () => limit('0'), end: () => limit('unlimited') },
    'clock jump': { begin: jump, end: jump },
  };
}

/** Reads as a fleet would, until it is told to stop: the value never goes back, and there always is one. */
class Reader {
  reads = 0;
  value = 0;
  readonly failures: string[] = [];
  private isRunning = true;
  private readonly done: Promise<void>;

  constructor(server: Server) {
    this.done = this.run(server);
  }

  async stop(): Promise<void> {
    this.isRunning = false;
    await this.done;
  }

  private async run(server: Server): Promise<void> {
    while (this.isRunning) {
      const answer = await server.get('/orders/prod');
      this.reads += 1;
      const value = answer.status === 200 ? Number(/"v":"?(\d+)/.exec(answer.body.toString())?.[1]) : Number.NaN;
      if (value >= this.value) this.value = value;
      else this.failures.push(`${answer.status} ${answer.body.toString().slice(0, 200)}`);
      await sleep(10);
    }
  }
}

async function chaos(t: Test, member: Member): Promise<readonly Row[]> {
  t.teardown(() => member.close());
  const server = await startServer(t, {
    ...(member.backends === null ? { files: { 'orders.yml': 'v: 0\n' } } : {}),
    settings: { backends: member.backends ?? { native: { pollInterval: '1s', maxStaleness: '5s' } } },
    // A write that hits the limit fails, as on a full disk, instead of ending the process.
    wrapper: [...withoutRightsOfRoot(), 'sh', '-c', `trap '' XFSZ; exec "$0" "$@"`],
    nodeArguments: ['--import', clock],
  });
  await eventually(
    'the first value',
    async () => (await server.get('/orders/prod')).status,
    (status) => status === 200,
    30_000,
  );
  const reader = new Reader(server);
  const rows: Row[] = [];
  let value = 0;
  for (const [name, fault] of Object.entries({ ...member.faults(server), ...ownFaults(server) })) {
    const { reads, failures } = { reads: reader.reads, failures: reader.failures.length };
    await fault.begin();
    await sleep(faultMs / 2);
    value += 1;
    // A directory that can't be read can't be written to either.
    const isWritable = member.backends !== null || name !== 'forbidden';
    if (isWritable) await member.write(value, server);
    await sleep(faultMs / 2);
    await fault.end();
    if (!isWritable) await member.write(value, server);
    const endedAt = performance.now();
    await eventually(
      `${member.name}: the change after ${name}`,
      () => reader.value,
      (seen) => seen === value,
      40_000,
    );
    rows.push({
      backend: member.name,
      fault: name,
      reads: reader.reads - reads,
      failed: reader.failures.length - failures,
      recoveredMs: Math.round(performance.now() - endedAt),
    });
    await sleep(calmMs);
  }
  await reader.stop();
  t.same(reader.failures, [], `${member.name}: none of ${reader.reads} reads failed or went back in time`);
  t.equal((await server.get('/health/ready')).status, 200);
  const { status } = await eventually(
    `${member.name}: health`,
    () => server.get('/health'),
    (answer) => answer.status === 200,
    20_000,
  );
  t.equal(status, 200, `${member.name}: nothing is stuck`);
  return rows;
}

const programs = [...missingPrograms(), ...(spawnSync('prlimit', ['--version']).error === undefined ? [] : ['prlimit'])];
const databases = (['postgres', 'mariadb'] as const).filter((kind) => missingServer(kind) === false);
if (programs.length > 0 && process.env['CI'] === 'true') t.fail(`needed in CI and missing: ${programs.join(', ')}`);

t.test('every backend, every fault', { skip: programs.length > 0 ? `needs ${programs.join(', ')}` : false, timeout: 280_000 }, async (t) => {
  const members = [nativeMember(), ...(await Promise.all([gitMember(), s3Member(), ...databases.map((kind) => databaseMember(kind))]))];
  const rows = (await Promise.all(members.map((member) => chaos(t, member)))).flat();
  t.comment('backend   fault        reads  failed  served again after');
  for (const row of rows) {
    t.comment(
      `${row.backend.padEnd(10)}${row.fault.padEnd(12)}${String(row.reads).padStart(6)}${String(row.failed).padStart(8)}${String(row.recoveredMs).padStart(10)} ms`,
    );
  }
  t.equal(rows.length, 5 + (members.length - 1) * 8, 'every pair of backend and fault');
});
