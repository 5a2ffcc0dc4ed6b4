// The epoch on disk survives a crash, other settings and damage: it is served whole or not at all.
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { readEpochFile, writeEpochFile, type StoredEpoch } from '../../../src/snapshot/epochFile.ts';
import { SegmentReader } from '../../../src/snapshot/segmentReader.ts';
import { packEntry, writeSegment } from '../../../src/snapshot/segmentWriter.ts';
import { compiledEntry } from '../../fixtures/compiledEntry.ts';

const stored: StoredEpoch = {
  epoch: 7,
  fingerprint: 'f1',
  savedAtMs: 1_700_000_000_000,
  labels: [{ repository: 'git https://example.org/r.git', label: 'main', treeId: 'git@abc' }],
  slots: [['git https://example.org/r.git', 0]],
  confirmedAtMs: [['git https://example.org/r.git', 1_699_999_999_000]],
  segment: writeSegment([compiledEntry({ key: '/a/b', body: 'kept' })].map(packEntry)),
};

async function directory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'vortex-epoch-'));
}

t.test('what was written is read again, and no temporary file stays', async (t) => {
  const path = join(await directory(), 'deep', 'epoch.bin');
  await writeEpochFile(path, stored, null);
  const { stored: read } = await readEpochFile(path, 'f1', null);
  t.equal(read?.epoch, 7);
  t.same(read?.labels, stored.labels);
  t.same(read?.confirmedAtMs, stored.confirmedAtMs);
  const reader = new SegmentReader(read!.segment);
  t.equal(Buffer.from(reader.body(0)).toString(), 'kept');
  t.same(await readdir(join(path, '..')), ['epoch.bin']);
});

t.test('an epoch of other settings is not served', async (t) => {
  const path = join(await directory(), 'epoch.bin');
  await writeEpochFile(path, stored, null);
  const { stored: read, reason } = await readEpochFile(path, 'f2', null);
  t.equal(read, null);
  t.match(reason, 'other settings');
});

t.test('a file cut at any place is refused with a reason, never an exception', async (t) => {
  const path = join(await directory(), 'epoch.bin');
  await writeEpochFile(path, stored, null);
  const whole = await readFile(path);
  for (let length = 0; length < whole.length; length += 7) {
    await writeFile(path, whole.subarray(0, length));
    const { stored: read, reason } = await readEpochFile(path, 'f1', null);
    t.equal(read, null, `cut at ${length}`);
    t.not(reason, '');
  }
});

t.test('a bit that flipped anywhere is noticed: it must not be served as configuration', async (t) => {
  const path = join(await directory(), 'epoch.bin');
  await writeEpochFile(path, stored, null);
  const whole = await readFile(path);
  for (let at = 0; at < whole.length; at += 5) {
    const damaged = Buffer.from(whole);
    damaged[at]! ^= 1 << (at % 8);
    await writeFile(path, damaged);
    const { stored: read, reason } = await readEpochFile(path, 'f1', null);
    t.equal(read, null, `flipped at ${at}`);
    t.match(reason, 'damaged');
  }
});

t.test('a failed write leaves the file of before', async (t) => {
  const path = join(await directory(), 'epoch.bin');
  await writeEpochFile(path, stored, null);
  await t.rejects(writeEpochFile(join(path, 'below-a-file'), stored, null), { code: /ENOTDIR|EEXIST/ });
  t.equal((await readEpochFile(path, 'f1', null)).stored?.epoch, 7);
});
