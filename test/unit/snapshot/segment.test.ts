// Segments keep every field of an entry, in shared memory, and are written to in one place only.
import t from 'tap';
import type { CompiledEntry, PackedEntry } from '../../../src/snapshot/entry.ts';
import { variantOf } from '../../../src/snapshot/segmentLayout.ts';
import { SegmentReader } from '../../../src/snapshot/segmentReader.ts';
import { packEntry, writeSegment, type CarriedEntry } from '../../../src/snapshot/segmentWriter.ts';
import { Random } from '../../integration/fuzz/random.ts';
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

t.test('entries that are carried over are as they were, whatever stands between them', async (t) => {
  const random = new Random(7);
  const entryOf = (key: string): CompiledEntry =>
    compiledEntry({
      key,
      body: 'b'.repeat(random.below(20)),
      revision: `r${random.below(3)}`,
      touchedSeconds: random.below(1_000),
      standsIn: random.chance(0.2),
      dependencies: Array.from({ length: random.below(4) }, () => random.below(1_000_000)),
    });
  const fieldsOf = (packed: PackedEntry): unknown => ({
    ...packed,
    key: Buffer.from(packed.key).toString(),
    etag: Buffer.from(packed.etag).toString(),
    request: Buffer.from(packed.request).toString('hex'),
    body: Buffer.from(packed.body).toString(),
    dependencies: [...packed.dependencies],
  });
  let expected: readonly PackedEntry[] = Array.from({ length: 50 }, (_, index) => packEntry(entryOf(`/a${index}/b`)));
  let reader = new SegmentReader(writeSegment(expected));
  for (let epoch = 0; epoch < 30; epoch += 1) {
    const added = [packEntry(entryOf(`/new${epoch}/b`)), packEntry(entryOf(`/newer${epoch}/b`))];
    const addendum = new SegmentReader(writeSegment(added));
    const next: (PackedEntry | CarriedEntry)[] = [];
    const after: PackedEntry[] = [];
    for (const [source, entries] of [[reader, expected] as const, [addendum, added] as const]) {
      for (const [index, entry] of entries.entries()) {
        const kind = random.below(10);
        if (kind === 0) continue;
        const revision = random.chance(0.2) ? `r${random.below(5)}` : entry.revision;
        const heldBack = random.chance(0.2);
        const isNew = kind === 1;
        const packed = isNew ? packEntry(entryOf(`/changed${epoch}/${index}`)) : { ...entry, revision, heldBack };
        next.push(isNew ? packed : { reader: source, index, revision, heldBack });
        after.push(packed);
      }
    }
    reader = new SegmentReader(writeSegment(next));
    expected = after;
    t.equal(reader.entries, expected.length);
    for (const [index, packed] of expected.entries()) t.same(fieldsOf(reader.packed(index)), fieldsOf(packed));
  }
});

t.test('a buffer that is no segment is refused', async (t) => {
  t.throws(() => new SegmentReader(new SharedArrayBuffer(64)), /no segment/);
});
