// Where access keys come from when the settings have none, asked of the bundle: it holds all of the SDK that it needs.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import t, { type Test } from 'tap';
import { startProgram } from '../../integration/build/programs.ts';
import { S3Fixture, withS3Server } from './s3Fixture.ts';

const projectRoot = resolve(import.meta.dirname, '../../../..');
const expiration = new Date(Date.now() + 3_600_000).toISOString();

/** Speaks for STS, the credentials endpoint of a container, and the metadata service of an instance. */
async function startKeyGiver(test: Test): Promise<string> {
  const server: Server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://keys').pathname;
    request.resume();
    if (request.method === 'POST') {
      const keys = `<AccessKeyId>from-web-identity</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${expiration}</Expiration>`;
      response.setHeader('content-type', 'text/xml');
      response.end(
        `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials>${keys}</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
      );
    } else if (path === '/container') {
      response.end(JSON.stringify({ AccessKeyId: 'from-container', SecretAccessKey: 's', Token: 't', Expiration: expiration }));
    } else if (path === '/latest/api/token') {
      response.end('token');
    } else if (path === '/latest/meta-data/iam/security-credentials/') {
      response.end('role');
    } else if (path === '/latest/meta-data/iam/security-credentials/role') {
      response.end(
        JSON.stringify({ Code: 'Success', AccessKeyId: 'from-instance', SecretAccessKey: 's', Token: 't', Expiration: expiration, LastUpdated: expiration }),
      );
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  test.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

await withS3Server((s3) => {
  const folder = mkdtempSync(join(tmpdir(), 's3-bundle-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const made = spawnSync(process.execPath, [join(projectRoot, 'src/build/bundle.mjs'), '--out', join(folder, 'bundle')], { encoding: 'utf8' });
  t.equal(made.status, 0, made.stdout + made.stderr);
  const token = join(folder, 'token');
  writeFileSync(token, 'identity');
  writeFileSync(join(folder, 'shared'), '[default]\naws_access_key_id = from-shared-file\naws_secret_access_key = s\n');

  const places: Readonly<Record<string, (keys: string) => Readonly<Record<string, string>>>> = {
    'from-environment': () => ({ AWS_ACCESS_KEY_ID: 'from-environment', AWS_SECRET_ACCESS_KEY: 's' }),
    'from-shared-file': () => ({ AWS_SHARED_CREDENTIALS_FILE: join(folder, 'shared') }),
    'from-web-identity': (keys) => ({
      AWS_WEB_IDENTITY_TOKEN_FILE: token,
      AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/reader',
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL_STS: keys,
    }),
    'from-container': (keys) => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${keys}/container` }),
    'from-instance': (keys) => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: keys }),
  };
  for (const [name, environmentOf] of Object.entries(places)) {
    void t.test(`${name}: the bundle reads the bucket with that key`, async (test) => {
      const fixture = await S3Fixture.for(test, s3);
      await fixture.put({ 'till.yml': 'k: 1\n' });
      const program = await startProgram([process.execPath, join(folder, 'bundle/cli.js')], folder, {
        VORTEX_BACKENDS_S3_BUCKET: fixture.bucket,
        VORTEX_BACKENDS_S3_ENDPOINT: fixture.proxy.url,
        VORTEX_BACKENDS_S3_PATH_STYLE: 'true',
        VORTEX_STORAGE_ENABLED: 'false',
        ...environmentOf(await startKeyGiver(test)),
      });
      const answer = await program.get('/till/qa');
      test.equal(await program.stop(), 0, program.output());
      test.match(answer.body.toString(), '"source":{"k":1}');
      test.same([...fixture.proxy.accessKeys], [name]);
      test.notMatch(program.output(), /Warning|NodeVersion/);
    });
  }
});
