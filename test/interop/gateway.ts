// A proxy between client and server that notes what the client sent and can refuse the first requests.
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Gateway {
  readonly port: number;
  readonly seen: readonly SeenRequest[];
  readonly close: () => Promise<void>;
}

/** The first `refusals` requests are answered 503 by the gateway itself. */
export async function startGateway(serverPort: number, refusals: number): Promise<Gateway> {
  const seen: SeenRequest[] = [];
  const gateway = createServer((request, response) => {
    seen.push({ target: request.url ?? '', headers: request.headers });
    if (seen.length <= refusals) {
      response.writeHead(503, { 'Content-Length': '0' }).end();
      return;
    }
    const forwarded = httpRequest({ host: '127.0.0.1', port: serverPort, method: request.method, path: request.url, headers: request.headers });
    forwarded.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.writeHead(502).end());
    request.pipe(forwarded);
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  return {
    port: (gateway.address() as AddressInfo).port,
    seen,
    close: () =>
      new Promise((resolve) => {
        gateway.close(() => resolve());
        gateway.closeAllConnections();
      }),
  };
}
