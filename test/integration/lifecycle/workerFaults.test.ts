// A serving thread of the real server that throws or hangs: what clients, health and metrics see of it.
import t from 'tap';
import { configuration, failing, health, logged, metric } from '../../fixtures/lifecycle/questions.ts';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';
import { startFaultyServer } from '../../fixtures/lifecycle/faultyServer.ts';
import { LoadClient } from '../../fixtures/cluster/loadClient.ts';
import { HttpWire } from '../../fixtures/httpWire.ts';

t.setTimeout(120_000);

const request = 'GET /app/default HTTP/1.1\r\nhost: test\r\n\r\n';
const files = { 'application.yml': 'v: 1\n' };

for (const [fault, message] of [
  ['throw', 'thrown by the test in a serving thread'],
  ['reject', 'rejected by the test in a serving thread'],
] as const) {
  t.test(`${fault}: the worker is replaced, connections of the other one go on, no count is lost`, async (t) => {
    const { server, fault: cause } = await startFaultyServer(t, { files, settings: { server: { workers: 2 } } });
    await configuration(server, '/app/default');
    // The acceptor goes round: half of these belong to the worker that fails.
    const wires = await Promise.all(Array.from({ length: 6 }, () => HttpWire.open(server.port)));
    for (const wire of wires) {
      wire.send(request);
      t.equal((await wire.answer()).status, 200);
    }
    const answered = { path: '/{name}/{profiles}', status: '200' };
    const before = await metric(server, 'http_requests_total', answered);
    t.equal(before, 7);
    const load = new LoadClient({ port: server.port, path: '/app/default', keepAlive: 0, newConnection: 2, pauseMs: 1, requestsMax: Infinity });
    const running = load.run();
    cause(fault, 0);
    await eventually(
      'the report',
      () => logged(server, 'a worker caught an exception and ends'),
      (lines) => lines.length === 1,
    );
    t.match(logged(server, 'a worker caught an exception and ends'), [{ level: 'error', worker: 0, error: { message, stack: /workerFault/ } }]);
    await eventually(
      'the new thread',
      () => metric(server, 'vortex_worker_restarts_total', { worker: '0' }),
      (restarts) => restarts === 1,
    );
    await eventually(
      'health',
      () => health(server),
      ({ httpStatus }) => httpStatus === 200,
    );
    await eventually(
      'the end of the old connections',
      () => wires.filter(({ closed }) => closed).length,
      (closed) => closed === 3,
    );
    let stillAnswered = 0;
    for (const wire of wires.filter(({ closed }) => !closed)) {
      wire.send(request);
      t.equal((await wire.answer()).status, 200, 'the other worker has noticed nothing');
      stillAnswered += 1;
      wire.destroy();
    }
    t.equal(stillAnswered, 3);
    load.stop();
    const result = await running;
    t.strictSame(result.failures, []);
    t.strictSame([...result.statuses.keys()], [200]);
    t.equal(
      await metric(server, 'http_requests_total', answered),
      before + stillAnswered + result.answered,
      'every answer is counted, those of the dead thread too',
    );
    t.strictSame(await server.stop(), { code: 0, signal: null }, server.output);
  });
}

t.test('a worker that fails again and again is started with growing delays; the other one serves meanwhile', async (t) => {
  const { server, fault } = await startFaultyServer(t, { files, settings: { server: { workers: 2 } } });
  for (let times = 1; times <= 3; times += 1) {
    fault('throw', 0);
    await eventually(
      `crash ${times}`,
      () => logged(server, 'a worker caught an exception and ends'),
      (lines) => lines.length === times,
    );
    t.match(await configuration(server, '/app/default'), { status: 200, value: 1 });
    await eventually(
      'health',
      () => health(server),
      ({ httpStatus }) => httpStatus === 200,
    );
  }
  const delays = logged(server, 'a worker is started again').map(({ restartInMs }) => Number(restartInMs));
  t.equal(delays.length, 3);
  t.ok(delays[0]! < delays[1]! && delays[1]! < delays[2]!, delays.join(' '));
});

t.test('a worker that stops its heartbeat: health says so, the other one serves, then the process ends with an error', async (t) => {
  const { server, fault } = await startFaultyServer(t, { files, settings: { server: { workers: 2, heartbeat: { timeout: '2s', exitAfter: '5s' } } } });
  t.match(await configuration(server, '/app/default'), { status: 200, value: 1 });
  fault('hang', 1);
  const body = await eventually(
    'the report',
    () => health(server),
    ({ httpStatus }) => httpStatus === 503,
  );
  t.match(failing(body), [{ name: 'worker-1', details: { hung: true } }]);
  t.equal((await health(server, '/health/ready')).httpStatus, 503);
  t.equal((await health(server, '/health/live')).httpStatus, 200, 'the process ends by itself: no need to be killed');
  for (let connection = 0; connection < 4; connection += 1)
    t.match(await configuration(server, '/app/default'), { status: 200, value: 1 }, 'the hung worker gets no new connections');
  const exit = await server.exited;
  // A thread that hangs can only be killed with the whole process, and then there is no exit code to give.
  t.strictSame(exit, { code: null, signal: 'SIGKILL' }, server.output);
  t.match(logged(server, 'a worker stopped its heartbeat'), [{ level: 'fatal', code: 'WORKER_HUNG', worker: 1, silentMs: Number }]);
  t.match(logged(server, 'the drain passed its time-out'), [{ level: 'fatal', exitCode: 70 }]);
});
