// Misses are asked for once, bounded, and answered once.
import t from 'tap';
import type { EntryRequest } from '../../../src/model/request.ts';
import { MissTable } from '../../../src/serving/missTable.ts';
import type { Waiter } from '../../../src/serving/waiter.ts';
import { compiledEntry } from '../../fixtures/compiledEntry.ts';

const entry = (key: string): EntryRequest => compiledEntry({ key, body: '' }).entry;

function waiter(sinceMs: number): Waiter {
  return { sinceMs, answer: () => null, refuse: () => undefined };
}

t.test('requests for the same entry share one question', async (t) => {
  const table = new MissTable(10);
  t.same(table.add(entry('/a/b'), waiter(1)), { kind: 'ask', missId: 1 });
  t.same(table.add(entry('/a/b'), waiter(2)), { kind: 'asked' });
  t.same(table.add({ ...entry('/a/b'), encoding: 'gzip' }, waiter(2)), { kind: 'ask', missId: 2 }, 'another encoding is another entry');
  t.equal(table.waiters, 3);
  t.equal(table.take(1)?.waiters.length, 2);
  t.equal(table.take(1), null, 'answered once');
  t.equal(table.waiters, 1);
  t.same(table.add(entry('/a/b'), waiter(3)), { kind: 'ask', missId: 3 }, 'and asked anew afterwards');
});

t.test('at the limit a request is refused and nothing is kept of it', async (t) => {
  const table = new MissTable(2);
  table.add(entry('/a/b'), waiter(1));
  table.add(entry('/a/b'), waiter(1));
  t.same(table.add(entry('/a/b'), waiter(1)), { kind: 'full' });
  t.same(table.add(entry('/c/d'), waiter(1)), { kind: 'full' });
  t.equal(table.waiters, 2);
});

t.test('what waits for too long is taken out, the rest stays', async (t) => {
  const table = new MissTable(10);
  table.add(entry('/a/b'), waiter(100));
  table.add(entry('/c/d'), waiter(200));
  t.same(
    table.olderThan(150).map((miss) => miss.entry.key),
    ['/a/b'],
  );
  t.equal(table.waiters, 1);
  t.same(table.olderThan(150), []);
});
