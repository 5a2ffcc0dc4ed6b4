// A worker changes epochs in slices and serves the old one until the new one is whole.
import t from 'tap';
import { EpochSwitch } from '../../../src/snapshot/epochSwitch.ts';
import { packEntry, writeSegment } from '../../../src/snapshot/segmentWriter.ts';
import { compiledEntry } from '../../fixtures/compiledEntry.ts';

function segmentOf(keys: readonly string[], body: string): SharedArrayBuffer {
  return writeSegment(keys.map((key) => packEntry(compiledEntry({ key, body }))));
}

function scheduled(): { readonly schedule: (slice: () => void) => void; readonly runOne: () => boolean } {
  const slices: (() => void)[] = [];
  return {
    schedule: (slice) => void slices.push(slice),
    runOne: () => {
      const slice = slices.shift();
      slice?.();
      return slice !== undefined;
    },
  };
}

function bodyOf(epochs: EpochSwitch, key: string): string | undefined {
  const entry = epochs.current.find(key)?.variants[0];
  return entry === undefined ? undefined : Buffer.from(entry.body).toString();
}

const thousand = Array.from({ length: 1000 }, (_, index) => `/app-${index}/prod`);

t.test('the old epoch answers until the last slice, then the new one at once', async (t) => {
  const { schedule, runOne } = scheduled();
  const served: number[] = [];
  const epochs = new EpochSwitch(schedule, (epoch) => served.push(epoch));
  epochs.begin(1, segmentOf(['/app-0/prod'], 'old'));
  t.same(served, [1], 'a small epoch needs one slice');
  epochs.begin(2, segmentOf(thousand, 'new'));
  let slices = 0;
  while (bodyOf(epochs, '/app-0/prod') === 'old' && slices < 100) {
    t.equal(epochs.epoch, 1);
    t.ok(runOne(), 'there is a next slice');
    slices += 1;
  }
  t.ok(slices >= 3, `a thousand entries take several slices, here ${slices}`);
  t.equal(epochs.epoch, 2);
  t.equal(bodyOf(epochs, '/app-999/prod'), 'new');
  t.same(served, [1, 2]);
});

t.test('an addendum of the epoch under construction is in it, one of the old epoch is not', async (t) => {
  const { schedule, runOne } = scheduled();
  const epochs = new EpochSwitch(schedule, () => undefined);
  epochs.begin(1, segmentOf(['/app-0/prod'], 'old'));
  epochs.begin(2, segmentOf(thousand, 'new'));
  epochs.add(1, segmentOf(['/late/old'], 'late'));
  epochs.add(2, segmentOf(['/late/new', '/app-5/prod'], 'later'));
  t.equal(bodyOf(epochs, '/late/old'), 'late', 'served while the old epoch lasts');
  t.equal(bodyOf(epochs, '/late/new'), undefined);
  while (runOne());
  t.equal(bodyOf(epochs, '/late/old'), undefined);
  t.equal(bodyOf(epochs, '/late/new'), 'later');
  t.equal(bodyOf(epochs, '/app-5/prod'), 'later', 'an addendum wins over the base');
});

t.test('a newer epoch replaces one that is under construction', async (t) => {
  const { schedule, runOne } = scheduled();
  const served: number[] = [];
  const epochs = new EpochSwitch(schedule, (epoch) => served.push(epoch));
  epochs.begin(1, segmentOf(thousand, 'one'));
  epochs.begin(2, segmentOf(thousand, 'two'));
  while (runOne());
  t.same(served, [2]);
  t.equal(bodyOf(epochs, '/app-7/prod'), 'two');
});

t.test('an addendum before the first epoch is served', async (t) => {
  const epochs = new EpochSwitch(
    () => undefined,
    () => undefined,
  );
  epochs.add(0, segmentOf(['/a/b'], 'early'));
  t.equal(bodyOf(epochs, '/a/b'), 'early');
});
