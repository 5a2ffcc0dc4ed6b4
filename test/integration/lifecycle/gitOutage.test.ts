// A server and its Git remote: changes arrive without a read touching Git, and an outage is told, not felt.
import { configuration, failing, health, logged, metric } from '../../fixtures/lifecycle/questions.ts';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';
import { testGitLife } from './gitLife.ts';

testGitLife('a thousand reads, hot and cold, of known and unknown labels, cause no request to the Git server', async (test, { fixture, remote, start }) => {
  fixture.push({ 'application.yml': 'v: 1\n' });
  fixture.work.git('branch', 'other');
  fixture.pushAll();
  const server = await start({ pollInterval: '1h', maxStaleness: '2h' });
  await eventually(
    'the first poll',
    () => metric(server, 'vortex_source_polls_total', { result: 'ok' }),
    (polls) => polls >= 1,
  );
  const before = remote.requests.length;
  for (let round = 0; round < 50; round += 1) {
    const targets = ['/app/default', `/app-${round}/default`, '/app/default/other', '/app/default/main', `/app/default/none-${round}`];
    const statuses = await Promise.all([...targets, ...targets, ...targets, ...targets].map(async (target) => (await server.get(target)).status));
    test.strictSame(new Set(statuses), new Set([200, 404]));
  }
  test.equal(remote.requests.length - before, 0);
});

testGitLife('a push is served within the poll interval; an outage shows as age, never as an error; its end makes all fresh again', async (test, life) => {
  const { fixture, network, start } = life;
  const first = fixture.push({ 'application.yml': 'v: 1\n' });
  let server = await start();
  test.match(await configuration(server, '/app/default'), { status: 200, value: 1, revision: first, version: first, stale: null });
  const second = fixture.push({ 'application.yml': 'v: 2\n' });
  // Polled every second, give or take a tenth; the rest is for a busy machine.
  await eventually(
    'the pushed commit',
    () => configuration(server, '/app/default'),
    ({ value, revision }) => value === 2 && revision === second,
    5_000,
  );
  test.equal((await health(server)).httpStatus, 200);

  await network.off();
  await eventually(
    'staleness',
    () => configuration(server, '/app/default'),
    ({ stale }) => stale !== null && stale >= 2,
  );
  test.match(await configuration(server, '/app/default'), { status: 200, value: 2, revision: second });
  test.match(await configuration(server, '/never-asked/default'), { status: 200, value: 2, stale: Number });
  test.equal((await health(server, '/health/ready')).httpStatus, 200);
  test.equal((await health(server, '/health/live')).httpStatus, 200);
  const during = await health(server);
  test.match(during, { httpStatus: 503, status: 'degraded' });
  test.match(failing(during), [
    { kind: 'source', details: { state: 'stale', stale: true, lastError: { code: 'SOURCE_UNREACHABLE', message: /ECONNREFUSED/ } } },
  ]);
  test.equal(logged(server, 'a source cannot be read').length, 1, 'an outage is one line, not one per poll');
  test.ok((await metric(server, 'vortex_source_age_seconds')) >= 2);

  test.strictSame(await server.stop(), { code: 0, signal: null }, server.output);
  server = await start();
  const afterRestart = await configuration(server, '/app/default');
  test.match(afterRestart, { status: 200, value: 2, revision: second });
  test.match(await configuration(server, '/cold-after-restart/default'), { status: 200, value: 2 });
  await eventually(
    'staleness after the restart',
    () => configuration(server, '/app/default'),
    ({ stale }) => stale !== null && stale >= 2,
  );
  test.equal((await health(server, '/health/ready')).httpStatus, 200);

  const third = fixture.push({ 'application.yml': 'v: 3\n' });
  await network.on();
  await eventually(
    'the commit of the outage',
    () => configuration(server, '/app/default'),
    ({ value, stale }) => value === 3 && stale === null,
    10_000,
  );
  test.match(await configuration(server, '/cold-after-restart/default'), { value: 3, revision: third, stale: null });
  await eventually(
    'health',
    () => health(server),
    ({ httpStatus }) => httpStatus === 200,
  );
  test.equal(logged(server, 'a source can be read again').length, 1);
});

testGitLife(
  'with nothing on disk and the remote down the server starts, says why it is not ready, and becomes ready when the remote comes',
  async (test, life) => {
    const { fixture, network, start } = life;
    fixture.push({ 'application.yml': 'v: 1\n' });
    await network.off();
    const server = await start({}, { waitUntilReady: false });
    const waiting = await eventually(
      'the failed first fetch',
      () => health(server),
      (body) => JSON.stringify(body).includes('ECONNREFUSED'),
    );
    test.match(waiting, { httpStatus: 503, status: 'unavailable' });
    const snapshot = waiting.checks.find(({ kind }) => kind === 'snapshot');
    test.match(snapshot, {
      status: 'failing',
      details: { waitingFor: [{ state: 'failed', lastError: { code: 'SOURCE_UNREACHABLE', message: /ECONNREFUSED/ } }] },
    });
    test.equal((await health(server, '/health/ready')).httpStatus, 503);
    test.equal((await health(server, '/health/live')).httpStatus, 200);
    test.equal((await server.get('/health/ready')).status, 503, 'on the API port too');
    test.ok((await configuration(server, '/app/default')).status >= 400, 'no made-up configuration');
    await network.on();
    await eventually(
      'ready',
      () => health(server, '/health/ready'),
      ({ httpStatus }) => httpStatus === 200,
      10_000,
    );
    test.match(await configuration(server, '/app/default'), { status: 200, value: 1 }, 'the error was not kept');
    test.equal((await health(server)).httpStatus, 200);
  },
);
