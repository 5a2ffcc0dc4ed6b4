// A look at what the watch named gives what a walk over everything would give, or says that it takes a walk.
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { rescanHinted, WatchHints } from '../../../../src/control/sources/native/rescanHinted.ts';
import { scanDirectories, type Scan } from '../../../../src/control/sources/native/scanDirectories.ts';
import { defaultTreeLimits } from '../../../../src/control/sources/treeLimits.ts';
import { Random } from '../../../integration/fuzz/random.ts';

const root = mkdtempSync(join(tmpdir(), 'rescan-'));
t.teardown(() => rmSync(root, { recursive: true, force: true }));

const walk = (): Promise<Scan> => scanDirectories([root], defaultTreeLimits);
const rescan = (scan: Scan, ...paths: readonly string[]): Promise<Scan | null> => {
  const hints = new WatchHints();
  for (const path of paths) hints.add(join(root, path, '..'), path.slice(path.lastIndexOf('/') + 1));
  return rescanHinted(scan, hints.take() ?? new Map(), defaultTreeLimits, 'the test');
};

t.test('files that are written, removed and renamed at random', async (t) => {
  const random = new Random(20_261_127);
  mkdirSync(join(root, 'a/b'), { recursive: true });
  const names = ['x.yml', 'y.yml', 'a/x.yml', 'a/b/x.yml', 'a/b/..data.yml', 'a/node_modules'];
  let scan = await walk();
  for (let round = 0; round < 200; round += 1) {
    const path = names[random.below(names.length)]!;
    const other = names[random.below(names.length)]!;
    const kind = random.below(3);
    if (kind === 0) writeFileSync(join(root, path), 'v'.repeat(random.below(9)));
    if (kind === 1) rmSync(join(root, path), { force: true });
    if (kind === 2) {
      writeFileSync(join(root, path), 'moved');
      renameSync(join(root, path), join(root, other));
    }
    const hinted = await rescan(scan, path, other);
    scan = await walk();
    t.same({ ...hinted, directories: new Set(hinted?.directories) }, { ...scan, directories: new Set(scan.directories) }, `round ${round}`);
  }
});

t.test('what takes a walk to know', async (t) => {
  writeFileSync(join(root, 'x.yml'), 'x');
  const scan = await walk();
  mkdirSync(join(root, 'new'));
  t.equal(await rescan(scan, 'new'), null, 'a new directory');
  t.equal(await rescan(scan, 'elsewhere/x.yml'), null, 'a directory that the scan has not seen');
  rmSync(join(root, 'a'), { recursive: true });
  t.equal(await rescan(scan, 'a'), null, 'a directory that is gone');
  t.equal(await rescan(scan, 'a/x.yml'), null, 'a file of a directory that is gone');
  symlinkSync('x.yml', join(root, 'link.yml'));
  t.equal(await rescan(scan, 'link.yml'), null, 'a new link');
  t.equal(await rescan(await walk(), 'x.yml'), null, 'anything where links are: their targets change without an event');
});

t.test('limits hold for what is added', async (t) => {
  rmSync(join(root, 'link.yml'));
  const scan = await walk();
  writeFileSync(join(root, 'large.yml'), 'x'.repeat(101));
  const hints = new Map([[root, new Set(['large.yml'])]]);
  await t.rejects(rescanHinted(scan, hints, { ...defaultTreeLimits, fileBytesMax: 100 }, 'the test'), { code: 'LIMIT_EXCEEDED' });
});

t.test('hints are given once, and not at all when they are unclear or many', async (t) => {
  const hints = new WatchHints();
  hints.add('/d', 'a');
  hints.add('/d', 'b');
  t.same(hints.take(), new Map([['/d', new Set(['a', 'b'])]]));
  t.equal(hints.take(), null);
  hints.add('/d', 'a');
  hints.add('/d', null);
  hints.add('/d', 'b');
  t.equal(hints.take(), null);
  for (let index = 0; index < 1_001; index += 1) hints.add('/d', `${index}`);
  t.equal(hints.take(), null);
  hints.add('/d', 'c');
  t.same(hints.take(), new Map([['/d', new Set(['c'])]]), 'what was unclear is done with');
});
