// What the workers are told of the age of sources: cells of several sources, policies, and how a cell is read.
import t from 'tap';
import { stalenessCells, type StalenessFacts } from '../../../../src/control/publish/stalenessClock.ts';
import { isRefused, isWarned, stalenessCell, staleSecondsOf } from '../../../../src/model/staleness.ts';

function fact(slot: number, ageMs: number | null, more: Partial<StalenessFacts> = {}): StalenessFacts {
  return { slot, confirmedAtMs: ageMs === null ? null : 1_000_000 - ageMs, maxStalenessMs: 60_000, onStale: 'serve', ...more };
}

function cellOf(...facts: readonly StalenessFacts[]): { readonly seconds: number; readonly warned: boolean; readonly refused: boolean } {
  const cell = stalenessCells(facts, 1_000_000).get(0) ?? Number.NaN;
  return { seconds: staleSecondsOf(cell), warned: isWarned(cell), refused: isRefused(cell) };
}

const fresh = { seconds: 0, warned: false, refused: false };

t.test('a source is stale from its limit on, with its age in whole seconds', async (t) => {
  t.strictSame(cellOf(fact(0, 60_000)), fresh);
  t.strictSame(cellOf(fact(0, 60_001)), { ...fresh, seconds: 60 });
  t.strictSame(cellOf(fact(0, 100, { maxStalenessMs: -1 })), { ...fresh, seconds: 1 }, 'never 0 while stale');
  t.strictSame(cellOf(fact(0, null)), fresh, 'never confirmed: there is no age to tell');
  t.strictSame(cellOf(fact(0, -5_000)), fresh, 'a clock that was set back');
});

t.test('the policy shows in the cell once the source is stale, not before', async (t) => {
  t.strictSame(cellOf(fact(0, 61_000, { onStale: 'warn' })), { seconds: 61, warned: true, refused: false });
  t.strictSame(cellOf(fact(0, 61_000, { onStale: 'refuse' })), { seconds: 61, warned: false, refused: true });
  t.strictSame(cellOf(fact(0, 1_000, { onStale: 'refuse' })), fresh);
});

t.test('several sources of a cell: the age of the stalest, the severest policy of those that are stale', async (t) => {
  const old = fact(0, 90_000);
  t.strictSame(cellOf(old, fact(0, 61_000, { onStale: 'warn' })), { seconds: 90, warned: true, refused: false });
  t.strictSame(cellOf(old, fact(0, 61_000, { onStale: 'refuse' })), { seconds: 90, warned: false, refused: true });
  t.strictSame(cellOf(old, fact(0, 1_000, { onStale: 'refuse' })), { ...fresh, seconds: 90 }, 'a fresh one refuses nothing');
  t.equal(stalenessCells([old, fact(1, 61_000)], 1_000_000).size, 2);
});

t.test('every age fits its cell and comes back', async (t) => {
  for (const seconds of [0, 1, 2, 59, 86_400, 0x3fff_ffff]) {
    for (const policy of ['serve', 'warn', 'refuse'] as const) {
      const cell = stalenessCell(seconds, policy);
      t.equal(cell, cell | 0, 'an Int32');
      t.equal(staleSecondsOf(cell), seconds);
      t.equal(isRefused(cell), policy === 'refuse' && seconds > 0);
      t.equal(isWarned(cell), policy === 'warn' && seconds > 0);
    }
  }
  t.equal(staleSecondsOf(stalenessCell(1e12, 'warn')), 0x3fff_ffff);
});
