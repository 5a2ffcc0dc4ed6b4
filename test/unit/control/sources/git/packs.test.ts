// Packs: our index is the same as Git's, every object is found, and damage of any kind is a failure, never a wrong object.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import t from 'tap';
import { indexPack } from '../../../../../src/control/sources/git/indexPack.ts';
import { ObjectStore } from '../../../../../src/control/sources/git/objectStore.ts';
import { applyDelta } from '../../../../../src/control/sources/git/packEntry.ts';
import { PackReader } from '../../../../../src/control/sources/git/packReader.ts';
import { Failure } from '../../../../../src/model/failure.ts';
import { gitVersion, WorkRepository } from '../../../../integration/git/workRepository.ts';

const objectBytesMax = 1_000_000;
const root = mkdtempSync(join(tmpdir(), 'packs-'));
t.teardown(() => rmSync(root, { recursive: true }));
const skip = gitVersion() === null ? 'the git program is missing' : false;

/** Many versions of a few files: long chains of deltas. */
function makeRepository(name: string, ...packOptions: readonly string[]): { readonly objects: string; readonly pack: string; readonly work: WorkRepository } {
  const work = new WorkRepository(join(root, name));
  for (let number = 0; number < 30; number += 1)
    work.commit({ 'a.yml': `line\n`.repeat(200) + number, [`d/${number}.yml`]: `x: ${number}\n`, 'grows.txt': 'grows\n'.repeat(number) });
  work.git('tag', '-a', '-m', 'tag', 'v1');
  work.git(...packOptions, 'repack', '-adfq', '--depth=50', '--window=50');
  const objects = join(work.directory, '.git/objects');
  const [pack] = readdirSync(join(objects, 'pack')).filter((file) => file.endsWith('.pack'));
  return { objects, pack: join(objects, 'pack', pack!), work };
}

function objectsOf(work: WorkRepository): (readonly [string, string])[] {
  const lines = work.git('cat-file', '--batch-all-objects', '--batch-check=%(objectname) %(objecttype)').split('\n');
  return lines.map((line) => line.split(' ') as [string, string]);
}

for (const [name, option] of [
  ['offsets', 'repack.usedeltabaseoffset=true'],
  ['ids', 'repack.usedeltabaseoffset=false'],
] as const) {
  t.test(`deltas by ${name}: the index is that of Git, byte for byte, and every object is found`, { skip }, async (test) => {
    const { objects, pack, work } = makeRepository(name, '-c', option);
    test.ok((await indexPack(pack, objectBytesMax)).equals(readFileSync(pack.replace(/pack$/, 'idx'))));
    const store = new ObjectStore(objects, objectBytesMax);
    const all = objectsOf(work);
    test.ok(all.length > 100);
    for (const [id, type] of all) {
      if (store.read(id).type !== type) test.fail(id);
      if (!store.findPrefix(id.slice(0, 6), 10).includes(id)) test.fail(`${id} by its beginning`);
    }
    const blob = work.git('rev-parse', 'HEAD:a.yml');
    test.equal(store.read(blob).data.toString(), `line\n`.repeat(200) + 29);
    test.notOk(store.has('0'.repeat(40)));
    test.throws(() => store.read('0'.repeat(40)), { code: 'SOURCE_DAMAGED' });
    store.verify();
    store.close();
  });
}

t.test('loose objects and alternates', { skip }, async (test) => {
  const work = new WorkRepository(join(root, 'loose'));
  work.commit({ 'a.yml': 'loose' });
  const blob = work.git('rev-parse', 'HEAD:a.yml');
  const other = join(root, 'borrows/objects');
  mkdirSync(join(other, 'info'), { recursive: true });
  writeFileSync(join(other, 'info/alternates'), `# comment\n../../loose/.git/objects\n`);
  for (const directory of [join(work.directory, '.git/objects'), other]) {
    const store = new ObjectStore(directory, objectBytesMax);
    test.equal(store.read(blob).data.toString(), 'loose');
    test.ok(store.has(blob));
    test.same(store.findPrefix(blob.slice(0, 4), 9), [blob]);
    store.close();
  }
});

t.test('a pack with any one byte changed is never read wrongly', { skip }, async (test) => {
  const { pack, objects, work } = makeRepository('flipped');
  const good = readFileSync(pack);
  const all = objectsOf(work).map(([id]) => id);
  const index = pack.replace(/pack$/, 'idx');
  let failures = 0;
  // a stride that meets headers, distances and zlib streams alike
  for (let at = 0; at < good.length; at += 97) {
    const bad = Buffer.from(good);
    bad[at]! ^= 0x55;
    rmSync(pack);
    writeFileSync(pack, bad);
    const reader = new PackReader(pack);
    test.notOk(reader.isIntact());
    reader.close();
    const store = new ObjectStore(objects, objectBytesMax);
    for (const id of all) failures += readsOrFails(store, id) ? 0 : 1;
    store.close();
  }
  test.ok(failures > 0);
  test.ok(readFileSync(index).length > 0);
});

t.test('a pack that lies is refused when it is indexed', async (test) => {
  const cases: readonly (readonly [string, Buffer, RegExp])[] = [
    ['no header', Buffer.from('nonsense nonsense nonsense'), /does not begin/],
    ['too many entries', packOf(1_000_000, []), /more entries than it can hold/],
    ['fewer entries than stated', packOf(2, [entryOf(3, Buffer.from('blob'))]), /cut|ends within|cannot be inflated/],
    ['more than stated', packOf(1, [entryOf(3, Buffer.from('blob')), entryOf(3, Buffer.from('more'))]), /more than it states/],
    ['a type that does not exist', packOf(1, [entryOf(5, Buffer.from('blob'))]), /type 5/],
    ['a size that is wrong', packOf(1, [entryOf(3, Buffer.from('blob'), 3)]), /another size|cannot be inflated/],
    ['a size beyond the limit', packOf(1, [entryOf(3, Buffer.alloc(2_000_000))]), /2000000 bytes; the limit is 1000000/],
    [
      'a delta by id without base',
      packOf(1, [Buffer.concat([header(7, 4), Buffer.alloc(20, 7), deflateSync(Buffer.from([1, 1, 1, 65]))])]),
      /deltas without a base/,
    ],
    [
      'a delta whose base lies before the pack',
      packOf(1, [Buffer.concat([header(6, 4), Buffer.from([0x7f]), deflateSync(Buffer.from([1, 1, 1, 65]))])]),
      /lies outside/,
    ],
    ['garbage instead of zlib', packOf(1, [Buffer.concat([header(3, 4), Buffer.from('garbage garbage')])]), /cannot be inflated/],
  ];
  for (const [name, bytes, says] of cases) {
    const path = join(root, 'lies.pack');
    writeFileSync(path, bytes);
    await test.rejects(indexPack(path, objectBytesMax), { name: 'Failure', message: says }, name);
  }
});

t.test('deltas: copies and inserts, and every kind of lie', async (test) => {
  const base = Buffer.from('0123456789');
  test.equal(applyDelta(base, Buffer.from([10, 6, 0x91, 2, 3, 3, 65, 66, 67]), 100).toString(), '234ABC');
  const big = Buffer.alloc(70_000, 1);
  test.equal(applyDelta(big, Buffer.from([0xf0, 0xa2, 4, 0x80, 0x80, 4, 0x80]), 100_000).length, 65_536);
  const lies = {
    'other base': [9, 1, 1, 65],
    'copy beyond': [10, 6, 0x91, 8, 6],
    'too long': [10, 1, 2, 65, 66],
    'too short': [10, 3, 1, 65],
    'command 0': [10, 1, 0],
    cut: [10, 5, 5, 65],
    'no size': [10],
  };
  for (const [name, bytes] of Object.entries(lies)) test.throws(() => applyDelta(base, Buffer.from(bytes), 100), { code: 'SOURCE_DAMAGED' }, name);
  test.throws(() => applyDelta(base, Buffer.from([10, 0xff, 0xff, 0x7f]), 100), { code: 'LIMIT_EXCEEDED' });
});

/** Answers whether the object was read; a wrong object or another error is a bug. */
function readsOrFails(store: ObjectStore, id: string): boolean {
  try {
    const { type, data } = store.read(id);
    const sum = createHash('sha1').update(`${type} ${data.length}\0`).update(data).digest('hex');
    if (sum !== id) throw new Error(`${id} was read as ${sum}`);
    return true;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

function header(type: number, size: number): Buffer {
  const bytes = [(type << 4) | (size & 15)];
  for (let rest = size >> 4; rest > 0; rest >>= 7) {
    bytes[bytes.length - 1]! |= 0x80;
    bytes.push(rest & 0x7f);
  }
  return Buffer.from(bytes);
}

function entryOf(type: number, data: Buffer, statedSize = data.length): Buffer {
  return Buffer.concat([header(type, statedSize), deflateSync(data)]);
}

function packOf(count: number, entries: readonly Buffer[]): Buffer {
  const head = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1');
  head.writeUInt32BE(count, 8);
  const body = Buffer.concat([head, ...entries]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}
