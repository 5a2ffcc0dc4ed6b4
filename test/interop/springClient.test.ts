// Real Spring Boot applications take their configuration from the built server and see the right values.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import t from 'tap';
import { buildFixture } from '../conformance/buildFixture.ts';
import { startServer, type RunningServer } from '../conformance/serverProcess.ts';
import { startGateway } from './gateway.ts';
import { buildClient, missingPrograms, runClient, type SpringLine } from './springClient.ts';

const projectRoot = resolve(import.meta.dirname, '../../..');
const lines: readonly SpringLine[] = ['boot3', 'boot4'];

const missing = missingPrograms();
if (missing.length > 0 && process.env['CI'] === 'true') {
  t.fail(`needed in CI and missing: ${missing.join(', ')}`);
} else if (missing.length > 0) {
  t.plan(0, `needs ${missing.join(' and ')}`);
} else {
  t.setTimeout(600_000);
  for (const line of lines) testLine(line);
}

function testLine(line: SpringLine): void {
  t.test(`${line}: several profiles, several addresses of which the first is dead, retries and headers`, async (t) => {
    buildClient(line);
    const example = join(projectRoot, 'docker/example/config');
    const server = await startNative(t, [`file:${example}`, `file:${example}/{application}`]);
    const gateway = await startGateway(server.port, 2);
    t.teardown(() => gateway.close());
    const run = await runClient(line, {
      'spring.config.import': 'configserver:',
      'spring.cloud.config.uri': `http://127.0.0.1:${await deadPort()},http://127.0.0.1:${gateway.port}`,
      'spring.application.name': 'inventory',
      'spring.profiles.active': 'dev,prod',
      'spring.cloud.config.fail-fast': 'true',
      'spring.cloud.config.retry.initial-interval': '100',
      'spring.cloud.config.headers.x-team': 'warehouse',
      'interop.print': 'server.port,database.url,restock.threshold,restock.notify,warehouses[1].city,database.pool.size,feature.gift-cards,nothing.here',
      'interop.bind-list': 'warehouses[0].zones',
    });
    t.equal(run.exitCode, 0, run.output);
    t.same(run.report?.properties, {
      'server.port': '8081',
      'database.url': 'jdbc:postgresql://db.internal.example:5432/inventory',
      'restock.threshold': '1',
      'restock.notify': 'support@corner-shop.example',
      'warehouses[1].city': 'München',
      'database.pool.size': '20',
      'feature.gift-cards': 'true',
      'nothing.here': null,
    });
    t.same(run.report?.list, ['A', 'B', 'C']);
    t.ok((run.report?.sources.length ?? 0) >= 4, 'sources of the server are property sources of the application');
    t.ok(gateway.seen.length > 2, 'the client came again after the refusals');
    t.ok(
      gateway.seen.every((request) => request.headers['x-team'] === 'warehouse'),
      'the custom header is sent and does no harm',
    );
    t.match(gateway.seen[0]?.headers.accept, /config-server\.v2\+json/, 'the client asks for version 2 of the document');
  });

  t.test(`${line}: a label with a slash, a tag and the default label of a Git repository`, async (t) => {
    const server = await startGit(t);
    const common = { 'spring.config.import': `configserver:http://127.0.0.1:${server.port}`, 'spring.application.name': 'lamp', 'interop.print': 'watt,room' };
    const onBranch = await runClient(line, { ...common, 'spring.cloud.config.label': 'try/led' });
    t.same(onBranch.report?.properties, { watt: '1', room: 'hall' }, onBranch.output);
    const onTag = await runClient(line, { ...common, 'spring.cloud.config.label': 'v1', 'spring.profiles.active': 'up' });
    t.same(onTag.report?.properties, { watt: '5', room: 'attic' }, onTag.output);
    const onDefault = await runClient(line, common);
    t.same(onDefault.report?.properties, { watt: '7', room: 'hall' }, onDefault.output);
  });

  t.test(`${line}: an unknown label with fail-fast ends the application`, async (t) => {
    const server = await startGit(t);
    const run = await runClient(line, {
      'spring.config.import': `configserver:http://127.0.0.1:${server.port}`,
      'spring.application.name': 'lamp',
      'spring.cloud.config.label': 'nowhere',
      'spring.cloud.config.fail-fast': 'true',
      'spring.cloud.config.retry.max-attempts': '1',
    });
    t.equal(run.exitCode, 1, run.output);
    t.equal(run.report, null);
  });
}

type TearDown = Pick<typeof t, 'teardown'>;

function temporaryFolder(t: TearDown): string {
  const folder = mkdtempSync(join(tmpdir(), 'vortex-interop-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function startNative(t: TearDown, searchLocations: readonly string[]): Promise<RunningServer> {
  const server = await startServer({ repos: [{ type: 'native', 'search-locations': searchLocations }] }, temporaryFolder(t));
  t.teardown(() => server.stop());
  return server;
}

/** The Git repository of the small conformance corpus. */
async function startGit(t: TearDown): Promise<RunningServer> {
  const folder = temporaryFolder(t);
  const root = join(folder, 'root');
  mkdirSync(root);
  buildFixture({ id: 'lamp-git', folder: join(projectRoot, 'test/conformance/corpus/fixtures/lamp-git'), settings: { repos: [] } }, root);
  const server = await startServer({ repos: [{ type: 'git', uri: `${root}/lamps.git`, 'search-paths': ['rooms'] }] }, folder);
  t.teardown(() => server.stop());
  return server;
}

/** A port that nobody listens on. */
async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolveListen) => server.listen(0, '127.0.0.1', resolveListen));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolveClose) => server.close(resolveClose));
  return port;
}
