// The next epoch renders what changed, patches the commit id of what did not, and keeps the last good answer of what broke.
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { Compiler } from '../../../../src/control/compile/compiler.ts';
import type { LabelChange, PublishResult, PublishTask } from '../../../../src/control/compile/compileTask.ts';
import type { EntryRequest } from '../../../../src/model/request.ts';
import { SegmentReader } from '../../../../src/snapshot/segmentReader.ts';
import type { TreeImage } from '../../../../src/snapshot/treeImage.ts';
import { contentOf, environmentEntry, gitBackend, gitRepository, optionsFor, treeOf } from '../../../fixtures/compileContent.ts';

const commitA = 'a'.repeat(40);
const commitB = 'b'.repeat(40);
const files = { 'application.yml': 'shared: 1\n', 'orders.yml': 'x: one\n', 'billing.yml': 'y: two\n' };

function readAll(
  segment: SharedArrayBuffer,
): ReadonlyMap<string, { readonly status: number; readonly body: string; readonly etag: string; readonly revision: string; readonly heldBack: boolean }> {
  const reader = new SegmentReader(segment);
  return new Map(
    Array.from({ length: reader.entries }, (_, index) => [
      `${reader.variant(index)} ${reader.key(index)}`,
      {
        status: reader.status(index),
        body: Buffer.from(reader.body(index)).toString(),
        etag: reader.etag(index),
        revision: reader.revision(index),
        heldBack: reader.heldBack(index),
      },
    ]),
  );
}

function firstEpoch(compiler: Compiler, tree: TreeImage, entries: readonly EntryRequest[]): SharedArrayBuffer {
  const result = compiler.resolve({ content: contentOf(gitRepository, 'main', tree), entries, nowSeconds: 10 });
  return result.segment;
}

function publish(compiler: Compiler, segment: SharedArrayBuffer, from: TreeImage | null, to: TreeImage | null, more: Partial<PublishTask> = {}): PublishResult {
  const changes: LabelChange[] = [{ repository: gitRepository, label: 'main', from, to }];
  return compiler.publish({
    content: contentOf(gitRepository, 'main', to),
    segments: [segment],
    memory: null,
    changes,
    unconfirmed: new Set(),
    keepSinceSeconds: 0,
    entriesMax: 100,
    bytesMax: 1_000_000,
    ...more,
  });
}

const entries = [environmentEntry('orders', 'prod'), environmentEntry('billing', 'prod')];

t.test('a commit that touches one application renders that one and patches the other', async (t) => {
  const compiler = new Compiler({ options: optionsFor(gitBackend), keys: null });
  const before = treeOf(gitRepository, commitA, files);
  const segment = firstEpoch(compiler, before, entries);
  const after = treeOf(gitRepository, commitB, { ...files, 'orders.yml': 'x: changed\n' }, before);
  const result = publish(compiler, segment, before, after);
  t.match(result, { entries: 2, rendered: 1, patched: 1, carried: 0, evicted: 0 });
  const fresh = readAll(firstEpoch(compiler, after, entries));
  const published = readAll(result.segment);
  t.equal(published.get('0 /orders/prod')?.body, fresh.get('0 /orders/prod')?.body);
  t.match(published.get('0 /orders/prod')?.body, /"x":"changed"/);
  t.same(published.get('0 /billing/prod'), fresh.get('0 /billing/prod'), 'a patched answer is byte for byte what rendering gives, its ETag too');
  t.equal(published.get('0 /billing/prod')?.revision, commitB);
});

t.test('a new file that an application would read concerns it, though it did not exist before', async (t) => {
  const compiler = new Compiler({ options: optionsFor(gitBackend), keys: null });
  const before = treeOf(gitRepository, commitA, files);
  const segment = firstEpoch(compiler, before, entries);
  const after = treeOf(gitRepository, commitB, { ...files, 'orders-prod.properties': 'z=new\n' }, before);
  const result = publish(compiler, segment, before, after);
  t.match(result, { rendered: 1, patched: 1 });
  t.match(readAll(result.segment).get('0 /orders/prod')?.body, /"z":"new"/);
});

t.test('the shared file concerns everybody, a removed one too', async (t) => {
  const compiler = new Compiler({ options: optionsFor(gitBackend), keys: null });
  const before = treeOf(gitRepository, commitA, files);
  const segment = firstEpoch(compiler, before, entries);
  const { 'application.yml': _removed, ...others } = files;
  const result = publish(compiler, segment, before, treeOf(gitRepository, commitB, others, before));
  t.match(result, { rendered: 2, patched: 0 });
  t.notMatch(readAll(result.segment).get('0 /billing/prod')?.body, /shared/);
});

t.test('a compressed answer with a version is rendered again', async (t) => {
  const compiler = new Compiler({ options: optionsFor(gitBackend), keys: null });
  const before = treeOf(gitRepository, commitA, files);
  const segment = firstEpoch(compiler, before, [environmentEntry('billing', 'prod', 'gzip')]);
  const after = treeOf(gitRepository, commitB, { ...files, 'orders.yml': 'x: changed\n' }, before);
  const { segment: published, rendered } = publish(compiler, segment, before, after);
  t.equal(rendered, 1);
  const reader = new SegmentReader(published);
  t.match(gunzipSync(reader.body(0)).toString(), new RegExp(`"version":"${commitB}"`));
});

t.test('an application whose file breaks keeps its answer, is reported, and recovers with the next commit', async (t) => {
  const compiler = new Compiler({ options: optionsFor(gitBackend), keys: null });
  const good = treeOf(gitRepository, commitA, files);
  const segment = firstEpoch(compiler, good, entries);
  const broken = treeOf(gitRepository, commitB, { ...files, 'orders.yml': 'x: [1\n' }, good);
  const held = publish(compiler, segment, good, broken);
  t.match(held.failures, [{ key: '/orders/prod', code: 'CONTENT_INVALID', heldBack: true }]);
  t.match(held.failures[0]?.message, /orders\.yml/, 'the log says which file');
  const kept = readAll(held.segment).get('0 /orders/prod');
  t.match(kept, { status: 200, heldBack: true, revision: commitA });
  t.match(kept?.body, /"x":"one"/);
  t.equal(readAll(held.segment).get('0 /billing/prod')?.revision, commitB, 'its neighbours move on');
  const unrelated = treeOf(gitRepository, 'c'.repeat(40), { ...files, 'orders.yml': 'x: [1\n', 'billing.yml': 'y: three\n' }, broken);
  const still = publish(compiler, held.segment, broken, unrelated);
  t.match(still.failures, [{ key: '/orders/prod', heldBack: true }], 'it stays reported');
  const fixed = treeOf(gitRepository, 'd'.repeat(40), { ...files, 'orders.yml': 'x: fixed\n' }, unrelated);
  const recovered = publish(compiler, still.segment, unrelated, fixed);
  t.same(recovered.failures, []);
  t.match(readAll(recovered.segment).get('0 /orders/prod'), { heldBack: false, revision: 'd'.repeat(40) });
});

t.test('an application that was broken before is answered with the new failure', async (t) => {
  const compiler = new Compiler({ options: optionsFor(gitBackend), keys: null });
  const broken = treeOf(gitRepository, commitA, { ...files, 'orders.yml': 'x: [1\n' });
  const segment = firstEpoch(compiler, broken, entries);
  t.equal(readAll(segment).get('0 /orders/prod')?.status, 500);
  const still = publish(compiler, segment, broken, treeOf(gitRepository, commitB, { ...files, 'orders.yml': 'x: {\n' }, broken));
  t.match(still.failures, [{ heldBack: false }]);
});

t.test('a label that is gone answers 404 again', async (t) => {
  const compiler = new Compiler({ options: optionsFor(gitBackend), keys: null });
  const before = treeOf(gitRepository, commitA, files);
  const segment = firstEpoch(compiler, before, entries);
  const result = publish(compiler, segment, before, null);
  t.equal(readAll(result.segment).get('0 /orders/prod')?.status, 404);
});

t.test('entries that nobody asked for leave, and above the limit the oldest leave first', async (t) => {
  const compiler = new Compiler({ options: optionsFor(gitBackend), keys: null });
  const tree = treeOf(gitRepository, commitA, files);
  const segment = firstEpoch(compiler, tree, [...entries, environmentEntry('third', 'prod')]);
  const reader = new SegmentReader(segment);
  const touches = new Uint32Array(segment);
  touches[reader.touchIndex(0)] = 50;
  touches[reader.touchIndex(1)] = 20;
  touches[reader.touchIndex(2)] = 40;
  const aged = publish(compiler, segment, tree, tree, { changes: [], keepSinceSeconds: 30 });
  t.same([...readAll(aged.segment).keys()].toSorted(), ['0 /orders/prod', '0 /third/prod']);
  t.equal(aged.evicted, 1);
  const full = publish(compiler, segment, tree, tree, { changes: [], entriesMax: 1 });
  t.same([...readAll(full.segment).keys()], ['0 /orders/prod']);
  const bytes = reader.bodyLength(0) + reader.bodyLength(2);
  const small = publish(compiler, segment, tree, tree, { changes: [], bytesMax: bytes });
  t.same([...readAll(small.segment).keys()].toSorted(), ['0 /orders/prod', '0 /third/prod'], 'the size counts too');
  t.equal(new SegmentReader(full.segment).touchedSeconds(0), 50, 'the time of the last request goes along');
});

t.test('a later addendum wins over the base', async (t) => {
  const compiler = new Compiler({ options: optionsFor(gitBackend), keys: null });
  const first = treeOf(gitRepository, commitA, files);
  const second = treeOf(gitRepository, commitB, { ...files, 'orders.yml': 'x: later\n' });
  const base = firstEpoch(compiler, first, entries);
  const addendum = firstEpoch(compiler, second, [entries[0]!]);
  const merged = publish(compiler, base, second, second, { segments: [base, addendum], changes: [] });
  t.match(readAll(merged.segment).get('0 /orders/prod')?.body, /later/);
  t.equal(merged.entries, 2);
});
