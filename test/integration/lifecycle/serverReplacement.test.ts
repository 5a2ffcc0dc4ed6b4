// Workers of the real server replaced by the management port while it serves. 100,000 requests: bench/soak/replace.ts.
import t from 'tap';
import { configuration, health, metric } from '../../fixtures/lifecycle/questions.ts';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';
import { replaceUnderLoad } from '../../fixtures/lifecycle/serverLoad.ts';
import { startServer } from '../../fixtures/server.ts';

t.setTimeout(120_000);

t.test('all workers replaced every half second under new-connection load: none of 5,000 requests fails', async (t) => {
  const run = await replaceUnderLoad(5_000, 500);
  t.strictSame(run.result.failures, [], run.output);
  t.strictSame([...run.result.statuses.keys()], [200]);
  t.ok(run.result.answered >= 5_000);
  t.ok(run.replaced >= 2, `${run.replaced} replaced`);
});

t.test('a replaced worker serves what was hot, knows of changes, and no count is lost', async (t) => {
  const server = await startServer(t, { files: { 'application.yml': 'v: 1\n' }, settings: { server: { workers: 2 } } });
  for (const name of ['a', 'b', 'c']) t.match(await configuration(server, `/${name}/default`), { value: 1 });
  const counted = { path: '/{name}/{profiles}', status: '200' };
  t.equal(await metric(server, 'http_requests_total', counted), 3);
  const misses = await metric(server, 'cache_operations_total', { operation: 'lookup', result: 'miss' });
  const answers = await Promise.all([1, 2].map(() => server.manage('POST', '/vortex/v1/workers/restart')));
  for (const { status, body } of answers) t.strictSame([status, body.toString('utf8')], [200, '{"restarted":2}'], 'a second call joins the first');
  for (const name of ['a', 'b', 'c', 'a', 'b', 'c']) t.match(await configuration(server, `/${name}/default`), { value: 1 });
  t.equal(await metric(server, 'http_requests_total', counted), 9);
  t.equal(await metric(server, 'cache_operations_total', { operation: 'lookup', result: 'miss' }), misses, 'the new threads began with the hot set');
  t.equal(await metric(server, 'vortex_worker_restarts_total'), 0, 'a restart on request is no failure');
  server.write('application.yml', 'v: 2\n');
  await eventually(
    'the change',
    () => configuration(server, '/a/default'),
    ({ value }) => value === 2,
  );
  t.equal((await health(server)).httpStatus, 200);
});
