// Segments keep every field of an entry, in shared memory, and are written to in one place only.
import t from 'tap';
import type { CompiledEntry } from '../../../src/snapshot/entry.ts';
import { variantOf } from '../../../src/snapshot/segmentLayout.ts';
import { SegmentReader } from '../../../src/snapshot/segmentReader.ts';
import { packEntry, writeSegment } from '../../../src/snapshot/segmentWriter.ts';
import { compiledEntry } from '../../fixtures/compiledEntry.ts';

t.test('an entry comes back as it went in', async (t) => {
  const first = compiledEntry({ key: '/orders/prod', body: '{"version":"abc"}', versionOffset: 12, versionLength: 3 });
  const second = compiledEntry({ key: '/größe/prod?x', body: 'größe', revision: 'r2', status: 200, heldBack: true });
  const reader = new SegmentReader(writeSegment([first, second].map(packEntry)));
  t.equal(reader.entries, 2);
  t.equal(reader.key(1), '/größe/prod?x');
  t.equal(reader.variant(0), variantOf('v1', 'identity'));
  t.equal(Buffer.from(reader.body(1)).toString(), 'größe');
  t.equal(reader.etag(0), first.etag);
  t.equal(reader.revision(0), 'r1');
  t.equal(reader.revision(1), 'r2');
  t.equal(reader.revision(0), 'r1', 'the memory of the last revision is not mixed up');
  t.equal(reader.versionOffset(0), 12);
  t.equal(reader.versionOffset(1), -1);
  t.equal(reader.heldBack(1), true);
  t.equal(reader.heldBack(0), false);
  t.same(reader.request(0), first.entry);
  t.same([...reader.dependencies(1)], [...second.dependencies]);
  t.equal(reader.touchedSeconds(0), first.touchedSeconds);
});

t.test('a status without body is empty and says whether an error body is made for it', async (t) => {
  const entries: readonly CompiledEntry[] = [
    compiledEntry({ key: '/a/b/c/d', body: '', status: 404, emptyBody: true }),
    compiledEntry({ key: '/a/b', body: '', status: 500 }),
  ];
  const reader = new SegmentReader(writeSegment(entries.map(packEntry)));
  t.equal(reader.status(0), 404);
  t.equal(reader.emptyBody(0), true);
  t.equal(reader.emptyBody(1), false);
  t.equal(reader.body(1).length, 0);
});

t.test('a touch is seen by every reader of the segment', async (t) => {
  const segment = writeSegment([compiledEntry({ key: '/a/b', body: 'x' })].map(packEntry));
  const reader = new SegmentReader(segment);
  new Uint32Array(segment)[reader.touchIndex(0)] = 77;
  t.equal(new SegmentReader(segment).touchedSeconds(0), 77);
});

t.test('a buffer that is no segment is refused', async (t) => {
  t.throws(() => new SegmentReader(new SharedArrayBuffer(64)), /no segment/);
});
