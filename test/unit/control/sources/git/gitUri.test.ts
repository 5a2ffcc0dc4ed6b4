// The forms of Git uris.
import t from 'tap';
import { parseGitUri } from '../../../../../src/control/sources/git/gitUri.ts';

t.test('each form is understood', async (test) => {
  const cases: readonly (readonly [string, object])[] = [
    ['https://git.example.com/a/b.git', { kind: 'http', url: 'https://git.example.com/a/b.git', username: null, password: null }],
    ['https://joe:p%40ss@git.example.com:8443/a/b.git/', { kind: 'http', url: 'https://git.example.com:8443/a/b.git', username: 'joe', password: 'p@ss' }],
    ['HTTP://Host/x', { kind: 'http', url: 'http://host/x' }],
    ['ssh://git@host:2222/a/b.git', { kind: 'ssh', host: 'host', port: 2222, username: 'git', path: '/a/b.git' }],
    ['ssh://host/~joe/b.git', { kind: 'ssh', host: 'host', port: 22, username: null, path: '~joe/b.git' }],
    ['git+ssh://joe@[::1]:22/b', { kind: 'ssh', host: '::1', port: 22, username: 'joe', path: '/b' }],
    ['git@host:team/b.git', { kind: 'ssh', host: 'host', port: 22, username: 'git', path: 'team/b.git' }],
    ['host:/srv/b.git', { kind: 'ssh', host: 'host', username: null, path: '/srv/b.git' }],
    ['[::1]:b.git', { kind: 'ssh', host: '::1', path: 'b.git' }],
    ['file:///srv/b.git', { kind: 'local', directory: '/srv/b.git', isFileUri: true }],
    ['file:/srv/b.git', { kind: 'local', directory: '/srv/b.git', isFileUri: true }],
    ['file:./b.git', { kind: 'local', directory: '/srv/b.git', isFileUri: true }],
    ['/srv/b.git', { kind: 'local', directory: '/srv/b.git', isFileUri: false }],
    ['./b:c.git', { kind: 'local', directory: '/srv/b:c.git', isFileUri: false }],
  ];
  for (const [uri, expected] of cases) test.match(parseGitUri(uri, '/srv'), expected, uri);
});

t.test('what is not supported is refused without its password', async (test) => {
  for (const uri of [
    'git://joe:s3cret@host/x',
    'ftp://joe:s3cret@host/x',
    'https://joe:s3cret@',
    'ssh://joe:s3cret@host',
    'ssh://joe:s3cret@host:x/y',
    'file://host/x',
  ]) {
    try {
      parseGitUri(uri, '/srv');
      test.fail(uri);
    } catch (error) {
      test.match(error, { name: 'Failure', code: 'SOURCE_UNREACHABLE' }, uri);
      test.notMatch(String((error as Error).stack), /s3cret/, uri);
    }
  }
});
