// The way from one content to another, as far as it is remembered.
import t from 'tap';
import { PushHistory } from '../../../../src/core/push/pushHistory.ts';
import type { EntryChange } from '../../../../src/model/push.ts';

function step(from: number, to: number, key = '/a/b'): EntryChange {
  const version = (n: number): EntryChange['from'] => ({ hash: `h${n}`, revision: `r${n}` });
  return { key, from: version(from), to: version(to), changes: [['"n"', String(from), String(to)]], source: 'git' };
}

function historyOf(...steps: readonly EntryChange[]): PushHistory {
  const history = new PushHistory({ perEntry: 3, keysMax: 100 });
  for (const each of steps) history.add(each);
  return history;
}

t.test('several steps are one change', async (t) => {
  const history = historyOf(step(1, 2), step(2, 3));
  t.match(history.between('/a/b', 'h1', 'h3'), { from: { hash: 'h1', revision: 'r1' }, to: { hash: 'h3', revision: 'r3' }, changes: [['"n"', '1', '3']] });
  t.match(history.between('/a/b', 'h2', 'h3'), { changes: [['"n"', '2', '3']] });
  t.equal(history.between('/a/b', 'h3', 'h1'), null, 'there is no way back');
  t.equal(history.between('/a/b', 'h0', 'h3'), null);
  t.equal(history.between('/other/b', 'h1', 'h3'), null);
  t.same([history.hashAt('/a/b', 'r1'), history.hashAt('/a/b', 'r3'), history.hashAt('/a/b', 'r9')], ['h1', 'h3', null]);
});

t.test('content that comes back', async (t) => {
  const history = historyOf(step(1, 2), step(2, 1), step(1, 3));
  t.match(history.between('/a/b', 'h1', 'h3'), { changes: [['"n"', '1', '3']] }, 'the newest way');
  t.match(history.between('/a/b', 'h2', 'h3'), { changes: [['"n"', '2', '3']] });
});

t.test('what is old, does not follow or is too much is forgotten', async (t) => {
  const old = historyOf(step(1, 2), step(2, 3), step(3, 4), step(4, 5));
  t.equal(old.between('/a/b', 'h1', 'h5'), null);
  t.ok(old.between('/a/b', 'h2', 'h5'));
  const gap = historyOf(step(1, 2), step(7, 8));
  t.equal(gap.between('/a/b', 'h1', 'h2'), null, 'an epoch was made without the entry');
  t.ok(gap.between('/a/b', 'h7', 'h8'));
  const small = new PushHistory({ perEntry: 3, keysMax: 4 });
  for (const key of ['/a/b', '/c/d', '/e/f']) small.add(step(1, 2, key));
  t.equal(small.between('/a/b', 'h1', 'h2'), null, 'the one that changed longest ago');
  t.same(
    small.all().map(({ key }) => key),
    ['/c/d', '/e/f'],
  );
});
