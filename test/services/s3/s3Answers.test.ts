// The built server with a bucket behind it: what clients are answered, changes, outages, restarts, the bundle.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { startServer, type Server } from '../../fixtures/server.ts';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';
import { S3Fixture, withS3Server } from './s3Fixture.ts';

const condition = 'spring.config.activate.on-profile';
const shop = {
  'till-qa.properties': 'k=qa\n',
  'till-eu.yml': 'k: eu\n',
  'till.json': '{"k":"base","n":5}',
  'application.yml': `s: 1\n---\n${condition}: qa\ns: 2\n`,
  'v1/till.yml': 'k: v1\n',
  'v1/site.conf': 'port ${k}\n',
};

interface EnvironmentBody {
  readonly version: string | null;
  readonly label: string | null;
  readonly propertySources: readonly { readonly name: string; readonly source: Readonly<Record<string, unknown>> }[];
}

function backend(fixture: S3Fixture, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const access = { endpoint: fixture.proxy.url, pathStyle: true, accessKeyId: 'tester', secretAccessKey: 'secret' };
  return { bucket: fixture.bucket, ...access, pollInterval: '1s', timeout: '5s', maxStaleness: '3s', ...more };
}

async function environmentOf(server: Server, target: string): Promise<EnvironmentBody> {
  const answer = await server.get(target);
  if (answer.status !== 200) throw new Error(`${target} answered ${answer.status}: ${answer.body.toString()}`);
  return JSON.parse(answer.body.toString()) as EnvironmentBody;
}

function sources(body: EnvironmentBody): unknown[] {
  return body.propertySources.map(({ name, source }) => [name, source]);
}

await withS3Server((s3) => {
  const inBucket = (title: string, check: (t: Test, fixture: S3Fixture) => Promise<void>, isVersioned = false): void => {
    void t.test(title, async (test) => {
      const fixture = await S3Fixture.for(test, s3, isVersioned);
      await fixture.put(shop);
      await check(test, fixture);
    });
  };

  inBucket('M16, M17: answers have the names and the order of the protocol, and no origins', async (t, fixture) => {
    const server = await startServer(t, { settings: { backends: { s3: backend(fixture) } } });
    const body = await environmentOf(server, '/till/qa,eu');
    t.same(sources(body), [
      ['s3:till-qa', { k: 'qa' }],
      ['s3:till-eu', { k: 'eu' }],
      ['s3:till', { k: 'base', n: 5 }],
      ['s3:application-qa', { [condition]: 'qa', s: 2 }],
      ['s3:application', { s: 1 }],
    ]);
    t.match(body, { version: null, label: null });
    const v2 = await server.get('/till/none/v1', { accept: 'application/vnd.spring-cloud.config-server.v2+json' });
    t.match(JSON.parse(v2.body.toString()), { label: 'v1', propertySources: [{ name: 's3:till', source: { k: 'v1' } }] });
    t.equal((await server.get('/till/none/v1/site.conf')).body.toString(), 'port v1\n');
    t.same(sources(await environmentOf(server, '/till/none/no-such-label')), []);
    t.equal((await server.get('/till/none/no-such-label/site.conf')).status, 404);
    const explained = await server.manage('GET', '/explain/till/none/v1');
    t.match(explained.body.toString(), /"path": ?"v1\/till\.yml",\s*"line": ?1/);
  });

  inBucket(
    'the version is that of the object that was used last, and follows a change',
    async (t, fixture) => {
      const first = await s3.put(fixture.bucket, 'application.yml', 's: 7\n');
      const server = await startServer(t, { settings: { backends: { s3: backend(fixture) } } });
      const before = await server.get('/till/none');
      t.equal((JSON.parse(before.body.toString()) as EnvironmentBody).version, first);
      await fixture.put({ 'other.yml': 'o: 1\n' });
      await eventually('the change of another object', async () => (await environmentOf(server, '/other/none')).propertySources.length === 2, Boolean);
      t.equal((await server.get('/till/none')).headers['etag'], before.headers['etag'], 'another object does not change this answer');
      const second = await s3.put(fixture.bucket, 'application.yml', 's: 8\n');
      await eventually('the new version', async () => (await environmentOf(server, '/till/none')).version === second, Boolean);
    },
    true,
  );

  inBucket('an outage: answers go on, become stale, and recover', async (t, fixture) => {
    const server = await startServer(t, { settings: { backends: { s3: backend(fixture) } } });
    await environmentOf(server, '/till/qa');
    fixture.proxy.setFault('denied');
    await eventually('the answer is stale', async () => (await server.get('/till/qa')).headers['x-vortex-stale'] !== undefined, Boolean);
    t.equal((await server.get('/till/eu')).status, 200, 'not asked for before, and in memory all the same');
    t.equal((await server.manage('GET', '/health/ready')).status, 200);
    t.match((await server.manage('GET', '/health')).body.toString(), /SOURCE_UNAUTHORIZED.*InvalidAccessKeyId/);
    await fixture.put({ 'till-qa.properties': 'k=later\n' });
    fixture.proxy.setFault('none');
    await eventually(
      'the answer is fresh again',
      async () =>
        sources(await environmentOf(server, '/till/qa'))
          .flat()
          .some((source) => JSON.stringify(source) === '{"k":"later"}'),
      Boolean,
    );
    await eventually('no staleness', async () => (await server.get('/till/qa')).headers['x-vortex-stale'] === undefined, Boolean);
  });

  inBucket('a restart while the bucket is away serves everything that was followed', async (t, fixture) => {
    const storage = mkdtempSync(join(tmpdir(), 's3-restart-'));
    t.teardown(() => rmSync(storage, { recursive: true, force: true }));
    const settings = { backends: { s3: backend(fixture) }, storage: { directory: storage } };
    const before = await startServer(t, { settings });
    await environmentOf(before, '/till/none/v1');
    t.equal((await before.stop()).code, 0);
    fixture.proxy.setFault('refuse');
    const after = await startServer(t, { settings });
    t.match(sources(await environmentOf(after, '/till/qa')), [['s3:till-qa', { k: 'qa' }]]);
    t.same(sources(await environmentOf(after, '/till/other/v1')), [['s3:till', { k: 'v1' }]]);
    t.equal((await after.get('/till/none/v2')).status, 500, 'whether it exists is not known');
  });

  inBucket('a start without a bucket answers 500 and becomes well by itself', async (t, fixture) => {
    fixture.proxy.setFault('denied');
    const server = await startServer(t, { settings: { backends: { s3: backend(fixture) } }, waitUntilReady: false });
    await eventually('a failed answer', async () => (await server.get('/till/qa')).status === 500, Boolean);
    fixture.proxy.setFault('none');
    await eventually('a good answer', async () => (await server.get('/till/qa')).status === 200, Boolean);
  });

  inBucket('beside other backends, in the order of the entries', async (t, fixture) => {
    const composite = (config: string): unknown[] => [
      { type: 's3', ...backend(fixture, { useDirectoryLayout: true, defaultLabel: 'v1' }), order: 2 },
      { type: 'native', searchLocations: [`file:${config}/`], order: 1 },
    ];
    const config = mkdtempSync(join(tmpdir(), 's3-composite-'));
    t.teardown(() => rmSync(config, { recursive: true, force: true }));
    await fixture.put({ 'v1/till/application-qa.yml': 'k: dir\n' });
    const server = await startServer(t, { settings: { backends: { composite: composite(config) } } });
    t.same(sources(await environmentOf(server, '/till/qa')), [['s3:till/application-qa', { k: 'dir' }]]);
  });

  inBucket('the keys come from the environment where none are set', async (t, fixture) => {
    const settings = { backends: { s3: { bucket: fixture.bucket, endpoint: fixture.proxy.url, pathStyle: true } } };
    const environment = { AWS_ACCESS_KEY_ID: 'from-environment', AWS_SECRET_ACCESS_KEY: 'secret' };
    const server = await startServer(t, { settings, environment });
    t.equal((await environmentOf(server, '/till/qa')).propertySources.length > 0, true);
    t.ok(fixture.proxy.accessKeys.has('from-environment'));
    t.equal(server.stderr, '');
  });
});
