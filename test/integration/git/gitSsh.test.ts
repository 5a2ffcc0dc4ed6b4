// Git over SSH: keys, host keys, and a server that hangs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { Secret } from '../../../src/base/secret.ts';
import { revisionOf, text } from '../../contract/sourceContract.ts';
import type { GitFixture } from './gitFixture.ts';
import { makeKeyPair, makePemKey, startGitSshServer, type GitSshServer } from './gitSshServer.ts';
import { testWithFixture } from './withGitServer.ts';

const main = { label: 'main' };
const key = makeKeyPair();

function testWithServer(
  title: string,
  check: (test: Test, fixture: GitFixture, server: GitSshServer, commit: string) => Promise<void>,
  clientKey = key.privateKey,
  passphrase?: string,
): void {
  testWithFixture(title, async (test, fixture) => {
    const server = await startGitSshServer(fixture.served, clientKey, passphrase);
    test.teardown(() => server.close());
    await check(test, fixture, server, fixture.push({ 'a.yml': 'v: 1\n' }));
  });
}

testWithServer('the right key and a known host', async (test, fixture, server, commit) => {
  const source = fixture.source(server.url('origin.git'), { privateKey: new Secret(key.privateKey), knownHosts: server.knownHosts });
  test.equal(await revisionOf(source, main), commit);
  const next = fixture.push({ 'a.yml': 'v: 2\n' });
  test.same((await source.poll()).movedLabels, ['main']);
  test.equal(text(await source.tree(next), 'a.yml'), 'v: 2\n');
});

const pem = makePemKey();
testWithServer(
  'an RSA key in PEM form',
  async (test, fixture, server, commit) => {
    test.equal(await revisionOf(fixture.source(server.url('origin.git'), { privateKey: new Secret(pem), knownHosts: server.knownHosts }), main), commit);
  },
  pem,
);

testWithServer('key and known hosts of the user', async (test, fixture, server, commit) => {
  const sshDirectory = join(fixture.root, 'ssh');
  mkdirSync(sshDirectory);
  writeFileSync(join(sshDirectory, 'id_ed25519'), key.privateKey, { mode: 0o600 });
  writeFileSync(join(sshDirectory, 'known_hosts'), server.knownHosts);
  test.equal(await revisionOf(fixture.source(server.url('origin.git'), { sshDirectory }), main), commit);
});

testWithServer('a wrong key, no key, and something that is no key', async (test, fixture, server) => {
  const attempts = [{ privateKey: new Secret(makeKeyPair().privateKey) }, {}, { privateKey: new Secret('s3cret nonsense') }];
  for (const attempt of attempts) {
    const source = fixture.source(server.url('origin.git'), { ...attempt, knownHosts: server.knownHosts, timeoutMs: 5_000 });
    test.match(await source.resolve('main'), { kind: 'unavailable' });
    test.equal(source.status().lastError?.code, 'SOURCE_UNAUTHORIZED');
    test.notMatch(JSON.stringify(source.status()), /s3cret/);
  }
});

testWithServer('a host key that is not known, or another one, is refused unless checking is off', async (test, fixture, server, commit) => {
  const privateKey = new Secret(key.privateKey);
  const other = `[127.0.0.1]:${server.port} ${makeKeyPair().publicKey}\n`;
  for (const [knownHosts, says] of [
    [null, /host key of 127\.0\.0\.1 is unknown/],
    [other, /is changed/],
    [`@revoked ${server.knownHosts}`, /is revoked/],
  ] as const) {
    const source = fixture.source(server.url('origin.git'), { privateKey, knownHosts });
    test.match(await source.resolve('main'), { kind: 'unavailable', reason: says });
    test.equal(source.status().lastError?.code, 'SOURCE_HOST_UNTRUSTED');
  }
  const lax = { privateKey, strictHostKeyChecking: false };
  test.match(await fixture.source(server.url('origin.git'), { ...lax, knownHosts: other }).resolve('main'), { kind: 'unavailable', reason: /is changed/ });
  test.equal(await revisionOf(fixture.source(server.url('origin.git'), lax), main), commit);
});

const locked = makeKeyPair('pass phrase');
testWithServer(
  'a key with a passphrase',
  async (test, fixture, server, commit) => {
    const { knownHosts } = server;
    const privateKey = new Secret(locked.privateKey);
    const wrong = fixture.source(server.url('origin.git'), { privateKey, knownHosts, passphrase: new Secret('other') });
    test.match(await wrong.resolve('main'), { kind: 'unavailable', reason: /SSH key .* cannot be used/ });
    const right = fixture.source(server.url('origin.git'), { privateKey, knownHosts, passphrase: new Secret('pass phrase') });
    test.equal(await revisionOf(right, main), commit);
  },
  locked.privateKey,
  'pass phrase',
);

testWithServer('a repository that does not exist', async (test, fixture, server) => {
  const source = fixture.source(server.url('no-such.git'), { privateKey: new Secret(key.privateKey), knownHosts: server.knownHosts });
  test.match(await source.resolve('main'), { kind: 'unavailable', reason: /cannot serve .*no-such\.git/ });
});

testWithServer('a server that hangs is given up', async (test, fixture, server) => {
  server.setHanging(true);
  const source = fixture.source(server.url('origin.git'), { privateKey: new Secret(key.privateKey), knownHosts: server.knownHosts, timeoutMs: 4_000 });
  test.match(await source.resolve('main'), { kind: 'unavailable', reason: /silent for 4000 ms/ });
  test.equal(source.status().lastError?.code, 'SOURCE_TIMEOUT');
});
