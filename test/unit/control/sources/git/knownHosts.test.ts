// The lines of known_hosts.
import { createHmac } from 'node:crypto';
import t from 'tap';
import { KnownHosts } from '../../../../../src/control/sources/git/knownHosts.ts';

const key = Buffer.from('the key of the host');
const other = Buffer.from('another key');
const line = (hosts: string, bytes = key, type = 'ssh-ed25519'): string => `${hosts} ${type} ${bytes.toString('base64')} comment`;

t.test('names, lists, patterns, ports and negations', async (test) => {
  const cases: readonly (readonly [string, string, number, string])[] = [
    ['git.example.com', 'git.example.com', 22, 'known'],
    ['git.example.com', 'GIT.example.com', 22, 'known'],
    ['git.example.com', 'git.example.org', 22, 'unknown'],
    ['git.example.com', 'git.example.com', 2222, 'unknown'],
    ['[git.example.com]:2222', 'git.example.com', 2222, 'known'],
    ['a,b,10.0.0.1', '10.0.0.1', 22, 'known'],
    ['*.example.com', 'git.example.com', 22, 'known'],
    ['*.example.com', 'gitXexampleXcom', 22, 'unknown'],
    ['g?t', 'git', 22, 'known'],
    ['*,!git', 'git', 22, 'unknown'],
    ['*,!git', 'hub', 22, 'known'],
  ];
  for (const [hosts, host, port, verdict] of cases) test.equal(new KnownHosts(line(hosts)).check(host, port, key), verdict, `${hosts} ${host}:${port}`);
});

t.test('a hashed name', async (test) => {
  const salt = Buffer.from('01234567890123456789');
  const hash = createHmac('sha1', salt).update('[git.example.com]:2222').digest('base64');
  const hosts = new KnownHosts(line(`|1|${salt.toString('base64')}|${hash}`));
  test.equal(hosts.check('git.example.com', 2222, key), 'known');
  test.equal(hosts.check('git.example.com', 22, key), 'unknown');
});

t.test('another key of a listed host is a changed key, a revoked one is revoked', async (test) => {
  test.equal(new KnownHosts(line('host', other)).check('host', 22, key), 'changed');
  test.equal(new KnownHosts([line('host', other), line('host')].join('\n')).check('host', 22, key), 'known');
  test.equal(new KnownHosts([line('host'), `@revoked ${line('*')}`].join('\n')).check('host', 22, key), 'revoked');
  test.equal(new KnownHosts(`@cert-authority ${line('host')}`).check('host', 22, key), 'unknown');
});

t.test('comments, blank and broken lines are passed over; types are listed', async (test) => {
  const hosts = new KnownHosts(['# comment', '', 'broken', 'host ssh-rsa', line('host', other, 'ssh-rsa'), line('host')].join('\r\n'));
  test.same(hosts.types('host', 22), ['ssh-rsa', 'ssh-ed25519']);
  test.same(hosts.types('elsewhere', 22), []);
});
