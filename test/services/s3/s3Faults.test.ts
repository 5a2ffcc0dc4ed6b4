// The S3 source against a network and a bucket that misbehave, and against its own files on disk.
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import type { S3Source } from '../../../src/control/sources/s3/s3Source.ts';
import { Secret } from '../../../src/base/secret.ts';
import { revisionOf, text } from '../../contract/sourceContract.ts';
import type { Fault } from './faultProxy.ts';
import { S3Fixture, withS3Server } from './s3Fixture.ts';

const first = { 'a.yml': 'a: 1\n', 'v1/a.yml': 'a: v1\n', 'b.yml': `b: ${'x'.repeat(5_000)}\n` };

async function textOf(source: S3Source, path: string, label = ''): Promise<string> {
  return text(await source.tree(await revisionOf(source, { label })), path);
}

function filesOf(fixture: S3Fixture): string[] {
  const directory = join(fixture.storage, 's3');
  return readdirSync(directory).flatMap((bucket) => readdirSync(join(directory, bucket)).map((name) => join(directory, bucket, name)));
}

await withS3Server((server) => {
  const inBucket = (title: string, check: (t: Test, fixture: S3Fixture) => Promise<void>): void => {
    void t.test(title, async (test) => {
      const fixture = await S3Fixture.for(test, server);
      await fixture.put(first);
      await check(test, fixture);
    });
  };

  for (const fault of ['slowDown', 'serverError', 'refuse'] as const) {
    inBucket(`some requests end with ${fault}: they are sent again, the look succeeds`, async (t, fixture) => {
      fixture.proxy.setFault(fault, 2);
      const source = fixture.source();
      await source.open();
      t.match(source.status(), { health: 'ok', lastError: null });
      t.equal(await textOf(source, 'a.yml'), 'a: 1\n');
    });
  }

  inBucket('bodies that are cut short are read again', async (t, fixture) => {
    fixture.proxy.setFault('truncate', 2, 'reads');
    const source = fixture.source();
    await source.open();
    t.equal(source.status().health, 'ok');
    t.equal(await textOf(source, 'b.yml'), first['b.yml']);
  });

  const lasting: readonly { readonly fault: Fault; readonly code: RegExp }[] = [
    // the SDK waits longer and longer: the time may be over before its last try
    { fault: 'slowDown', code: /SOURCE_UNREACHABLE|SOURCE_TIMEOUT/ },
    { fault: 'serverError', code: /SOURCE_UNREACHABLE|SOURCE_TIMEOUT/ },
    { fault: 'refuse', code: /SOURCE_UNREACHABLE/ },
    { fault: 'denied', code: /SOURCE_UNAUTHORIZED/ },
    { fault: 'login', code: /SOURCE_PROTOCOL/ },
    { fault: 'truncate', code: /SOURCE_UNREACHABLE|SOURCE_PROTOCOL/ },
    { fault: 'stall', code: /SOURCE_TIMEOUT/ },
    { fault: 'slow', code: /SOURCE_TIMEOUT/ },
  ];
  for (const { fault, code } of lasting) {
    inBucket(`every request meets ${fault}: the poll fails in time, content stays, and recovers`, async (t, fixture) => {
      const source = fixture.source({ timeoutMs: 2_500 });
      await source.open();
      const revision = await revisionOf(source, { label: '' });
      await fixture.put({ 'a.yml': 'a: 2\n' });
      for (const kind of ['reads', 'all'] as const) {
        fixture.proxy.setFault(fault, Infinity, kind);
        const { problem, movedLabels } = await source.poll();
        // a page of HTML in place of an object has no tag that was listed
        t.match(problem?.code, fault === 'login' && kind === 'reads' ? /SOURCE_UNREADABLE/ : code, kind);
        t.same(movedLabels, []);
        t.equal(await revisionOf(source, { label: '' }), revision);
      }
      fixture.proxy.setFault('none');
      t.same((await source.poll()).movedLabels, ['']);
      t.equal(await textOf(source, 'a.yml'), 'a: 2\n');
    });
  }

  inBucket('a first look that fails midway goes on where it was', async (t, fixture) => {
    let reads = 0;
    fixture.proxy.beforeRead = async () => {
      reads += 1;
      if (reads === 3) fixture.proxy.setFault('denied');
    };
    await fixture.put(Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`n${index}.yml`, `n: ${index}\n`])));
    const source = fixture.source();
    await source.open();
    t.match(source.status(), { health: 'failed', lastError: { code: 'SOURCE_UNAUTHORIZED' } });
    t.match(await source.resolve(''), { kind: 'unavailable', reason: /InvalidAccessKeyId/ });
    fixture.proxy.setFault('none');
    fixture.proxy.beforeRead = async () => undefined;
    fixture.proxy.reset();
    t.equal((await source.poll()).problem, null);
    t.ok(fixture.proxy.reads < 43, `${fixture.proxy.reads} of 43 objects were read again`);
    t.equal(await textOf(source, 'n39.yml'), 'n: 39\n');
  });

  inBucket('a message about the bucket holds no secret', async (t, fixture) => {
    fixture.proxy.setFault('denied');
    const source = fixture.source({ secretAccessKey: new Secret('c0nfidential') });
    await source.open();
    t.match(source.status().lastError?.message, new RegExp(fixture.bucket));
    t.notMatch(JSON.stringify(source.status()), /c0nfidential/);
  });

  inBucket('a bucket that does not exist is reported as such', async (t, fixture) => {
    const source = fixture.source({ bucket: 'no-such-bucket' });
    await source.open();
    t.match(source.status().lastError, { code: 'SOURCE_UNAUTHORIZED', message: /no-such-bucket.*NoSuchBucket/ });
  });

  inBucket('a restart serves from disk while the bucket is away, and later reads only what has changed', async (t, fixture) => {
    const before = fixture.source();
    await before.open();
    t.equal(await textOf(before, 'a.yml', 'v1'), 'a: v1\n');
    const revision = await revisionOf(before, { label: '' });
    await before.close();
    fixture.proxy.setFault('refuse');
    const after = fixture.source();
    await after.open();
    t.equal(await revisionOf(after, { label: '' }), revision);
    t.equal(await textOf(after, 'a.yml'), 'a: 1\n');
    t.equal(await textOf(after, 'a.yml', 'v1'), 'a: v1\n');
    t.match(await after.resolve('never-asked-for'), { kind: 'unavailable' }, 'nobody knows whether it exists');
    t.ok((after.status().lastSuccessAtMs ?? 0) > Date.now() - 60_000);
    t.ok((await after.poll()).problem !== null);
    t.equal(after.status().health, 'retrying');
    await fixture.put({ 'a.yml': 'a: 2\n' });
    fixture.proxy.setFault('none');
    fixture.proxy.reset();
    t.same((await after.poll()).movedLabels.includes(''), true);
    t.equal(fixture.proxy.reads, 1);
    t.equal(await textOf(after, 'a.yml'), 'a: 2\n');
  });

  const damages: Readonly<Record<string, (files: readonly string[]) => void>> = {
    'an index that is cut short': (files) => truncateSync(files.find((path) => path.endsWith('index.bin')) ?? '', 100),
    'a flipped bit of an object': (files) => {
      const path = files.find((each) => each.endsWith('.segment')) ?? '';
      const bytes = readFileSync(path);
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      writeFileSync(path, bytes);
    },
  };
  for (const [damage, cause] of Object.entries(damages)) {
    inBucket(`${damage} is noticed: content is read from the bucket again`, async (t, fixture) => {
      const before = fixture.source();
      await before.open();
      await before.close();
      cause(filesOf(fixture));
      const after = fixture.source();
      await after.open();
      t.equal(await textOf(after, 'a.yml'), 'a: 1\n');
      t.match(after.status(), { health: 'ok' });
    });
  }

  inBucket('files on disk are for nobody else, and no more of them than are used', async (t, fixture) => {
    const source = fixture.source();
    await source.open();
    for (let change = 0; change < 5; change += 1) {
      await fixture.put({ 'a.yml': `a: ${'y'.repeat(6_000)}${change}\n` });
      await source.poll();
    }
    await source.close();
    const files = filesOf(fixture);
    t.ok(files.length < 5, `${files.length} files`);
    for (const path of files) t.equal(statSync(path).mode & 0o077, 0, path);
  });
});
