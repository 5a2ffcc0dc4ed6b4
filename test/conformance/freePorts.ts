// Ports for servers that tests start as processes of their own.
import { createServer } from 'node:net';

/** Two ports that nobody listened on a moment ago. */
export async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()];
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolvePort, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            resolvePort(typeof address === 'object' && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolveClose) => server.close(resolveClose))));
  return [ports[0] ?? 0, ports[1] ?? 0];
}
