// Fixtures are built as their description says, byte for byte, and their placeholders are filled. (corpus README 1-4)
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { buildFixture } from './buildFixture.ts';
import { fillPlaceholders } from './placeholders.ts';

const history = {
  repositories: [
    {
      name: 'shop',
      path: 'deep/shop.git',
      kind: 'bare',
      defaultBranch: 'main',
      author: { name: 'Ann', email: 'ann@example.org' },
      steps: [
        {
          commit: 'c1',
          branch: 'main',
          date: '2024-03-01T10:00:00Z',
          message: 'first',
          write: { 'a b.txt': 'x\r\ny', 'raw.bin': { base64: '/wAK' } },
          tags: ['v1'],
        },
        {
          commit: 'c2',
          branch: 'main',
          date: '2024-03-02T10:00:00Z',
          message: 'second',
          write: { 'ü.yml': 'a: 1\n' },
          delete: ['raw.bin'],
          annotatedTags: ['v2'],
        },
        { commit: 'c3', branch: 'side/one', from: 'c1', date: '2024-03-03T10:00:00Z', message: 'third', write: { 'c.txt': 'c' } },
        { commit: 'c4', branch: 'alone', date: '2024-03-04T10:00:00Z', message: 'root', write: { 'd.txt': 'd' } },
      ],
    },
    {
      name: 'tree',
      path: 'tree',
      kind: 'worktree',
      defaultBranch: 'main',
      author: { name: 'Ann', email: 'ann@example.org' },
      steps: [{ commit: 'c1', branch: 'main', date: '2024-03-01T10:00:00Z', message: 'first', write: { 'x/y.txt': 'crlf\r\n' } }],
    },
  ],
};

t.test('history and files become what they describe', async (t) => {
  const folder = t.testdir({
    fixture: { 'history.json': JSON.stringify(history), 'settings.json': '{}', files: { sub: { 'latin.properties': Buffer.from([0x61, 0x3d, 0xe4]) } } },
    root: {},
  });
  const root = join(folder, 'root');
  const values = buildFixture({ id: 'x', folder: join(folder, 'fixture'), settings: { repos: [] } }, root);
  t.same(readFileSync(join(root, 'sub/latin.properties')), Buffer.from([0x61, 0x3d, 0xe4]));
  t.equal(readFileSync(join(root, 'tree/x/y.txt'), 'utf8'), 'crlf\r\n', 'the working tree is checked out without conversion');

  const git = (...gitArguments: readonly string[]): string => execFileSync('git', ['-C', join(root, 'deep/shop.git'), ...gitArguments], { encoding: 'utf8' });
  t.equal(git('rev-parse', 'v1').trim(), values.commitIds.get('shop:c1'));
  t.equal(git('rev-parse', 'v2^{commit}').trim(), values.commitIds.get('shop:c2'));
  t.equal(git('rev-parse', 'refs/heads/main').trim(), values.commitIds.get('shop:c2'));
  t.equal(git('cat-file', '-t', 'v2').trim(), 'tag', 'annotated');
  t.equal(git('rev-parse', 'side/one^').trim(), values.commitIds.get('shop:c1'), 'a branch starts where `from` says');
  t.equal(git('rev-list', '--count', 'alone').trim(), '1', 'without `from` it is a root commit');
  t.equal(git('show', 'v1:a b.txt'), 'x\r\ny');
  t.equal(git('-c', 'core.quotePath=false', 'ls-tree', '--name-only', 'main'), 'a b.txt\nü.yml\n');
  t.equal(git('log', '-1', '--format=%an <%ae> %at %s', 'main').trim(), `Ann <ann@example.org> ${Date.parse('2024-03-02T10:00:00Z') / 1000} second`);
  t.equal(git('symbolic-ref', 'HEAD').trim(), 'refs/heads/main');
});

t.test('only ROOT and VERSION are placeholders', async (t) => {
  const id = '0123456789abcdef0123456789abcdef01234567';
  const values = { root: '/srv/$&', commitIds: new Map([['shop:c1', id]]) };
  const text = '${ROOT}/a ${VERSION:shop:c1} ${VERSION:shop:c1:7} ${rooted} ${ROOT:x} \\${VERSION}';
  t.equal(fillPlaceholders(text, values), `/srv/$&/a ${id} 0123456 \${rooted} \${ROOT:x} \\\${VERSION}`);
  t.throws(() => fillPlaceholders('${VERSION:shop:c9}', values), /\$\{VERSION:shop:c9\}: no such commit/);
});

t.test('a fixture of the repository itself can be built', async (t) => {
  const fixture = join(import.meta.dirname, '../../../test/conformance/corpus/fixtures/lamp-git');
  const root = join(t.testdir(), 'root');
  mkdirSync(root);
  const values = buildFixture({ id: 'lamp-git', folder: fixture, settings: { repos: [] } }, root);
  t.ok([...values.commitIds.values()].every((id) => /^[0-9a-f]{40}$/.test(id)));
});
