// The way from a signal to the exit of a real process, phase by phase.
import t from 'tap';
import type { FromServer } from '../../fixtures/cluster/fixtureServer.ts';
import { ask, open } from '../../fixtures/cluster/loadClient.ts';
import { startServer } from '../../fixtures/cluster/serverProcess.ts';

const isListenerClosed = (message: FromServer): message is Extract<FromServer, { kind: 'drain' }> =>
  message.kind === 'drain' && message.report.kind === 'listenerClosed';

t.test('an idle connection that sends its first request after the listener was closed is answered, with Connection: close', async (t) => {
  const server = startServer(t, { drain: { propagationDelayMs: 50, spreadMs: 0, timeoutMs: 10_000, idleMs: 3_000 } });
  const port = await server.listening();
  const silent = await open(port);
  const usedBefore = await open(port);
  t.equal((await ask(usedBefore, '/')).close, false);
  server.child.kill('SIGTERM');
  await server.waitFor(isListenerClosed);
  await t.rejects(open(port), { message: 'ECONNREFUSED' });
  await new Promise((resolve) => setTimeout(resolve, 200));
  for (const connection of [silent, usedBefore]) {
    const answer = await ask(connection, '/');
    t.equal(answer.status, 200);
    t.equal(answer.close, true);
  }
  t.strictSame(await server.exited, { code: 0, signal: null });
});

t.test('idle connections hold the end up for their time only, and a request in flight for as long as the time-out allows', async (t) => {
  const server = startServer(t, { drain: { propagationDelayMs: 20, spreadMs: 0, timeoutMs: 10_000, idleMs: 300, lingerMs: 50 } });
  const port = await server.listening();
  const idle = await open(port);
  const busy = await open(port);
  const answer = ask(busy, '/slow/1200');
  await new Promise((resolve) => setTimeout(resolve, 50));
  const beganAtMs = Date.now();
  server.child.kill('SIGTERM');
  t.equal((await answer).status, 200);
  t.strictSame(await server.exited, { code: 0, signal: null });
  const tookMs = Date.now() - beganAtMs;
  t.ok(tookMs > 1_000 && tookMs < 3_000, `${tookMs} ms`);
  t.equal(idle.closed, true);
});

t.test('a request that outlives the time-out is cut, counted, and the exit is still 0', async (t) => {
  const server = startServer(t, { drain: { propagationDelayMs: 20, spreadMs: 0, timeoutMs: 1_500, idleMs: 0 } });
  const busy = await open(await server.listening());
  const answer = t.rejects(ask(busy, '/slow/60000'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  server.child.kill('SIGTERM');
  await answer;
  t.strictSame(await server.exited, { code: 0, signal: null }, server.stderr);
  const cut = server.messages.reduce(
    (sum, message) => (message.kind === 'worker' && message.report.kind === 'finished' ? sum + message.report.requestsCut : sum),
    0,
  );
  t.equal(cut, 1);
  // The plane's timer for that answer still ran: such a thread is ended all the same, and named.
  t.ok(server.messages.some((message) => message.kind === 'worker' && message.report.kind === 'handlesLeft'));
});

t.test('a second signal ends the process at once', async (t) => {
  const server = startServer(t, { drain: { propagationDelayMs: 8_000, spreadMs: 0, timeoutMs: 20_000, idleMs: 5_000 } });
  const port = await server.listening();
  await open(port);
  const beganAtMs = Date.now();
  server.child.kill('SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 100));
  server.child.kill('SIGINT');
  t.strictSame(await server.exited, { code: 0, signal: null }, server.stderr);
  t.ok(Date.now() - beganAtMs < 2_000, `${Date.now() - beganAtMs} ms`);
});

t.test('subscribers are asked to leave, and the drain goes on when the last has left', async (t) => {
  const server = startServer(t, {
    plane: { failBuild: false, epochDelayMs: 0, subscribers: 3 },
    drain: { propagationDelayMs: 100, spreadMs: 1_000, timeoutMs: 10_000, idleMs: 0, lingerMs: 50 },
  });
  await server.listening();
  const readiness = (await server.status()).readiness;
  t.equal(readiness, 'ready');
  // The gauges come with the heartbeats.
  await new Promise((resolve) => setTimeout(resolve, 200));
  server.child.kill('SIGTERM');
  t.strictSame(await server.exited, { code: 0, signal: null });
  const phases = server.messages.flatMap((message) =>
    message.kind === 'drain' && message.report.kind === 'phase' ? [[message.report.phase, message.atMs] as const] : [],
  );
  t.strictSame(
    phases.map(([phase]) => phase),
    ['running', 'lameDuck', 'spreading', 'finishing', 'lingering', 'exited'],
  );
  const spreadMs = phases[3]![1] - phases[2]![1];
  t.ok(spreadMs > 400 && spreadMs < 950, `${spreadMs} ms`);
});

t.test('SIGTERM during start-up exits 0, whenever it comes', async (t) => {
  for (const afterMs of [0, 20, 60, 120, 200]) {
    const server = startServer(t, { startDelayMs: 100 });
    await server.waitFor((message) => message.kind === 'booting');
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    server.child.kill('SIGTERM');
    const exit = await server.exited;
    t.strictSame(exit, { code: 0, signal: null }, `after ${afterMs} ms: ${server.stderr}`);
  }
});
