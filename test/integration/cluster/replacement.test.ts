// Worker threads replaced while they serve. 100,000 requests: test/soak/replacementSoak.ts.
import t from 'tap';
import { ask, open } from '../../fixtures/cluster/loadClient.ts';
import { reported, who } from '../../fixtures/cluster/observations.ts';
import { replaceUnderLoad } from '../../fixtures/cluster/scenarios.ts';
import { startServer } from '../../fixtures/cluster/serverProcess.ts';

t.setTimeout(120_000);

t.test('workers replaced every half second under new-connection load: none of 20,000 requests fails', async (t) => {
  const run = await replaceUnderLoad(20_000, 500);
  t.strictSame(run.result.failures, [], run.stderr);
  t.strictSame(run.errors, []);
  t.strictSame([...run.result.statuses.keys()], [200]);
  t.ok(run.result.answered >= 20_000);
  t.ok(run.replaced >= 2, `${run.replaced} replacements`);
});

t.test('a replacement gets connections only when it serves from the published epoch', async (t) => {
  const server = startServer(t, {
    workers: 1,
    epoch: 7,
    supervision: { replaceFinishMs: 1_000 },
    plane: { failBuild: false, epochDelayMs: 300, subscribers: 0 },
  });
  const port = await server.listening();
  const before = await who(await open(port));
  t.equal(before.epoch, 7);
  const idle = await open(port);
  await ask(idle, '/');
  const replaced = server.replace(0);
  await new Promise((resolve) => setTimeout(resolve, 150));
  t.equal((await who(await open(port))).threadId, before.threadId, 'the old one until then');
  t.equal(await replaced, null);
  const after = await who(await open(port));
  t.not(after.threadId, before.threadId);
  t.equal(after.epoch, 7);
  const last = await ask(idle, '/');
  t.equal(last.status, 200);
  t.equal(last.close, true, 'the old thread answers its idle connections and sends them away');
  await server.waitFor(reported('finished'));
});
