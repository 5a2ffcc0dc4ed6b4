// A real S3 server for the tests: S3Mock, as a Java process on ports that the system chose.
//
// Tried from the package registries: S3Mock (Maven Central, one 61 MB jar, 6 s to start), moto (PyPI, 63 packages, 317 MB), versitygw
// (Go, built in 2:40 minutes, newer Go than Debian's), s3rver (npm, keeps no versions). S3Mock and moto both have versions, pages and
// conditional reads; S3Mock needs nothing that the Spring clients of test/interop don't need already.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CreateBucketCommand, DeleteObjectsCommand, ListObjectsV2Command, PutBucketVersioningCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const version = '4.11.0';
const jarFolder = resolve(import.meta.dirname, '../../../s3mock');
const jar = join(jarFolder, `s3mock-${version}-exec.jar`);
const startTimeoutMs = 90_000;

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

/** Which of the needed programs are missing here. */
export function missingPrograms(): readonly string[] {
  const flags = { java: '-version', mvn: '-version' };
  return Object.entries(flags).flatMap(([name, flag]) => (spawnSync(name, [flag], { stdio: 'ignore' }).status === 0 ? [] : [name]));
}

/** @throws {Error} with the output of Maven or of the server */
export async function startS3Server(): Promise<S3Server> {
  fetchJar();
  const root = mkdtempSync(join(tmpdir(), 's3mock-'));
  const settings = ['--server.port=0', '--com.adobe.testing.s3mock.httpPort=0', `--com.adobe.testing.s3mock.store.root=${root}`];
  const javaArguments = ['-XX:TieredStopAtLevel=1', '-Xmx512m', '-jar', jar, ...settings];
  const child = spawn('java', javaArguments, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const port = await new Promise<number>((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`S3Mock did not start:\n${output}`)), startTimeoutMs);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        if (output.length < 100_000) output += text;
        const found = /Started S3Mock/.test(output) ? /Tomcat started on .*?(\d+) \(http\)/.exec(output)?.[1] : undefined;
        if (found === undefined) return;
        clearTimeout(timer);
        done(Number(found));
      });
    }
    child.once('exit', () => fail(new Error(`S3Mock ended:\n${output}`)));
  });
  return new S3Server(child, root, port);
}

export class S3Server {
  readonly port: number;
  private readonly child: ChildProcess;
  private readonly root: string;
  private readonly client: S3Client;
  private buckets = 0;

  constructor(child: ChildProcess, root: string, port: number) {
    this.child = child;
    this.root = root;
    this.port = port;
    const credentials = { accessKeyId: 'tester', secretAccessKey: 'secret' };
    this.client = new S3Client({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', forcePathStyle: true, credentials });
  }

  /** A bucket of its own for each test. */
  async createBucket(isVersioned = false): Promise<string> {
    this.buckets += 1;
    const Bucket = `bucket-${this.buckets}`;
    await this.client.send(new CreateBucketCommand({ Bucket }));
    if (isVersioned) await this.client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    return Bucket;
  }

  /** The version that the bucket gave it, null without versions. */
  async put(bucket: string, key: string, content: string | Uint8Array): Promise<string | null> {
    const { VersionId } = await this.client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: Buffer.from(content) }));
    return VersionId ?? null;
  }

  async putAll(bucket: string, files: Readonly<Record<string, string>>): Promise<void> {
    const queue = Object.entries(files);
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let next = queue.pop(); next !== undefined; next = queue.pop()) await this.put(bucket, ...next);
      }),
    );
  }

  async remove(bucket: string, keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await this.client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } }));
  }

  /** Makes exactly these objects the content. */
  async replace(bucket: string, files: Readonly<Record<string, string>>): Promise<void> {
    const listed = await this.client.send(new ListObjectsV2Command({ Bucket: bucket }));
    const gone = (listed.Contents ?? []).flatMap(({ Key }) => (Key !== undefined && !(Key in files) ? [Key] : []));
    await this.remove(bucket, gone);
    await this.putAll(bucket, files);
  }

  async close(): Promise<void> {
    this.client.destroy();
    const exited = new Promise((done) => this.child.once('exit', done));
    this.child.kill('SIGKILL');
    await exited;
    rmSync(this.root, { recursive: true, force: true });
  }
}

function fetchJar(): void {
  if (existsSync(jar)) return;
  mkdirSync(jarFolder, { recursive: true });
  const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy';
  const run = spawnSync('mvn', ['-q', '-B', plugin, `-Dartifact=com.adobe.testing:s3mock:${version}:jar:exec`, `-DoutputDirectory=${jarFolder}`], {
    encoding: 'utf8',
  });
  if (run.status !== 0 || !existsSync(jar)) throw new Error(`S3Mock could not be fetched:\n${run.stdout}${run.stderr}`);
}
