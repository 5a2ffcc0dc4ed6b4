// Ten thousand entries change at once under load: no request fails, and every answer is of one epoch. Times: bench/soak/switch.ts.
import t from 'tap';
import { switchUnderLoad } from '../../fixtures/lifecycle/epochSwitchRun.ts';

t.setTimeout(120_000);

t.test('a switch of 10,000 entries fails no request, mixes no answer, goes back on no connection and causes no miss', async (t) => {
  const run = await switchUnderLoad({ entries: 10_000, switches: 2, pauseMs: 2, steadyMs: 200 });
  t.strictSame(run.failed, []);
  t.strictSame(run.mixed, []);
  t.equal(run.misses, 0);
  t.ok(run.reads > 200, `${run.reads} reads`);
  t.ok(run.switching.length > 0);
});
