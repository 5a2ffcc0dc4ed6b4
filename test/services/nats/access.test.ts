// Who may connect: user and password, token, TLS with a client certificate, permissions; what is wrong is said, secrets are not.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';
import { health } from '../../fixtures/lifecycle/questions.ts';
import { busCheck, connected, startMember, testWithNats } from './fleet.ts';
import { NatsServer } from './natsServer.ts';

testWithNats('user and password, or a token: the right ones connect, wrong ones show in health and not in logs', async (test, program, origin) => {
  const password = 'correct horse battery';
  const users = await NatsServer.start(test, program, `authorization { user: joe, password: "${password}" }\n`);
  const tokens = await NatsServer.start(test, program, `authorization { token: "${password}" }\n`);
  for (const nats of [
    { url: users.url, username: 'joe', password },
    { url: tokens.url, token: password },
  ]) {
    const server = await startMember(test, origin, nats);
    await connected(server, true);
    test.notOk(server.output.includes(password));
    await server.stop();
  }
  const wrong = await startMember(test, origin, { url: users.url, username: 'joe', password: 'not the password' });
  const check = await eventually(
    'the reason',
    () => busCheck(wrong),
    (seen) => /auth/i.test(String(seen?.details['lastError'])),
  );
  test.equal(check?.status, 'failing');
  test.equal((await health(wrong, '/health/ready')).httpStatus, 200);
  test.notOk(wrong.output.includes('not the password'));
});

testWithNats('a user who may not subscribe is not taken for connected', async (test, program, origin) => {
  const users = 'authorization { users = [ { user: joe, password: pw, permissions: { subscribe: "elsewhere.>" } } ] }\n';
  const nats = await NatsServer.start(test, program, users);
  const server = await startMember(test, origin, { url: nats.url, username: 'joe', password: 'pw' });
  const check = await eventually(
    'the reason',
    () => busCheck(server),
    (seen) => /permission/i.test(String(seen?.details['lastError'])),
  );
  test.equal(check?.status, 'failing');
});

testWithNats('TLS: an authority of its own, and a client certificate', async (test, program, origin) => {
  const [ca, key] = makeCertificate(test);
  const nats = await NatsServer.start(test, program, `tls { cert_file: "${ca}", key_file: "${key}", ca_file: "${ca}", verify: true }\n`);
  const url = `tls://127.0.0.1:${nats.port}`;
  const good = await startMember(test, origin, { url, caFile: ca, certificateFile: ca, keyFile: key });
  await connected(good, true);
  for (const nats of [{ url }, { url, caFile: ca }]) {
    const server = await startMember(test, origin, nats);
    await eventually(
      'the reason',
      () => busCheck(server),
      (seen) => seen?.status === 'failing' && seen.details['lastError'] !== null,
    );
    await server.stop();
  }
});

/** Files of a certificate for 127.0.0.1 that is its own authority, and of its key. */
function makeCertificate(test: Test): readonly [string, string] {
  const folder = mkdtempSync(join(tmpdir(), 'vortex-tls-'));
  test.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
  return [cert, key];
}
