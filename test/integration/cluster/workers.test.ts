// Worker threads that crash, hang or are busy, as their clients see it.
import t from 'tap';
import { ask, LoadClient, open, type Connection } from '../../fixtures/cluster/loadClient.ts';
import { reported, who } from '../../fixtures/cluster/observations.ts';
import { startServer } from '../../fixtures/cluster/serverProcess.ts';

t.setTimeout(120_000);

/** One connection to each of two workers: the acceptor goes round. */
async function onePerWorker(port: number): Promise<readonly [Connection, Connection]> {
  const [first, second] = [await open(port), await open(port)];
  return (await who(first)).worker === 0 ? [first, second] : [second, first];
}

for (const [path, what] of [
  ['/crash', 'an exception in a handler'],
  ['/reject', 'an unhandled rejection'],
] as const) {
  t.test(`${what} costs the process one worker: it is replaced, connections of the other one go on`, async (t) => {
    const server = startServer(t);
    const port = await server.listening();
    const [crashing, other] = await onePerWorker(port);
    const before = await who(other);
    const inFlight = ask(other, '/slow/400').catch((error: unknown) => ({ status: String(error) }));
    const asked = ask(crashing, path).catch((error: unknown) => error);
    const crash = await server.waitFor(reported('crashed'));
    t.equal(crash.report.worker, 0);
    t.match(crash.report.stack, /fixtureWorker/);
    t.equal((await inFlight).status, 200);
    t.strictSame(await who(other), before, 'the same thread, the same connection');
    await asked;
    await server.waitFor(reported('finished'));
    const deadlineMs = Date.now() + 5_000;
    let status = (await server.status()).status;
    while ((status.length > 2 || status.some((worker) => worker.phase !== 'serving')) && Date.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      status = (await server.status()).status;
    }
    t.strictSame(
      status.map(({ worker, thread, phase, restarts }) => ({ worker, thread, phase, restarts })),
      [
        { worker: 0, thread: 1, phase: 'serving', restarts: 1 },
        { worker: 1, thread: 0, phase: 'serving', restarts: 0 },
      ],
    );
    const workers = new Set<number>();
    for (let connection = 0; connection < 4; connection += 1) workers.add((await who(await open(port))).worker);
    t.strictSame(workers, new Set([0, 1]));
  });
}

t.test('while its only worker is down the server answers 503 with Retry-After instead of dropping connections', async (t) => {
  const server = startServer(t, { workers: 1, supervision: { restartDelayMinMs: 700 } });
  const port = await server.listening();
  const crashed = ask(await open(port), '/crash').catch(() => undefined);
  await server.waitFor(reported('restarting'));
  const alone = await ask(await open(port), '/');
  t.equal(alone.status, 503);
  t.equal(alone.close, true);
  t.equal((await server.status()).answeredAlone, 1);
  const load = new LoadClient({ port, path: '/', keepAlive: 0, newConnection: 1, pauseMs: 50, requestsMax: 40 });
  const result = await load.run();
  t.strictSame(result.failures, []);
  t.ok((result.statuses.get(200) ?? 0) > 10, 'and serves again after the restart');
  await crashed;
});

t.test('a worker that hangs is reported, gets no new connections, and ends the process with an error past the limit', async (t) => {
  const server = startServer(t, { supervision: { hungReportMs: 500, hungExitMs: 2_500 }, drain: { faultFinishMs: 200, forcedExitMs: 300 } });
  const port = await server.listening();
  const [hanging, other] = await onePerWorker(port);
  await ask(hanging, '/hang');
  const hung = await server.waitFor(reported('hung'));
  t.equal(hung.report.worker, 0);
  const status = (await server.status()).status;
  t.equal(status[0]?.hung, true);
  t.ok(status[0]!.heartbeatAgeMs >= 400, `${status[0]?.heartbeatAgeMs} ms`);
  t.equal(status[1]?.hung, false);
  t.equal((await ask(other, '/')).status, 200);
  for (let connection = 0; connection < 4; connection += 1) t.equal((await who(await open(port))).worker, 1);
  const exit = await server.exited;
  // No exit code can be given: a thread that hangs can only be killed with the whole process.
  t.strictSame(exit, { code: null, signal: 'SIGKILL' }, server.stderr);
});

t.test('a worker that is busy for a while is reported, then recovers and gets connections again', async (t) => {
  const server = startServer(t, { supervision: { hungReportMs: 400, hungExitMs: 20_000 } });
  const port = await server.listening();
  const [busy] = await onePerWorker(port);
  await ask(busy, '/busy/1200');
  await server.waitFor(reported('hung'));
  await server.waitFor(reported('recovered'));
  const workers = new Set<number>();
  for (let connection = 0; connection < 4; connection += 1) workers.add((await who(await open(port))).worker);
  t.strictSame(workers, new Set([0, 1]));
});

t.test('heartbeats and gauges arrive in the control block', async (t) => {
  const server = startServer(t, { workers: 1 });
  const port = await server.listening();
  const connections = [await open(port), await open(port)];
  await ask(connections[0]!, '/');
  const slow = ask(connections[1]!, '/slow/600');
  await ask(connections[0]!, '/busy/40');
  await new Promise((resolve) => setTimeout(resolve, 150));
  const [worker] = (await server.status()).status;
  t.equal(worker?.gauges.connectionsOpen, 2);
  t.equal(worker?.gauges.requestsInFlight, 1);
  t.ok(worker!.heartbeatAgeMs < 300, `${worker?.heartbeatAgeMs} ms`);
  t.ok(worker!.gauges.eventLoopUtilisation >= 0 && worker!.gauges.eventLoopUtilisation <= 1);
  await slow;
});
