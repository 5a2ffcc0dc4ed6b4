// Some random schedules; a thousand: npm run soak:push.
import t from 'tap';
import { runSchedules } from './randomSchedules.ts';

t.setTimeout(180_000);

t.test('whatever happens, every subscriber ends with the content of the server', async (t) => {
  const { problems, changes, replacements, frames } = await runSchedules(25, 3);
  t.same(problems, []);
  t.ok(changes > 25 && replacements > 0 && (frames['change'] ?? 0) > 0, JSON.stringify({ changes, replacements, frames }));
});
