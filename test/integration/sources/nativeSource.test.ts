// The native source against real directories: the contract, links, volumes that are swapped, limits, watching.
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { NativeSource } from '../../../src/control/sources/native/nativeSource.ts';
import type { NativeSourceOptions } from '../../../src/control/sources/native/nativeOptions.ts';
import { defaultTreeLimits } from '../../../src/control/sources/treeLimits.ts';
import { openTree } from '../../../src/snapshot/treeImage.ts';
import { revisionOf, testSourceContract, text, type SourceWorld } from '../../contract/sourceContract.ts';

const world = { label: '' };

function optionsFor(root: string, more: Partial<NativeSourceOptions> = {}): NativeSourceOptions {
  return { repository: 'native', searchLocations: [`file:${root}/`], workingDirectory: '/', limits: defaultTreeLimits, isWatching: false, ...more };
}

function write(root: string, path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

function makeRoot(test: Test): string {
  const root = mkdtempSync(join(tmpdir(), 'native-source-'));
  test.teardown(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

async function paths(source: NativeSource, root: string): Promise<string[]> {
  const tree = openTree(await source.tree(await revisionOf(source, world)));
  return tree
    .paths()
    .map((path) => `/${path}`.slice(root.length + 1))
    .toSorted();
}

async function makeNativeWorld(): Promise<SourceWorld> {
  const root = mkdtempSync(join(tmpdir(), 'native-contract-'));
  let content = join(root, 'content');
  mkdirSync(content);
  const sources: NativeSource[] = [];
  return {
    label: '',
    hasLabels: false,
    treePath: (path) => join(root, 'content', path).slice(1),
    put: async (files) => {
      rmSync(content, { recursive: true });
      mkdirSync(content);
      for (const [path, text_] of Object.entries(files)) write(content, path, text_);
    },
    // a directory that is a file deeper down than any permission: works for root as well
    breakRemote: async () => {
      content = join(root, 'aside');
      renameSync(join(root, 'content'), content);
      let deep = join(root, 'content');
      for (let depth = 0; depth < defaultTreeLimits.depthMax + 2; depth += 1) deep = join(deep, 'd');
      mkdirSync(deep, { recursive: true });
    },
    repair: async () => {
      rmSync(join(root, 'content'), { recursive: true });
      renameSync(content, join(root, 'content'));
      content = join(root, 'content');
    },
    source: () => {
      const source = new NativeSource(optionsFor(join(root, 'content')));
      sources.push(source);
      return source;
    },
    close: async () => {
      for (const source of sources) await source.close();
      rmSync(root, { recursive: true });
    },
  };
}

testSourceContract('native', makeNativeWorld);

void t.test('links are followed only while they stay below the root', async (test) => {
  const root = makeRoot(test);
  const outside = makeRoot(test);
  write(outside, 'secret.yml', 's: 1');
  write(root, 'real/app.yml', 'a: 1');
  symlinkSync('real/app.yml', join(root, 'linked.yml'));
  symlinkSync('real', join(root, 'linked'));
  symlinkSync(join(outside, 'secret.yml'), join(root, 'stolen.yml'));
  symlinkSync(outside, join(root, 'stolen'));
  symlinkSync('..', join(root, 'real/up'));
  symlinkSync('nowhere', join(root, 'dangling'));
  symlinkSync('loop', join(root, 'loop'));
  const source = new NativeSource(optionsFor(root));
  await source.open();
  test.same(await paths(source, root), ['linked.yml', 'linked/app.yml', 'real/app.yml']);
  test.match(source.status().notices.join('\n'), /stolen\.yml is a link that leaves/);
  await source.close();
});

void t.test('names that begin with two dots, .git, node_modules and sockets are not content', async (test) => {
  const root = makeRoot(test);
  for (const path of ['..data/a.yml', '.git/config', 'node_modules/x/y.yml', '.hidden.yml', 'a.yml']) write(root, path, 'a: 1');
  const source = new NativeSource(optionsFor(root));
  await source.open();
  test.same(await paths(source, root), ['.hidden.yml', 'a.yml']);
  await source.close();
});

void t.test('a Kubernetes volume that is swapped is one change', async (test) => {
  const root = makeRoot(test);
  const generation = (name: string, value: number): void => {
    for (const file of ['a.yml', 'b.yml']) write(root, `..${name}/${file}`, `v: ${value}\n`);
    symlinkSync(`..${name}`, join(root, '..data_tmp'));
    renameSync(join(root, '..data_tmp'), join(root, '..data'));
  };
  generation('2026_01', 1);
  for (const file of ['a.yml', 'b.yml']) symlinkSync(`..data/${file}`, join(root, file));
  const source = new NativeSource(optionsFor(root, { isWatching: true }));
  await source.open();
  const before = await revisionOf(source, world);
  // a watch does not keep the process alive; the poller's timer does
  const alive = setTimeout(() => test.fail('no event came'), 10_000);
  const hinted = new Promise<void>((resolve) => source.onHint(resolve));
  generation('2026_02', 2);
  await hinted;
  clearTimeout(alive);
  test.same((await source.poll()).movedLabels, ['']);
  const image = await source.tree(await revisionOf(source, world));
  test.not(image.revision, before);
  for (const file of ['a.yml', 'b.yml']) test.equal(text(image, join(root, file).slice(1)), 'v: 2\n');
  await source.close();
});

void t.test('a change of the same size and time is seen by its inode', async (test) => {
  const root = makeRoot(test);
  const time = new Date('2020-01-01T00:00:00Z');
  write(root, 'a.yml', 'a: 1');
  utimesSync(join(root, 'a.yml'), time, time);
  const source = new NativeSource(optionsFor(root));
  await source.open();
  await revisionOf(source, world);
  write(root, 'b.tmp', 'a: 2');
  utimesSync(join(root, 'b.tmp'), time, time);
  renameSync(join(root, 'b.tmp'), join(root, 'a.yml'));
  test.same((await source.poll()).movedLabels, ['']);
  const image = await source.tree(await revisionOf(source, world));
  test.equal(text(image, join(root, 'a.yml').slice(1)), 'a: 2');
  test.equal(openTree(image).file(join(root, 'a.yml').slice(1))?.modifiedAtMs, time.getTime());
  await source.close();
});

void t.test('each limit is a failure with a message, and the last good content stays', async (test) => {
  const cases = [
    { limits: { fileBytesMax: 10 }, path: 'big.yml', content: 'x'.repeat(11), says: /file of 11 bytes, .*big\.yml/ },
    { limits: { treeBytesMax: 20 }, path: 'more.yml', content: 'x'.repeat(19), says: /more than 20 bytes/ },
    { limits: { filesMax: 1 }, path: 'second.yml', content: 'x', says: /more than 1 files/ },
    { limits: { depthMax: 2 }, path: 'a/b/c/d.yml', content: 'x', says: /more than 2 deep/ },
  ];
  for (const { limits, path, content, says } of cases) {
    const root = makeRoot(test);
    write(root, 'a.yml', 'a: 1');
    const source = new NativeSource(optionsFor(root, { limits: { ...defaultTreeLimits, ...limits } }));
    await source.open();
    const revision = await revisionOf(source, world);
    write(root, path, content);
    const { problem } = await source.poll();
    test.equal(problem?.code, 'LIMIT_EXCEEDED');
    test.match(problem?.message, says);
    test.equal(await revisionOf(source, world), revision);
    await source.close();
  }
});

void t.test(
  'an unreadable file is reported and does not look like a deletion',
  { skip: process.getuid?.() === 0 ? 'root reads everything' : false },
  async (test) => {
    const root = makeRoot(test);
    write(root, 'a.yml', 'a: 1');
    const source = new NativeSource(optionsFor(root));
    await source.open();
    const revision = await revisionOf(source, world);
    write(root, 'b.yml', 'b: 1');
    chmodSync(join(root, 'b.yml'), 0);
    test.match((await source.poll()).problem, { code: 'SOURCE_UNREADABLE', message: /b\.yml cannot be read: EACCES/ });
    test.equal(await revisionOf(source, world), revision);
    await source.close();
  },
);

void t.test('a root that does not exist is empty content and a notice, until it exists', async (test) => {
  const root = makeRoot(test);
  const source = new NativeSource(optionsFor(join(root, 'later')));
  await source.open();
  test.same(await paths(source, root), []);
  test.match(source.status().notices, [/later does not exist/]);
  write(root, 'later/a.yml', 'a: 1');
  test.same((await source.poll()).movedLabels, ['']);
  test.same(await paths(source, root), ['later/a.yml']);
  test.same(source.status().notices, []);
  await source.close();
});

void t.test('a thousand files are scanned without holding the loop', async (test) => {
  const root = makeRoot(test);
  for (let file = 0; file < 1_000; file += 1) write(root, `app-${file}.yml`, `value: ${file}\n`.repeat(100));
  write(root, 'large.bin', 'x'.repeat(20_000_000));
  const source = new NativeSource(optionsFor(root));
  let longestMs = 0;
  let lastMs = performance.now();
  const timer = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - lastMs);
    lastMs = performance.now();
  }, 1);
  await source.open();
  clearInterval(timer);
  test.equal((await paths(source, root)).length, 1_001);
  test.comment(`longest stall: ${longestMs.toFixed(1)} ms`);
  test.ok(longestMs < 250, 'far below a scan, on a busy machine too');
  await source.close();
});
