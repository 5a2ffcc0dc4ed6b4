// What the tests of the S3 source share: the server, a proxy with faults, a thread, and sources on a bucket of their own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Secret } from '../../../src/base/secret.ts';
import type { S3SourceOptions } from '../../../src/control/sources/s3/s3Options.ts';
import { S3Source } from '../../../src/control/sources/s3/s3Source.ts';
import { S3Thread } from '../../../src/control/sources/s3/s3Thread.ts';
import { defaultTreeLimits } from '../../../src/control/sources/treeLimits.ts';
import { FaultProxy } from './faultProxy.ts';
import { missingPrograms, startS3Server, type S3Server } from './s3Server.ts';

/** Runs the tests with a server; skips them, or fails in CI, where it cannot run. */
export async function withS3Server(tests: (server: S3Server) => void): Promise<void> {
  const missing = missingPrograms();
  if (missing.length > 0) {
    if (process.env['CI'] === 'true') t.fail(`needed in CI and missing: ${missing.join(', ')}`);
    else t.plan(0, `needs ${missing.join(' and ')}`);
    return;
  }
  t.setTimeout(280_000);
  const server = await startS3Server();
  t.teardown(() => server.close());
  tests(server);
}

export class S3Fixture {
  readonly bucket: string;
  readonly server: S3Server;
  readonly proxy: FaultProxy;
  readonly storage = mkdtempSync(join(tmpdir(), 's3-source-'));
  private readonly threads: S3Thread[] = [];
  private readonly sources: S3Source[] = [];

  private constructor(server: S3Server, proxy: FaultProxy, bucket: string) {
    this.server = server;
    this.proxy = proxy;
    this.bucket = bucket;
  }

  static async create(server: S3Server, isVersioned = false): Promise<S3Fixture> {
    return new S3Fixture(server, await FaultProxy.start(server.port), await server.createBucket(isVersioned));
  }

  /** Gone when the test is. */
  static async for(test: Test, server: S3Server, isVersioned = false): Promise<S3Fixture> {
    const fixture = await S3Fixture.create(server, isVersioned);
    test.teardown(() => fixture.close());
    return fixture;
  }

  source(more: Partial<S3SourceOptions> = {}): S3Source {
    const thread = new S3Thread();
    this.threads.push(thread);
    const source = new S3Source({ ...this.options(), ...more }, thread);
    this.sources.push(source);
    return source;
  }

  put(files: Readonly<Record<string, string>>): Promise<void> {
    return this.server.putAll(this.bucket, files);
  }

  async close(): Promise<void> {
    for (const source of this.sources) await source.close();
    for (const thread of this.threads) await thread.close();
    await this.proxy.close();
    rmSync(this.storage, { recursive: true, force: true });
  }

  private options(): S3SourceOptions {
    return {
      repository: `s3 ${this.bucket}`,
      bucket: this.bucket,
      region: null,
      endpoint: this.proxy.url,
      pathStyle: true,
      prefix: '',
      accessKeyId: 'tester',
      secretAccessKey: new Secret('secret'),
      sessionToken: null,
      firstLabels: [''],
      timeoutMs: 20_000,
      storageDirectory: this.storage,
      limits: defaultTreeLimits,
    };
  }
}
