// SIGTERM at ten moments of a load: no answer is lost. Fifty random moments: test/soak/drainSoak.ts.
import t from 'tap';
import { drainUnderLoad } from '../../fixtures/cluster/scenarios.ts';

// Ten processes, each with 200 ms of lame duck and 500 ms at the end.
t.setTimeout(120_000);

t.test('SIGTERM under keep-alive and new-connection load loses no answer and exits 0 within its time', async (t) => {
  const signalAfterMs = [0, 15, 40, 90, 120, 170, 230, 310, 400, 550];
  const paths = ['/', '/slow/30'];
  for (const [run, afterMs] of signalAfterMs.entries()) {
    const outcome = await drainUnderLoad(paths[run % 2]!, afterMs);
    t.strictSame(outcome.verdict.lost, [], `signal after ${afterMs} ms: ${outcome.answered} answers, ${outcome.verdict.queued} in the kernel's queue`);
    t.equal(outcome.verdict.refused, 12, 'every client went on until it was refused');
    t.strictSame(outcome.exit, { code: 0, signal: null }, outcome.stderr);
    t.ok(outcome.tookMs < 10_000, `${outcome.tookMs} ms`);
    t.ok(outcome.answered > 0);
  }
});
