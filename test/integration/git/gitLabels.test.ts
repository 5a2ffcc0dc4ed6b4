// Which labels a Git repository has, and what their trees hold: over http, as hosting services serve it.
import { openTree } from '../../../src/snapshot/treeImage.ts';
import type { GitSource } from '../../../src/control/sources/git/gitSource.ts';
import { defaultTreeLimits } from '../../../src/control/sources/treeLimits.ts';
import { text } from '../../contract/sourceContract.ts';
import { testWithServer } from './withGitServer.ts';

async function revision(source: GitSource, label: string): Promise<string | null> {
  const state = await source.resolve(label);
  return state.kind === 'revision' ? state.revision : null;
}

testWithServer('branches, tags and commit ids are labels, and nothing else is', async (test, fixture, server) => {
  const first = fixture.push({ 'a.yml': 'v: 1\n' });
  fixture.work.git('tag', 'v1');
  fixture.work.git('tag', '-a', '-m', 'release', 'v1-annotated');
  fixture.work.git('tag', '-a', '-m', 'of a tag', 'nested', 'v1-annotated');
  fixture.work.git('tag', 'a-blob', 'HEAD:a.yml');
  fixture.work.git('checkout', '--quiet', '-b', 'feature/deep');
  const second = fixture.push({ 'a.yml': 'v: 2\n' });
  const source = fixture.source(`${server.url}/origin.git`);
  for (const label of [
    'main',
    'v1',
    'v1-annotated',
    'nested',
    first,
    first.toUpperCase(),
    first.slice(0, 7),
    first.slice(0, 4),
    'HEAD',
    'refs/heads/main',
    'refs/tags/v1',
  ]) {
    test.equal(await revision(source, label), first, label);
  }
  test.equal(await revision(source, 'feature/deep'), second);
  for (const label of [
    '',
    'feature',
    'a-blob',
    first.slice(0, 3),
    `${first}0`,
    'main~1',
    'main^{tree}',
    fixture.work.git('rev-parse', 'HEAD:a.yml'),
    fixture.work.git('rev-parse', 'HEAD^{tree}'),
  ]) {
    test.equal(await revision(source, label), null, label);
  }
  test.equal(text(await source.tree(first), 'a.yml'), 'v: 1\n');
  test.equal(text(await source.tree(second), 'a.yml'), 'v: 2\n');
});

testWithServer('an ambiguous beginning of an id is no label', async (test, fixture, server) => {
  const ids: string[] = [];
  let twin: string | undefined;
  // commits without files, until two begin with the same four digits: some 300
  for (let number = 0; twin === undefined; number += 50) {
    ids.push(...fixture.work.importEmptyCommits(number, 50));
    const beginnings = ids.map((id) => id.slice(0, 4));
    twin = beginnings.find((each, index) => beginnings.indexOf(each) !== index);
  }
  fixture.pushAll();
  const source = fixture.source(`${server.url}/origin.git`);
  const one = ids.find((id) => id.startsWith(twin ?? ''));
  test.equal(await revision(source, one!), one);
  test.equal(await revision(source, twin), null);
  test.equal(await revision(source, one!.slice(0, 12)), one);
});

testWithServer('force push, deletion and a new branch are seen by the next poll', async (test, fixture, server) => {
  const base = fixture.push({ 'a.yml': 'v: 1\n' });
  const old = fixture.push({ 'a.yml': 'v: 2\n' });
  fixture.work.git('branch', 'gone');
  fixture.pushAll();
  const source = fixture.source(`${server.url}/origin.git`);
  test.same([await revision(source, 'main'), await revision(source, 'gone'), await revision(source, 'later')], [old, old, null]);
  fixture.work.git('branch', '--delete', '--force', 'gone');
  fixture.work.git('reset', '--quiet', '--hard', base);
  fixture.work.git('branch', 'later');
  const rewritten = fixture.push({ 'a.yml': 'v: rewritten\n' });
  test.same([...(await source.poll()).movedLabels].toSorted(), ['gone', 'later', 'main']);
  test.same([await revision(source, 'main'), await revision(source, 'gone'), await revision(source, 'later')], [rewritten, null, base]);
  test.equal(await revision(source, old), old, 'a commit that was fetched stays a label');
  test.equal(text(await source.tree(rewritten), 'a.yml'), 'v: rewritten\n');
  test.same(Object.fromEntries(source.status().revisions), { gone: null, later: base, main: rewritten, [old]: old });
});

testWithServer('a tag that is moved moves, and one that is deleted is gone', async (test, fixture, server) => {
  const first = fixture.push({ 'a.yml': 'v: 1\n' });
  fixture.work.git('tag', '-a', '-m', 'one', 'release');
  const second = fixture.push({ 'a.yml': 'v: 2\n' });
  const source = fixture.source(`${server.url}/origin.git`);
  test.equal(await revision(source, 'release'), first);
  fixture.work.git('tag', '--force', '-a', '-m', 'two', 'release');
  fixture.pushAll();
  test.same((await source.poll()).movedLabels, ['release']);
  test.equal(await revision(source, 'release'), second);
  fixture.work.git('tag', '--delete', 'release');
  fixture.pushAll();
  test.same((await source.poll()).movedLabels, ['release']);
  test.equal(await revision(source, 'release'), null);
});

testWithServer('a branch wins over a tag of the same name', async (test, fixture, server) => {
  fixture.push({ 'a.yml': 'v: 1\n' });
  fixture.work.git('tag', 'same');
  const second = fixture.push({ 'a.yml': 'v: 2\n' });
  fixture.work.git('branch', 'same');
  fixture.pushAll();
  test.equal(await revision(fixture.source(`${server.url}/origin.git`), 'same'), second);
});

testWithServer('the time of a file is that of the commit in which its content was first seen', async (test, fixture, server) => {
  const first = fixture.push({ 'a.yml': 'a\n', 'b.yml': 'b\n' });
  const firstMs = fixture.work.lastCommitMs();
  const source = fixture.source(`${server.url}/origin.git`);
  await source.open();
  await source.tree(first);
  const second = fixture.push({ 'b.yml': 'changed\n' });
  const secondMs = fixture.work.lastCommitMs();
  await source.poll();
  const tree = openTree(await source.tree(second));
  test.same([tree.file('a.yml')?.modifiedAtMs, tree.file('b.yml')?.modifiedAtMs], [firstMs, secondMs]);
});

testWithServer('links within the repository are followed; links out of it and submodules are not', async (test, fixture, server) => {
  fixture.work.write('real/app.yml', 'a: 1\n');
  fixture.work.write('real/sub/x.yml', 'x: 1\n');
  for (const [path, target] of [
    ['linked.yml', 'real/app.yml'],
    ['dir', 'real'],
    ['twice.yml', 'dir/app.yml'],
    ['out.yml', '../../etc/passwd'],
    ['absolute.yml', '/etc/passwd'],
    ['loop', 'loop'],
    ['real/up', '..'],
    ['nowhere', 'missing'],
  ]) {
    fixture.work.link(path!, target!);
  }
  fixture.work.git('add', '--all');
  fixture.work.git('update-index', '--add', '--cacheinfo', '160000,4b825dc642cb6eb9a060e54bf8d69288fbee4904,module');
  fixture.work.git('commit', '--quiet', '-m', 'links');
  fixture.pushAll();
  const source = fixture.source(`${server.url}/origin.git`);
  const image = await source.tree((await revision(source, 'main')) ?? '');
  test.same([...openTree(image).paths()].toSorted(), ['dir/app.yml', 'dir/sub/x.yml', 'linked.yml', 'real/app.yml', 'real/sub/x.yml', 'twice.yml']);
  test.equal(text(image, 'twice.yml'), 'a: 1\n');
  await source.poll();
  test.match(source.status().notices.join('\n'), /absolute\.yml is a link that leads nowhere[^]*out\.yml/);
});

testWithServer('bytes are served as they were committed', async (test, fixture, server) => {
  const bytes = Buffer.from([0, 255, 13, 10, 239, 187, 191, 128]);
  fixture.push({ 'binary.bin': bytes, 'ünïcode/ключ.yml': 'k: 1\r\n', 'blank name.yml': '' });
  const source = fixture.source(`${server.url}/origin.git`);
  const tree = openTree(await source.tree((await revision(source, 'main')) ?? ''));
  test.same(Buffer.from(tree.file('binary.bin')?.bytes() ?? []), bytes);
  test.equal(Buffer.from(tree.file('ünïcode/ключ.yml')?.bytes() ?? []).toString('latin1').length, 6);
  test.equal(tree.file('blank name.yml')?.bytes().length, 0);
});

testWithServer('a repository without a commit has no label', async (test, fixture, server) => {
  const source = fixture.source(`${server.url}/origin.git`);
  test.equal((await source.resolve('main')).kind, 'noSuchLabel');
  test.equal(source.status().health, 'ok');
  const commit = fixture.push({ 'a.yml': 'a: 1\n' });
  test.same((await source.poll()).movedLabels, ['main']);
  test.equal(await revision(source, 'main'), commit);
});

testWithServer('each limit of a tree is a failure of that tree only', async (test, fixture, server) => {
  const good = fixture.push({ 'a.yml': 'a: 1\n' });
  const bad = fixture.push({ 'big.yml': 'x'.repeat(2_000), 'd1/d2/d3/x.yml': 'x' });
  for (const [limits, says] of [
    [{ fileBytesMax: 1_000 }, /big\.yml; the limit is 1000/],
    [{ treeBytesMax: 1_500 }, /more than 1500 bytes/],
    [{ filesMax: 2 }, /more than 2 files/],
    [{ depthMax: 2 }, /more than 2 deep/],
  ] as const) {
    const source = fixture.source(`${server.url}/origin.git`, { limits: { ...defaultTreeLimits, ...limits } });
    await source.open();
    await test.rejects(source.tree(bad), { name: 'Failure', code: 'LIMIT_EXCEEDED', message: says });
    test.equal(text(await source.tree(good), 'a.yml'), 'a: 1\n');
  }
});

testWithServer('many packs are merged, and Git finds nothing wrong with the mirror', async (test, fixture, server) => {
  fixture.push({ 'a.yml': 'v: 0\n' });
  const source = fixture.source(`${server.url}/origin.git`, { packsMax: 3 });
  await source.open();
  let commit = '';
  for (let number = 1; number <= 9; number += 1) {
    commit = fixture.push({ 'a.yml': `v: ${number}\n`, [`f${number}.yml`]: 'x: 1\n'.repeat(number) });
    test.equal((await source.poll()).problem, null);
  }
  test.equal(text(await source.tree(commit), 'a.yml'), 'v: 9\n');
  const [mirror] = fixture.mirrors();
  test.ok(fixture.packsOf(mirror!).length <= 4);
  fixture.work.git('-C', mirror!, 'fsck', '--full', '--strict');
  test.equal(fixture.work.git('-C', mirror!, 'rev-parse', 'main'), commit);
});

testWithServer('a commit that passes a limit is refused: its label stays at the commit before', async (test, fixture, server) => {
  const good = fixture.push({ 'a.yml': 'a: 1\n' });
  const source = fixture.source(`${server.url}/origin.git`, { limits: { ...defaultTreeLimits, fileBytesMax: 1_000 } });
  test.equal(await revision(source, 'main'), good);
  const bad = fixture.push({ 'big.yml': 'x'.repeat(2_000) });
  for (let poll = 1; poll <= 2; poll += 1) {
    test.match(await source.poll(), { problem: { code: 'LIMIT_EXCEEDED', message: /big\.yml/ }, movedLabels: [] });
    test.match(source.status(), { health: 'retrying', consecutiveFailures: poll });
  }
  test.equal(await revision(source, 'main'), good);
  test.equal(await revision(source, bad), bad, 'by its id it was never anything else');
  const repaired = fixture.push({ 'big.yml': null });
  test.same(await source.poll(), { problem: null, movedLabels: ['main'] });
  test.equal(await revision(source, 'main'), repaired);
});
