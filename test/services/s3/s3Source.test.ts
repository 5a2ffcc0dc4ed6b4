// What the S3 source does beyond the contract: what it reads, versions, labels, change while reading, limits, keys.
import type { Test } from 'tap';
import t from 'tap';
import { objectVersion } from '../../../src/core/resolve/objectVersion.ts';
import type { S3Source } from '../../../src/control/sources/s3/s3Source.ts';
import { defaultTreeLimits } from '../../../src/control/sources/treeLimits.ts';
import { openTree, type ListedTree } from '../../../src/snapshot/treeImage.ts';
import { revisionOf, text } from '../../contract/sourceContract.ts';
import { S3Fixture, withS3Server } from './s3Fixture.ts';

async function treeOf(source: S3Source, label = ''): Promise<ListedTree> {
  return openTree(await source.tree(await revisionOf(source, { label })));
}

async function textOf(source: S3Source, path: string, label = ''): Promise<string> {
  return text(await source.tree(await revisionOf(source, { label })), path);
}

function numbered(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`app-${index}.yml`, `n: ${index}\n`]));
}

await withS3Server((server) => {
  const inBucket = (title: string, check: (t: Test, fixture: S3Fixture) => Promise<void>, isVersioned = false): void => {
    void t.test(title, async (test) => check(test, await S3Fixture.for(test, server, isVersioned)));
  };

  inBucket('more than a page of objects: a change costs a look and the read of what changed', async (t, fixture) => {
    await fixture.put(numbered(1_205));
    const source = fixture.source();
    await source.open();
    t.equal((await treeOf(source)).paths().length, 1_205);
    t.equal(fixture.proxy.reads, 1_205);
    fixture.proxy.reset();
    await source.poll();
    t.same([fixture.proxy.lists, fixture.proxy.reads], [2, 0]);
    await fixture.put({ 'app-77.yml': 'n: new\n' });
    fixture.proxy.reset();
    t.same((await source.poll()).movedLabels, ['']);
    t.same([fixture.proxy.lists, fixture.proxy.reads], [4, 1], 'listed again: pages may be of different moments');
    t.equal(await textOf(source, 'app-77.yml'), 'n: new\n');
  });

  inBucket('an object that changes between the list and the read is read as it was listed, after another look', async (t, fixture) => {
    await fixture.put({ 'a.yml': 'a: 1\n', 'b.yml': 'b: 1\n' });
    const source = fixture.source();
    let changes = 0;
    fixture.proxy.beforeRead = async (key) => {
      if (key !== 'b.yml' || changes === 2) return;
      changes += 1;
      await fixture.put({ 'a.yml': `a: ${changes + 1}\n`, 'b.yml': `b: ${changes + 1}\n` });
    };
    await source.open();
    t.same([await textOf(source, 'a.yml'), await textOf(source, 'b.yml')], ['a: 3\n', 'b: 3\n']);
    t.equal(changes, 2);
  });

  inBucket('an object that is deleted between the list and the read is no failure', async (t, fixture) => {
    await fixture.put({ 'a.yml': 'a: 1\n', 'b.yml': 'b: 1\n' });
    fixture.proxy.beforeRead = async (key) => {
      if (key === 'b.yml') await server.remove(fixture.bucket, ['b.yml']);
    };
    const source = fixture.source();
    await source.open();
    t.same((await treeOf(source)).paths(), ['a.yml']);
  });

  inBucket('a bucket that never rests keeps the last good content', async (t, fixture) => {
    await fixture.put({ 'a.yml': 'a: 0\n' });
    const source = fixture.source();
    await source.open();
    const revision = await revisionOf(source, { label: '' });
    let changes = 0;
    fixture.proxy.beforeRead = async () => {
      changes += 1;
      await fixture.put({ 'a.yml': `a: ${changes}\n` });
    };
    await fixture.put({ 'a.yml': 'a: x\n' });
    t.equal((await source.poll()).problem?.code, 'SOURCE_UNREADABLE');
    t.equal(await revisionOf(source, { label: '' }), revision);
  });

  inBucket(
    'a bucket with versions: a new version moves the label, with equal bytes too',
    async (t, fixture) => {
      const first = await server.put(fixture.bucket, 'a.yml', 'a: 1\n');
      const source = fixture.source();
      await source.open();
      t.equal(objectVersion((await treeOf(source)).file('a.yml')?.blobId ?? ''), first);
      // the time of a version is told by the second in answers, by the millisecond in lists
      await new Promise((done) => setTimeout(done, 1_100));
      const second = await server.put(fixture.bucket, 'a.yml', 'a: 1\n');
      t.same((await source.poll()).movedLabels, ['']);
      t.equal(objectVersion((await treeOf(source)).file('a.yml')?.blobId ?? ''), second);
    },
    true,
  );

  inBucket('a bucket without versions: the same bytes written again move nothing', async (t, fixture) => {
    await fixture.put({ 'a.yml': 'a: 1\n' });
    const source = fixture.source();
    await source.open();
    await revisionOf(source, { label: '' });
    await new Promise((done) => setTimeout(done, 1_100));
    await fixture.put({ 'a.yml': 'a: 1\n' });
    t.same(await source.poll(), { problem: null, movedLabels: [] });
  });

  inBucket('only labels that were asked for are read, and then followed; others cost no request', async (t, fixture) => {
    await fixture.put({ 'main/a.yml': 'a: main\n', 'v1/a.yml': 'a: 1\n', 'v1/deep/b.yml': 'b: 1\n', 'v2/a.yml': 'a: 2\n' });
    const source = fixture.source({ firstLabels: ['main'] });
    await source.open();
    t.equal(fixture.proxy.reads, 1);
    fixture.proxy.reset();
    t.same(await source.resolve('v3'), { kind: 'noSuchLabel' });
    t.same(await source.resolve('v'), { kind: 'noSuchLabel' }, 'a part of a directory is none');
    t.same([fixture.proxy.lists, fixture.proxy.reads], [0, 0]);
    t.same((await treeOf(source, 'v1')).paths(), ['a.yml', 'deep/b.yml']);
    t.same([fixture.proxy.lists, fixture.proxy.reads], [0, 2]);
    await fixture.put({ 'v1/a.yml': 'a: 9\n', 'v2/a.yml': 'a: 9\n', 'v3/a.yml': 'a: 3\n' });
    fixture.proxy.reset();
    t.same((await source.poll()).movedLabels.toSorted(), ['v1', 'v3'], 'a label that was asked for in vain is followed, too');
    t.equal(fixture.proxy.reads, 2);
    t.equal(await textOf(source, 'a.yml', 'v1'), 'a: 9\n');
    t.equal(await textOf(source, 'a.yml', 'v3'), 'a: 3\n');
    t.equal(await textOf(source, 'a.yml', 'main'), 'a: main\n');
  });

  inBucket('a prefix is a directory: nothing beside it is listed', async (t, fixture) => {
    await fixture.put({ 'team/a.yml': 'a: 1\n', 'team-b/a.yml': 'a: 2\n', 'a.yml': 'a: 3\n' });
    for (const prefix of ['team', 'team/']) {
      const source = fixture.source({ prefix, storageDirectory: null });
      await source.open();
      t.same((await treeOf(source)).paths(), ['a.yml']);
      t.equal(await textOf(source, 'a.yml'), 'a: 1\n');
    }
  });

  inBucket('keys: any character is read, what is no path is skipped with a notice', async (t, fixture) => {
    const odd = { 'ü/&<x>+%41 .yml': 'a: 1\n', 'tab\there.yml': 'b: 1\n', 'a/../b.yml': 'c: 1\n' };
    await fixture.put({ ...odd, 'folder/': '' });
    const source = fixture.source();
    await source.open();
    t.same([...(await treeOf(source)).paths()].toSorted(), ['tab\there.yml', 'ü/&<x>+%41 .yml']);
    t.match(source.status().notices.join('\n'), /a\/\.\.\/b\.yml has a key that is no path: skipped/);
  });

  inBucket('limits: too many objects, too large ones, too many bytes keep the last good content', async (t, fixture) => {
    await fixture.put({ 'a.yml': 'a: 1\n', 'other/b.yml': 'b: 1\n' });
    const source = fixture.source({ limits: { ...defaultTreeLimits, filesMax: 3, fileBytesMax: 100, treeBytesMax: 150 } });
    await source.open();
    const revision = await revisionOf(source, { label: '' });
    const refused = async (files: Record<string, string>, message: RegExp): Promise<void> => {
      await fixture.put(files);
      const { problem } = await source.poll();
      t.match(problem, { code: 'LIMIT_EXCEEDED', message });
      t.equal(await revisionOf(source, { label: '' }), revision);
      await server.remove(fixture.bucket, Object.keys(files));
    };
    await refused({ 'c.yml': 'c', 'd.yml': 'd' }, /more than 3 files/);
    await refused({ 'c.yml': 'x'.repeat(101) }, /a file of 101 bytes, c\.yml/);
    await refused({ 'c.yml': 'x'.repeat(90), 'b.yml': 'x'.repeat(90) }, /more than/);
    t.same(await source.poll(), { problem: null, movedLabels: [] });
  });
});
