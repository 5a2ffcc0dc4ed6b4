// The publisher over a real directory and a real compiler: misses, epochs, what is late, and what is refused.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Compiler } from '../../../../src/control/compile/compiler.ts';
import { ContentRegistry } from '../../../../src/control/publish/contentRegistry.ts';
import type { MissOrigin } from '../../../../src/control/publish/missQueue.ts';
import { Publisher, type PublisherOptions } from '../../../../src/control/publish/publisher.ts';
import { NativeSource } from '../../../../src/control/sources/native/nativeSource.ts';
import { defaultTreeLimits } from '../../../../src/control/sources/treeLimits.ts';
import type { Backend } from '../../../../src/model/backend.ts';
import { SegmentReader } from '../../../../src/snapshot/segmentReader.ts';
import { environmentEntry, optionsFor } from '../../../fixtures/compileContent.ts';

interface Bench {
  readonly directory: string;
  readonly source: NativeSource;
  readonly registry: ContentRegistry;
  readonly publisher: Publisher;
  readonly epochs: { readonly epoch: number; readonly segment: SharedArrayBuffer }[];
  readonly addenda: { readonly epoch: number; readonly segment: SharedArrayBuffer; readonly install: boolean; readonly origins: readonly MissOrigin[] }[];
  readonly refused: { readonly origins: readonly MissOrigin[]; readonly code: string }[];
  readonly errors: unknown[];
  /** The threads refer to nothing before this epoch. */
  released: number;
  /** Compile tasks wait here while it is set. */
  gate: Promise<void> | null;
}

const origin = (missId: number): MissOrigin => ({ from: { worker: 0, thread: 1 }, missId });

async function bench(t: Test, options: Partial<PublisherOptions> = {}): Promise<Bench> {
  const directory = join(await mkdtemp(join(tmpdir(), 'vortex-publisher-')), 'conf');
  await mkdir(directory);
  await writeFile(join(directory, 'application.yml'), 'shared: 1\n');
  await writeFile(join(directory, 'orders.yml'), 'x: one\n');
  const backend: Backend = {
    kind: 'native',
    repository: 'native',
    order: 0,
    searchLocations: [`file:${directory}/`],
    version: null,
    addLabelLocations: true,
    defaultLabel: null,
  };
  const compiler = new Compiler({ options: optionsFor(backend), keys: null });
  const source = new NativeSource({
    repository: 'native',
    searchLocations: backend.searchLocations,
    workingDirectory: '/',
    limits: defaultTreeLimits,
    isWatching: false,
  });
  const registry = new ContentRegistry({
    repositories: ['native'],
    createSource: () => source,
    onSource: () => undefined,
    repositoriesMax: 1,
    labelsMax: 10,
    keepsFormer: false,
  });
  const made: Bench = {
    directory,
    source,
    registry,
    publisher: null as unknown as Publisher,
    epochs: [],
    addenda: [],
    refused: [],
    errors: [],
    released: 0,
    gate: null,
  };
  const publisher = new Publisher(
    registry,
    {
      resolve: async (task) => {
        await made.gate;
        return compiler.resolve(task);
      },
      publish: async (task) => {
        await made.gate;
        return compiler.publish(task);
      },
      postEpoch: (epoch, segment) => void made.epochs.push({ epoch, segment }),
      postAddendum: (epoch, segment, install, origins) => void made.addenda.push({ epoch, segment, install, origins }),
      postRefusal: (origins, code) => void made.refused.push({ origins, code }),
      epochReleased: () => made.released,
      onPublished: () => undefined,
      onFailures: () => undefined,
      onMissDone: () => undefined,
      unconfirmed: () => new Set(),
      onError: (_doing, error) => void made.errors.push(error),
      nowMs: () => performance.now(),
    },
    { cacheEnabled: true, ttlSeconds: 300, entriesMax: 100, bytesMax: 1_000_000, missQueueMax: 10, missTimeoutMs: 5_000, concurrency: 1, ...options },
  );
  t.teardown(async () => {
    await source.close();
    await rm(directory, { recursive: true });
  });
  return Object.assign(made, { publisher });
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 5_000 && !condition(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 1));
  if (!condition()) throw new Error('it did not happen');
}

function bodies(segment: SharedArrayBuffer): Record<string, string> {
  const reader = new SegmentReader(segment);
  return Object.fromEntries(Array.from({ length: reader.entries }, (_, index) => [reader.key(index), Buffer.from(reader.body(index)).toString()]));
}

t.test('a miss loads its content, is computed once for all who ask, and is installed for all workers', async (t) => {
  const b = await bench(t);
  b.publisher.miss(environmentEntry('orders', 'prod'), origin(1));
  b.publisher.miss(environmentEntry('orders', 'prod'), origin(2));
  await until(() => b.addenda.length === 1);
  t.match(b.addenda[0], { epoch: 0, install: true, origins: [origin(1), origin(2)] });
  t.match(bodies(b.addenda[0]!.segment)['/orders/prod'], /"x":"one"/);
  t.equal(b.publisher.queueDepth(), 0);
});

t.test('memory is written again only when no thread refers to it', async (t) => {
  const b = await bench(t);
  await b.publisher.changed(['native']);
  b.publisher.miss(environmentEntry('orders', 'prod'), origin(1));
  await until(() => b.addenda.length === 1);
  const publishNext = async (): Promise<SharedArrayBuffer> => {
    const value = `v${b.epochs.length}`.padEnd(4, 'x');
    await writeFile(join(b.directory, 'orders.yml'), `x: ${value}\n`);
    await b.source.poll();
    await b.publisher.changed(['native']);
    const { segment } = b.epochs.at(-1)!;
    t.match(bodies(segment)['/orders/prod'], new RegExp(`"x":"${value}"`));
    return segment;
  };
  const second = await publishNext();
  const before = bodies(second);
  const third = await publishNext();
  const fourth = await publishNext();
  t.equal(new Set([second, third, fourth]).size, 3, 'nothing was released');
  t.same(bodies(second), before);
  b.released = 3;
  t.equal(await publishNext(), second, 'the segment of epoch 2 was replaced by epoch 3');
  b.released = 4;
  t.equal(await publishNext(), third);
  t.not(await publishNext(), fourth, 'epoch 5 is not released, so that a thread may still serve from epoch 4');
  t.same(b.errors, []);
});

t.test('a change becomes the next epoch with everything hot in it, and addenda start anew', async (t) => {
  const b = await bench(t);
  await b.publisher.changed(['native']);
  t.same(
    b.epochs.map(({ epoch }) => epoch),
    [1],
    'the first publish needs no change',
  );
  b.publisher.miss(environmentEntry('orders', 'prod'), origin(1));
  await until(() => b.addenda.length === 1);
  await writeFile(join(b.directory, 'orders.yml'), 'x: changed\n');
  await b.source.poll();
  await b.publisher.changed(['native']);
  t.same(
    b.epochs.map(({ epoch }) => epoch),
    [1, 2],
  );
  t.match(bodies(b.epochs[1]!.segment)['/orders/prod'], /"x":"changed"/);
  t.match(b.publisher.state(), { epoch: 2, segments: { length: 1 } });
  await b.publisher.changed(['native']);
  t.equal(b.epochs.length, 2, 'nothing moved: no epoch');
});

t.test('what is asked for while the next epoch is made answers from the old one and is kept hot in the new one', async (t) => {
  const b = await bench(t);
  await b.publisher.changed(['native']);
  b.publisher.miss(environmentEntry('orders', 'prod'), origin(1));
  await until(() => b.addenda.length === 1);
  await writeFile(join(b.directory, 'orders.yml'), 'x: changed\n');
  await b.source.poll();
  let open = (): void => undefined;
  b.gate = new Promise((resolve) => (open = resolve));
  const published = b.publisher.changed(['native']);
  b.publisher.miss(environmentEntry('orders', 'late'), origin(2));
  await new Promise((resolve) => setTimeout(resolve, 20));
  open();
  b.gate = null;
  await published;
  await until(() => b.addenda.some(({ epoch, segment }) => epoch === 2 && '/orders/late' in bodies(segment)));
  const late = b.addenda.filter(({ segment }) => '/orders/late' in bodies(segment));
  t.match(bodies(late.at(-1)!.segment)['/orders/late'], /"x":"changed"/, 'the new epoch never serves old content');
  t.same(
    late.flatMap(({ origins }) => origins),
    [origin(2)],
    'the client is answered once',
  );
  t.same(b.errors, []);
});

t.test('above the limit of the queue a miss is refused at once', async (t) => {
  const b = await bench(t, { missQueueMax: 2 });
  let open = (): void => undefined;
  b.gate = new Promise((resolve) => (open = resolve));
  for (const [missId, name] of ['a', 'b', 'c'].entries()) b.publisher.miss(environmentEntry(name, 'prod'), origin(missId));
  t.same(b.refused, [{ origins: [origin(2)], code: 'OVERLOADED' }]);
  open();
  b.gate = null;
  await until(() => b.publisher.queueDepth() === 0);
  t.same(
    b.addenda.flatMap(({ origins }) => origins.map(({ missId }) => missId)).toSorted((left, right) => left - right),
    [0, 1],
  );
});

t.test('a miss that waited for too long is refused, not computed', async (t) => {
  const b = await bench(t, { missTimeoutMs: 1 });
  b.gate = new Promise((resolve) => setTimeout(resolve, 30));
  b.publisher.miss(environmentEntry('orders', 'prod'), origin(1));
  await until(() => b.refused.length === 1);
  t.same(b.refused, [{ origins: [origin(1)], code: 'MISS_TIMEOUT' }]);
});

t.test('without a cache an answer goes to those who asked and nowhere else', async (t) => {
  const b = await bench(t, { cacheEnabled: false });
  b.publisher.miss(environmentEntry('orders', 'prod'), origin(1));
  await until(() => b.addenda.length === 1);
  t.match(b.addenda[0], { install: false, origins: [origin(1)] });
  t.same(b.publisher.state().segments, []);
});

t.test('a failing compile thread refuses what it was given and the next miss works', async (t) => {
  const b = await bench(t);
  b.gate = Promise.reject(new Error('out of memory'));
  b.publisher.miss(environmentEntry('orders', 'prod'), origin(1));
  await until(() => b.refused.length === 1);
  t.equal(b.errors.length, 1);
  b.gate = null;
  b.publisher.miss(environmentEntry('orders', 'prod'), origin(2));
  await until(() => b.addenda.length === 1);
  t.same(b.addenda[0]!.origins, [origin(2)]);
});

t.test('a restored epoch is served as it is; what moved since is rendered again when the source is open', async (t) => {
  const first = await bench(t);
  await first.publisher.changed(['native']);
  first.publisher.miss(environmentEntry('orders', 'prod'), origin(1));
  await until(() => first.addenda.length === 1);
  await first.publisher.sweep();
  const stored = first.epochs.at(-1)!;
  const treeId = first.registry.snapshot().trees[0]!.id;

  const second = await bench(t);
  second.publisher.restore(stored.epoch + 1, stored.segment);
  t.match(bodies(second.epochs[0]!.segment)['/orders/prod'], /"x":"one"/);
  const changes = await second.registry.changesSince([{ repository: 'native', label: '', treeId }]);
  t.equal(changes.length, 1, 'another directory is other content');
  await second.publisher.changed(['native'], changes);
  t.equal(second.epochs.at(-1)!.epoch, stored.epoch + 2);
  t.match(bodies(second.epochs.at(-1)!.segment)['/orders/prod'], new RegExp(second.directory), 'made from the content of now');
});
