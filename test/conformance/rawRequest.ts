// Sends one request exactly as given and collects the whole answer.
import { request as httpRequest } from 'node:http';

export interface Answer {
  readonly status: number;
  /** Names in lower case; a repeated header is joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface RawRequest {
  readonly method: string;
  /** Request target: sent without normalising or encoding. Blanks, control and non-ASCII characters are refused. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

const timeoutMs = 20_000;

export function sendRequest(port: number, request: RawRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const body = request.body === null ? null : Buffer.from(request.body);
    const client = httpRequest({
      host: '127.0.0.1',
      port,
      method: request.method,
      path: request.target,
      headers: { ...request.headers, ...(body === null ? {} : { 'Content-Length': String(body.length) }), Connection: 'close' },
      agent: false,
      timeout: timeoutMs,
    });
    client.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const headers = Object.entries(response.headersDistinct).map(([name, values]) => [name, (values ?? []).join(', ')]);
        resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(headers), body: Buffer.concat(parts) });
      });
    });
    client.on('timeout', () => client.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    client.on('error', reject);
    client.end(body ?? undefined);
  });
}
