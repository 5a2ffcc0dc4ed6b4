// Three servers of one fleet, with one Git repository over HTTP and NATS between them; their poll interval is an hour.
import t, { type Test } from 'tap';
import type { Answer } from '../../conformance/rawRequest.ts';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';
import { configuration, health, metric, type HealthCheckBody } from '../../fixtures/lifecycle/questions.ts';
import { startServer, type Server } from '../../fixtures/server.ts';
import { push } from '../../fixtures/webhook/deliveries.ts';
import { GitFixture } from '../../integration/git/gitFixture.ts';
import { startGitHttpServer, type GitHttpServer } from '../../integration/git/gitHttpServer.ts';
import { natsProgram } from './natsServer.ts';

const timeoutMs = 180_000;

export interface Origin {
  readonly fixture: GitFixture;
  readonly remote: GitHttpServer;
  readonly fetches: () => number;
}

/** Skipped where nats-server is missing, except in CI. */
export function testWithNats(title: string, check: (test: Test, program: string, origin: Origin) => Promise<void>): void {
  t.setTimeout(timeoutMs);
  const program = natsProgram();
  const skip = program === null ? 'nats-server is missing' : false;
  void t.test(title, { skip, timeout: timeoutMs }, async (test) => {
    const fixture = new GitFixture();
    test.teardown(() => fixture.close());
    fixture.push({ 'application.yml': 'v: 1\n' });
    const remote = await startGitHttpServer({ root: fixture.served });
    test.teardown(() => remote.close());
    await check(test, program ?? '', { fixture, remote, fetches: () => remote.requests.filter((request) => request.includes('info/refs')).length });
  });
}

export function startMember(
  test: Test,
  { remote }: Origin,
  nats: Readonly<Record<string, unknown>>,
  git: Readonly<Record<string, unknown>> = {},
): Promise<Server> {
  const settings = {
    bus: { spread: '200ms', nats },
    backends: { git: { uri: `${remote.url}/origin.git`, pollInterval: '1h', maxStaleness: '2h', timeout: '5s', ...git } },
  };
  return startServer(test, { settings });
}

export async function startFleet(test: Test, origin: Origin, nats: Readonly<Record<string, unknown>>): Promise<readonly Server[]> {
  const servers = await Promise.all([0, 1, 2].map(() => startMember(test, origin, nats)));
  await Promise.all(servers.map((server) => connected(server, true)));
  await Promise.all(servers.map((server) => serves(server, 1)));
  return servers;
}

let deliveries = 0;

export function deliver(server: Server): Promise<Answer> {
  deliveries += 1;
  const { headers, body } = push('github', '127.0.0.1', 'origin', deliveries);
  return server.manage('POST', '/monitor', headers, body);
}

export async function serves(server: Server, value: number): Promise<void> {
  await eventually(
    `v is ${value}`,
    () => configuration(server, '/app/default'),
    (seen) => seen.value === value,
  );
}

export function busCheck(server: Server): Promise<HealthCheckBody | undefined> {
  return health(server).then(({ checks }) => checks.find(({ kind }) => kind === 'bus'));
}

export async function connected(server: Server, isConnected: boolean): Promise<void> {
  const status = isConnected ? 'ok' : 'failing';
  await eventually(
    `the bus is ${status}`,
    () => busCheck(server),
    (check) => check?.status === status,
    30_000,
  );
}

/** Over all servers. */
export async function messages(servers: readonly Server[], outcome: string): Promise<number> {
  const counts = await Promise.all(servers.map((server) => metric(server, 'vortex_bus_messages_total', { outcome })));
  return counts.reduce((sum, count) => sum + count, 0);
}
