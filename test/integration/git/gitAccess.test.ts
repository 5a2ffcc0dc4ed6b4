// Credentials for http, and certificates for https.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from '../../../src/base/secret.ts';
import { revisionOf, text } from '../../contract/sourceContract.ts';
import { startGitHttpServer } from './gitHttpServer.ts';
import { testWithFixture, testWithServer } from './withGitServer.ts';

const main = { label: 'main' };

testWithServer(
  'user and password, token, and what is in the uri',
  async (test, fixture, server) => {
    const commit = fixture.push({ 'a.yml': 'v: 1\n' });
    const uri = `${server.url}/origin.git`;
    const accepted = [
      fixture.source(uri, { username: 'joe', password: new Secret('s3cret/@:') }),
      fixture.source(uri, { username: 'joe', token: new Secret('s3cret/@:') }),
      fixture.source(uri.replace('//', `//joe:${encodeURIComponent('s3cret/@:')}@`)),
    ];
    for (const source of accepted) {
      test.equal(await revisionOf(source, main), commit);
      test.equal((await source.poll()).problem, null);
    }
    const refused = [
      fixture.source(uri, { storageDirectory: null }),
      fixture.source(uri, { storageDirectory: null, username: 'joe', password: new Secret('wr0ng') }),
      fixture.source(uri.replace('//', '//joe:wr0ng@'), { storageDirectory: null }),
    ];
    for (const source of refused) {
      test.match(await source.resolve('main'), { kind: 'unavailable', reason: /answers 401/ });
      test.equal(source.status().lastError?.code, 'SOURCE_UNAUTHORIZED');
      test.notMatch(JSON.stringify(source.status()), /wr0ng/);
    }
  },
  { username: 'joe', password: 's3cret/@:' },
);

testWithServer(
  'a token as bearer',
  async (test, fixture, server) => {
    const commit = fixture.push({ 'a.yml': 'v: 1\n' });
    test.equal(await revisionOf(fixture.source(`${server.url}/origin.git`, { token: new Secret('t0ken'), tokenKind: 'bearer' }), main), commit);
  },
  { bearer: 't0ken' },
);

testWithServer(
  'a token alone goes with the user that hosts expect',
  async (test, fixture, server) => {
    const commit = fixture.push({ 'a.yml': 'v: 1\n' });
    test.equal(await revisionOf(fixture.source(`${server.url}/origin.git`, { token: new Secret('t0ken') }), main), commit);
  },
  { username: 'x-access-token', password: 't0ken' },
);

for (const [version, protocol] of [
  ['0', ''],
  ['1', 'version=1'],
] as const) {
  testWithServer(
    `a remote that knows only version ${version} of the protocol`,
    async (test, fixture, server) => {
      const first = fixture.push({ 'a.yml': 'v: 1\n' });
      fixture.work.git('tag', '-a', '-m', 'one', 'release');
      fixture.pushAll();
      const source = fixture.source(`${server.url}/origin.git`);
      for (const label of ['main', 'release', 'HEAD']) test.same(await source.resolve(label), { kind: 'revision', revision: first }, label);
      const second = fixture.push({ 'a.yml': 'v: 2\n' });
      test.same([...(await source.poll()).movedLabels].toSorted(), ['HEAD', 'main']);
      test.equal(text(await source.tree(second), 'a.yml'), 'v: 2\n');
    },
    { protocol },
  );
}

testWithServer(
  'a repository without a commit, by version 0',
  async (test, fixture, server) => {
    test.equal((await fixture.source(`${server.url}/origin.git`).resolve('main')).kind, 'noSuchLabel');
  },
  { protocol: '' },
);

testWithFixture('redirects are followed, but credentials stay with their host', async (test, fixture) => {
  const commit = fixture.push({ 'a.yml': 'v: 1\n' });
  const target = await startGitHttpServer({ root: fixture.served });
  const elsewhere = target.url.replace('127.0.0.1', 'localhost');
  const first = await startGitHttpServer({
    root: fixture.served,
    username: 'joe',
    password: 'pw',
    redirect: (path) =>
      path.startsWith('/moved') ? `${elsewhere}${path.slice('/moved'.length)}` : path.startsWith('/lost') ? '/login' : path.startsWith('/loop') ? path : null,
  });
  test.teardown(() => Promise.all([target.close(), first.close()]));
  const access = { username: 'joe', password: new Secret('pw') };
  test.equal(await revisionOf(fixture.source(`${first.url}/moved/origin.git`, access), main), commit);
  test.equal(target.lastAuthorization(), null);
  test.match(await fixture.source(`${first.url}/lost/origin.git`, access).resolve('main'), { kind: 'unavailable', reason: /redirects to something/ });
  test.match(await fixture.source(`${first.url}/loop/origin.git`, access).resolve('main'), { kind: 'unavailable', reason: /more than 5 times/ });
});

testWithFixture('https: a certificate of an own authority is trusted only when it is given', async (test, fixture) => {
  const certificate = makeCertificate(fixture.root);
  if (certificate === null) {
    test.comment('the openssl program is missing: nothing to check');
    test.equal(process.env.CI, undefined);
    return;
  }
  const commit = fixture.push({ 'a.yml': 'v: 1\n' });
  const server = await startGitHttpServer({ root: fixture.served, certificate });
  test.teardown(() => server.close());
  const uri = `${server.url}/origin.git`;
  const distrusting = fixture.source(uri);
  test.match(await distrusting.resolve('main'), { kind: 'unavailable', reason: /certificate of .* is not trusted/ });
  test.equal(distrusting.status().lastError?.code, 'SOURCE_HOST_UNTRUSTED');
  test.equal(await revisionOf(fixture.source(uri, { storageDirectory: null, caCertificates: certificate.cert }), main), commit);
  test.equal(await revisionOf(fixture.source(uri, { storageDirectory: null, skipSslValidation: true }), main), commit);
});

function makeCertificate(directory: string): { readonly key: string; readonly cert: string } | null {
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  try {
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}
