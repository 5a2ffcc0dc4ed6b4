// Answers of several backends in the next epoch: carried over, standing in for broken content, waiting for a source, and their cells.
import t from 'tap';
import { Compiler } from '../../../../src/control/compile/compiler.ts';
import type { CompileFindings, ContentSnapshot, LabelChange, PublishResult, PublishTask, TrackedLabel } from '../../../../src/control/compile/compileTask.ts';
import { HELD_BACK, slotKey } from '../../../../src/control/compile/entrySlots.ts';
import { SegmentReader } from '../../../../src/snapshot/segmentReader.ts';
import { placeEntry } from '../../../../src/snapshot/segmentWriter.ts';
import type { TreeImage } from '../../../../src/snapshot/treeImage.ts';
import { environmentEntry, gitBackend, gitRepository, native, optionsFor, treeOf } from '../../../fixtures/compileContent.ts';

const commitA = 'a'.repeat(40);
const commitB = 'b'.repeat(40);
const both = slotKey([gitRepository, 'native'], false);
const gitTree = treeOf(gitRepository, commitA, { 'application.yml': 'g: 1\n', 'orders.yml': 'x: 1\n' });
const nativeTree = treeOf('native', 'n1', { 'conf/application.yml': 'n: 1\n' });

/** What the primary keeps between tasks. */
class Primary {
  readonly compiler = new Compiler({ options: optionsFor(gitBackend, native), keys: null });
  readonly slots = new Map([
    ['native', 0],
    [gitRepository, 1],
  ]);
  segment: SharedArrayBuffer;

  constructor(entries: readonly string[]) {
    const content = this.content(label(gitTree), label(nativeTree));
    const result = this.compiler.resolve({ content, entries: entries.map((name) => environmentEntry(name, 'prod')), nowSeconds: 10 });
    this.place(result);
    this.segment = result.segment;
  }

  content(git: TrackedLabel | null, nativeLabel: TrackedLabel, trees: readonly TreeImage[] = []): ContentSnapshot {
    return { labels: git === null ? [nativeLabel] : [git, nativeLabel], trees: [gitTree, nativeTree, ...trees], slots: this.slots };
  }

  publish(content: ContentSnapshot, changes: readonly LabelChange[], more: Partial<PublishTask> = {}): PublishResult {
    const task = { segments: [this.segment], memory: null, unconfirmed: new Set<string>(), keepSinceSeconds: 0, entriesMax: 100, bytesMax: 1e6, ...more };
    const result = this.compiler.publish({ ...task, content, changes });
    this.place(result);
    this.segment = result.segment;
    return result;
  }

  /** Of the first entry. */
  cell(): string | undefined {
    const slot = new SegmentReader(this.segment).repositorySlot(0);
    return [...this.slots].find(([, known]) => known === slot)?.[0];
  }

  body(): string {
    return Buffer.from(new SegmentReader(this.segment).body(0)).toString();
  }

  private place({ segment, unplaced }: CompileFindings & { readonly segment: SharedArrayBuffer }): void {
    for (const { key, entries } of unplaced) {
      const slot = this.slots.get(key) ?? this.slots.size;
      this.slots.set(key, slot);
      for (const index of entries) placeEntry(segment, index, slot);
    }
  }
}

function label(tree: TreeImage, former: TreeImage | null = null): TrackedLabel {
  const repository = tree.id.slice(0, tree.id.lastIndexOf(' '));
  return { repository, label: repository === 'native' ? '' : 'main', content: { kind: 'tree', treeId: tree.id }, formerTreeId: former?.id ?? null };
}

function move(from: TreeImage | null, to: TreeImage): LabelChange {
  return { repository: label(to).repository, label: label(to).label, from, to };
}

t.test('entries of several repositories share a cell that no other entries look at', async (t) => {
  const primary = new Primary(['orders', 'billing']);
  t.equal(primary.cell(), both);
  t.strictSame([...primary.slots.keys()], ['native', gitRepository, both]);
  t.equal(new SegmentReader(primary.segment).repositorySlot(1), primary.slots.get(both));
});

t.test('a move of one member that does not touch an entry carries it over with the new revision in its list', async (t) => {
  const primary = new Primary(['billing']);
  const after = treeOf(gitRepository, commitB, { 'application.yml': 'g: 1\n', 'orders.yml': 'x: 2\n' }, gitTree);
  t.match(primary.publish(primary.content(label(after), label(nativeTree), [after]), [move(gitTree, after)]), { rendered: 0, carried: 1 });
  t.equal(new SegmentReader(primary.segment).revision(0), `${commitB},n1`);
  t.equal(primary.cell(), both);
});

t.test('broken content of one member leaves its former content in answers, old and new, which are held back until it is whole', async (t) => {
  const primary = new Primary(['orders']);
  const broken = treeOf(gitRepository, commitB, { 'application.yml': 'g: [\n', 'orders.yml': 'x: 2\n' }, gitTree);
  const newer = treeOf('native', 'n2', { 'conf/application.yml': 'n: 2\n' }, nativeTree);
  const content = primary.content(label(broken, gitTree), label(newer, nativeTree), [broken, newer]);
  const result = primary.publish(content, [move(gitTree, broken), move(nativeTree, newer)]);
  t.match(result.failures, [{ code: 'CONTENT_INVALID', heldBack: true }]);
  t.strictSame(result.brokenLabels, [{ repository: gitRepository, label: 'main' }]);
  t.match(primary.body(), /"g":1.*"n":2/);
  t.equal(primary.cell(), `${both}\n${HELD_BACK}`);
  const cold = primary.compiler.resolve({ content, entries: [environmentEntry('cold', 'prod')], nowSeconds: 10 });
  t.match(cold, { failures: [{ heldBack: true }], brokenLabels: [{ label: 'main' }] });
  t.equal(new SegmentReader(cold.segment).status(0), 200);

  const whole = treeOf(gitRepository, 'c'.repeat(40), { 'application.yml': 'g: 3\n' }, broken);
  t.strictSame(primary.publish(primary.content(label(whole, gitTree), label(newer), [whole, newer]), [move(broken, whole)]).failures, []);
  t.match(primary.body(), /"g":3.*"n":2/);
  t.equal(primary.cell(), both);
});

t.test('an answer from disk stays as it is while one of its sources could not be read since the start', async (t) => {
  const primary = new Primary(['orders']);
  const newer = treeOf('native', 'n2', { 'conf/application.yml': 'n: 2\n' });
  const content = primary.content(null, label(newer), [newer]);
  const unconfirmed = new Set([gitRepository]);
  t.match(primary.publish(content, [move(null, newer)], { unconfirmed }), { entries: 1, failures: [{ code: 'REPOSITORY_UNAVAILABLE', heldBack: true }] });
  t.match(primary.body(), /"g":1.*"n":1/);
  t.equal(primary.cell(), `${both}\n${HELD_BACK}`);
  const asked = { repository: gitRepository, label: 'main', content: { kind: 'unavailable', reason: 'refused' }, formerTreeId: null } as const;
  t.match(primary.publish(primary.content(asked, label(newer), [newer]), [], { unconfirmed }), { entries: 1, failures: [{ heldBack: true }] });
  t.match(primary.body(), /"g":1.*"n":1/, 'also when somebody asked for the label meanwhile');
  t.match(primary.publish(primary.content(label(gitTree), label(newer), [newer]), []), { entries: 1, failures: [] });
  t.match(primary.body(), /"g":1.*"n":2/);
  t.match(new Primary(['orders']).publish(content, [move(null, newer)]), { entries: 0 }, 'without that it becomes a miss');
});
