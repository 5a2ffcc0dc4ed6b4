// SIGTERM of the real server under load, and while answers are being computed. Fifty random moments: bench/soak/drain.ts.
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { configuration, health, logged } from '../../fixtures/lifecycle/questions.ts';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';
import { drainUnderLoad } from '../../fixtures/lifecycle/serverLoad.ts';
import { HttpWire } from '../../fixtures/httpWire.ts';
import { startServer } from '../../fixtures/server.ts';
import { testGitLife } from './gitLife.ts';

t.setTimeout(120_000);

t.test('SIGTERM under keep-alive and new-connection load loses no answer and ends with 0 within its time', async (t) => {
  for (const afterMs of [0, 25, 70, 140, 260, 420]) {
    const run = await drainUnderLoad(afterMs);
    t.strictSame(run.verdict.lost, [], `signal after ${afterMs} ms: ${run.answered} answers, ${run.verdict.queued} in the kernel's queue`);
    t.strictSame(run.statuses, [200]);
    t.equal(run.verdict.refused, 12, 'every client went on until it was refused');
    t.strictSame(run.exit, { code: 0, signal: null }, run.output);
    t.ok(run.tookMs < 15_000, `${run.tookMs} ms`);
    t.ok(run.answered > 0);
  }
});

testGitLife('an answer that is being computed when the signal comes is finished', async (test, { fixture, network, start }) => {
  fixture.push({ 'application.yml': 'v: 1\n' });
  // A repository by application: the first request for one waits for its first fetch.
  const uri = `http://127.0.0.1:${network.port}/{application}.git`;
  const server = await start({ uri }, { waitUntilReady: false });
  await eventually(
    'ready',
    () => health(server, '/health/ready'),
    ({ httpStatus }) => httpStatus === 200,
  );
  network.slowDown(1_200);
  const answer = configuration(server, '/origin/default');
  await delay(300);
  server.child.kill('SIGTERM');
  test.match(await answer, { status: 200, value: 1 });
  test.strictSame(await server.exited, { code: 0, signal: null }, server.output);
  test.strictSame(logged(server, 'a worker had to cut something'), []);
});

t.test('during the lame duck readiness is off, reads are answered with Connection: close, and workers are not replaced', async (t) => {
  const server = await startServer(t, { files: { 'application.yml': 'v: 1\n' }, settings: { server: { drain: { propagationDelay: '1500ms' } } } });
  server.child.kill('SIGTERM');
  await eventually(
    'lame duck',
    () => health(server, '/health/ready'),
    ({ httpStatus }) => httpStatus === 503,
  );
  t.match(await health(server, '/health/ready'), { checks: [{ kind: 'process', status: 'failing', details: { phase: 'lameDuck' } }] });
  t.equal((await health(server, '/health/live')).httpStatus, 200);
  const wire = await HttpWire.open(server.port);
  wire.send('GET /app/default HTTP/1.1\r\nhost: test\r\n\r\n');
  t.match(await wire.answer(), { status: 200, headers: { connection: 'close' } });
  await wire.ended();
  t.equal((await server.manage('POST', '/vortex/v1/workers/restart')).status, 503);
  t.strictSame(await server.exited, { code: 0, signal: null }, server.output);
});
