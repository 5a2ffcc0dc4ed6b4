// What stands before a server in production, for tests: one origin that serves a page and hands everything else on, WebSockets too.
import { readFileSync } from 'node:fs';
import { createServer, request, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';

/** Built from src/client, as the package exports it. */
const clientFolder = new URL('../../../src/client/', import.meta.url);

/** Resolves with the origin. The page is at /page.html, the client at /client/connect.js. */
export async function startIngress(t: Test, serverPort: number, page: string): Promise<string> {
  const sockets = new Set<Socket>();
  const ingress = createServer((asked, answer) => {
    const path = asked.url ?? '/';
    const client = /^\/client\/(\w+\.js)$/.exec(path)?.[1];
    if (path === '/page.html') {
      answer.setHeader('content-type', 'text/html').end(page);
    } else if (client !== undefined) {
      answer.setHeader('content-type', 'text/javascript').end(readFileSync(fileURLToPath(new URL(client, clientFolder))));
    } else {
      const onward = request({ port: serverPort, host: '127.0.0.1', path, method: asked.method, headers: asked.headers }, (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.on('error', () => answer.destroy()).pipe(answer);
      });
      onward.on('error', () => answer.destroy());
      answer.on('close', () => onward.destroy());
      asked.pipe(onward);
    }
  });
  ingress.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  ingress.on('upgrade', (asked: IncomingMessage, socket: Socket) => {
    const onward = connect(serverPort, '127.0.0.1', () => {
      const lines = asked.rawHeaders.flatMap((name, index, all) => (index % 2 === 0 ? [`${name}: ${all[index + 1]}`] : []));
      onward.write(`${asked.method} ${asked.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      socket.pipe(onward).pipe(socket);
    });
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => ingress.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    ingress.close();
  });
  return `http://127.0.0.1:${(ingress.address() as AddressInfo).port}`;
}
