// Repositories of this machine that are read in place.
import { cpSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { revisionOf, text } from '../../contract/sourceContract.ts';
import { testWithFixture } from './withGitServer.ts';

const main = { label: 'main' };

testWithFixture('a directory that is no repository: broken by file uri, unavailable by path', async (test, fixture) => {
  const plain = join(fixture.root, 'plain');
  mkdirSync(plain);
  const commit = fixture.push({ 'a.yml': 'v: 1\n' });
  for (const [uri, kind] of [
    [`file://${plain}`, 'broken'],
    [`file:${plain}`, 'broken'],
    [`file://${plain}-missing`, 'broken'],
    [plain, 'unavailable'],
    [`${plain}-missing`, 'unavailable'],
    ['./plain', 'unavailable'],
  ] as const) {
    test.match(await fixture.source(uri).resolve('main'), { kind, reason: /no Git repository|does not exist/ }, uri);
  }
  const source = fixture.source(`file://${plain}`);
  await source.open();
  cpSync(join(fixture.work.directory, '.git'), join(plain, '.git'), { recursive: true });
  test.equal((await source.poll()).problem, null);
  test.equal(await revisionOf(source, main), commit);
  const { symlinkSync } = await import('node:fs');
  symlinkSync(fixture.work.directory, join(fixture.root, 'link'));
  test.match(await fixture.source(`file://${fixture.root}/link`).resolve('main'), { kind: 'broken', reason: /symbolic link/ });
  test.equal(await revisionOf(fixture.source(join(fixture.root, 'link')), main), commit);
  renameSync(join(plain, '.git'), join(plain, 'moved'));
  symlinkSync('moved', join(plain, '.git'));
  test.match(await fixture.source(`file://${plain}`).resolve('main'), { kind: 'broken' });
});

testWithFixture('uncommitted edits are not served, and a repository that is repacked stays readable', async (test, fixture) => {
  const first = fixture.work.commit({ 'a.yml': 'v: 1\n', 'b.yml': 'b: 1\n' });
  const source = fixture.source(fixture.work.directory);
  await source.open();
  fixture.work.write('a.yml', 'v: edited\n');
  test.same((await source.poll()).movedLabels, []);
  fixture.work.git('gc', '--quiet', '--prune=now');
  test.equal(text(await source.tree(first), 'b.yml'), 'b: 1\n');
  const second = fixture.work.commit({});
  fixture.work.git('gc', '--quiet', '--aggressive', '--prune=now');
  await source.resolve('main');
  await source.poll();
  test.equal(text(await source.tree(second), 'a.yml'), 'v: edited\n');
});

testWithFixture('a scheme that is not supported is unavailable, and the message holds no password', async (test, fixture) => {
  const state = await fixture.source('git://joe:s3cret@example.invalid/x.git').resolve('main');
  test.match(state, { kind: 'unavailable', reason: /scheme git is not supported/ });
  test.notMatch(JSON.stringify(state), /s3cret/);
});
