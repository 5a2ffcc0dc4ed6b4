// Starts that cannot succeed: exit codes and messages.
import { createServer } from 'node:net';
import t from 'tap';
import { startServer } from '../../fixtures/cluster/serverProcess.ts';

t.test('a worker that cannot be built ends the start with its message and a non-zero exit code', async (t) => {
  const server = startServer(t, { plane: { failBuild: true, epochDelayMs: 0, subscribers: 0 } });
  const failed = await server.waitFor((message) => message.kind === 'startFailed');
  t.match(failed.message, /the plane cannot be built/);
  t.strictSame(await server.exited, { code: 70, signal: null }, server.stderr);
});

t.test('a port in use ends the start with PORT_IN_USE and exit code 73, also when a server like this one has it', async (t) => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  t.teardown(() => taken.close());
  const address = taken.address();
  const other = startServer(t);
  for (const port of [typeof address === 'object' && address !== null ? address.port : 0, await other.listening()]) {
    const server = startServer(t, { port });
    const failed = await server.waitFor((message) => message.kind === 'startFailed');
    t.equal(failed.code, 'PORT_IN_USE');
    t.match(failed.message, new RegExp(`127\\.0\\.0\\.1 port ${port}`));
    t.strictSame(await server.exited, { code: 73, signal: null }, server.stderr);
  }
});
