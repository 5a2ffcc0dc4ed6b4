// Tree images: what goes in comes out, also from another thread; bytes are reused; dead bytes are dropped.
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import t from 'tap';
import { blobTimes, buildTree, diffTrees, openTree, type TreeEntry, type TreeImage } from '../../../src/snapshot/treeImage.ts';

function entry(path: string, content: string, modifiedAtMs = 1): TreeEntry {
  return { path, blobId: `id of ${content}`, modifiedAtMs, bytes: () => Buffer.from(content) };
}

function content(image: TreeImage, path: string): string | null {
  const file = openTree(image).file(path);
  return file === null ? null : Buffer.from(file.bytes()).toString();
}

t.test('a tree comes back as it went in, after a trip through a message port', async (test) => {
  const built = buildTree(null, [entry('a.yml', 'one', 5), entry('b/c.yml', 'two'), entry('b/empty', '')], 'source 1', '1');
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(built);
  const image = receiveMessageOnPort(port2)?.message as TreeImage;
  port1.close();
  const tree = openTree(image);
  test.same({ id: tree.id, revision: tree.revision }, { id: 'source 1', revision: '1' });
  test.same(tree.paths(), ['a.yml', 'b/c.yml', 'b/empty']);
  test.match(tree.file('a.yml'), { path: 'a.yml', blobId: 'id of one', modifiedAtMs: 5 });
  test.equal(content(image, 'b/c.yml'), 'two');
  test.equal(content(image, 'b/empty'), '');
  test.equal(tree.file('b'), null);
  test.equal(tree.file('B/c.yml'), null);
});

t.test('directories come in byte order, without the root', async (test) => {
  const paths = ['alpha/x', 'Mid/deep/x', 'a-b/x', 'a/b/x', '\u{ff41}/x', '\u{1d400}/x', 'root'];
  const tree = openTree(
    buildTree(
      null,
      paths.map((path) => entry(path, 'x')),
      'i',
      'r',
    ),
  );
  test.same(tree.directories(), ['Mid', 'Mid/deep', 'a', 'a-b', 'a/b', 'alpha', '\u{ff41}', '\u{1d400}']);
  test.ok(tree.hasDirectory('Mid/deep'));
  test.ok(tree.hasDirectory(''));
  test.notOk(tree.hasDirectory('Mid/dee'));
  test.notOk(tree.hasDirectory('root'));
});

t.test('blobs of the revision before are not read again', async (test) => {
  const first = buildTree(null, [entry('a', 'one'), entry('b', 'two')], 'i 1', '1');
  const moved: TreeEntry = { path: 'moved', blobId: 'id of one', modifiedAtMs: 9, bytes: () => test.fail('is known') as never };
  const second = buildTree(first, [moved, entry('c', 'three')], 'i 2', '2');
  test.equal(second.segments[0], first.segments[0]);
  test.equal(second.segments[1]?.byteLength, 5);
  test.equal(content(second, 'moved'), 'one');
  test.equal(openTree(second).file('moved')?.modifiedAtMs, 9);
  test.same({ live: second.liveBytes, total: second.totalBytes }, { live: 8, total: 11 });
});

t.test('more than half dead bytes are dropped, and old images stay readable', async (test) => {
  const first = buildTree(null, [entry('keep', 'k'), entry('same', 'k'), entry('drop', 'd'.repeat(100))], 'i 1', '1');
  const second = buildTree(first, [entry('keep', 'k'), entry('same', 'k'), entry('new', 'nn')], 'i 2', '2');
  test.same({ live: second.liveBytes, total: second.totalBytes, segments: second.segments.length }, { live: 3, total: 3, segments: 1 });
  test.same([content(second, 'keep'), content(second, 'same'), content(second, 'new')], ['k', 'k', 'nn']);
  test.equal(content(first, 'drop'), 'd'.repeat(100));
});

t.test('segments do not pile up over many revisions', async (test) => {
  let image: TreeImage | null = null;
  const files = Array.from({ length: 300 }, (_, index) => entry(`f${index}`, `first ${index}`));
  for (let revision = 0; revision < 300; revision += 1) {
    files[revision] = entry(`f${revision}`, `second ${revision}`);
    image = buildTree(image, files, `i ${revision}`, String(revision));
    test.ok(image.segments.length <= 64 && image.totalBytes <= 2 * image.liveBytes);
  }
  test.equal(content(image!, 'f0'), 'second 0');
  test.equal(content(image!, 'f299'), 'second 299');
});

t.test('an empty tree is a tree', async (test) => {
  const empty = buildTree(null, [], 'i', 'r');
  test.same(openTree(empty).paths(), []);
  test.same(openTree(buildTree(empty, [entry('a', 'x')], 'i', 's')).paths(), ['a']);
  test.same(openTree(buildTree(buildTree(empty, [entry('a', 'x')], 'i', 's'), [], 'i', 't')).directories(), []);
});

t.test('the difference of two trees goes by blob', async (test) => {
  const before = openTree(buildTree(null, [entry('same', 's'), entry('old', 'o'), entry('edit', '1')], 'i', '1'));
  const after = openTree(buildTree(null, [entry('same', 's', 99), entry('new', 'n'), entry('edit', '2')], 'i', '2'));
  test.same(diffTrees(before, after), { added: ['new'], modified: ['edit'], removed: ['old'] });
  test.same(diffTrees(null, after).added, ['same', 'new', 'edit']);
  test.same(diffTrees(after, null).removed, ['same', 'new', 'edit']);
  test.same(diffTrees(before, before), { added: [], modified: [], removed: [] });
});

t.test('the time of a blob is the earliest', async (test) => {
  const image = buildTree(null, [entry('a', 'x', 7), entry('b', 'x', 3), entry('c', 'y', 9)], 'i', 'r');
  test.same(
    [...blobTimes(image)],
    [
      ['id of x', 3],
      ['id of y', 9],
    ],
  );
});

t.test('a next revision of a thousand files takes about a millisecond', async (test) => {
  const files = Array.from({ length: 1_000 }, (_, index) => entry(`team-${index % 50}/service-${index}.yml`, `content ${index} `.repeat(100)));
  const first = buildTree(null, files, 'i', '0');
  const timesMs: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    files[round] = entry(`team-${round}/service-${round}.yml`, `changed ${round}`);
    const startMs = performance.now();
    buildTree(first, files, 'i', '1');
    timesMs.push(performance.now() - startMs);
  }
  const fastest = Math.min(...timesMs);
  test.comment(`fastest of 20: ${fastest.toFixed(2)} ms`);
  test.ok(fastest < 20);
});
