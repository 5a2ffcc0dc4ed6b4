// A Git server over smart HTTP for tests: `git http-backend` behind node:http as CGI, with basic authentication and faults.
import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** What the server does instead of answering properly. */
export type HttpFault = 'none' | 'hang' | 'serverError' | 'garbage' | 'truncatedPack' | 'hangInPack' | 'notFound' | 'endlessPack';

export interface GitHttpServer {
  /** Without a trailing slash; repositories are below it by their path under `root`. */
  readonly url: string;
  /** Requests that were seen, as `METHOD path?query`. */
  readonly requests: string[];
  /** Value of the Authorization header of the newest request. */
  lastAuthorization(): string | null;
  setFault(fault: HttpFault): void;
  close(): Promise<void>;
}

export interface GitHttpServerOptions {
  readonly root: string;
  readonly username?: string;
  readonly password?: string;
  readonly bearer?: string;
  /** What the server is told the client speaks, whatever it says: '' is version 0. */
  readonly protocol?: '' | 'version=1';
  /** PEM texts: the server speaks https then. */
  readonly certificate?: { readonly key: string; readonly cert: string };
  /** Sends a request for the advertisement on to another place, once. */
  readonly redirect?: (path: string) => string | null;
}

export async function startGitHttpServer(options: GitHttpServerOptions): Promise<GitHttpServer> {
  let fault: HttpFault = 'none';
  let authorization: string | null = null;
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(`${request.method} ${request.url}`);
    authorization = request.headers.authorization ?? null;
    if (!isAllowed(options, request)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end('who are you');
      return;
    }
    if (answerWithFault(fault, response)) return;
    const location = options.redirect?.(request.url ?? '/') ?? null;
    if (location !== null) response.writeHead(301, { location }).end();
    else runBackend(options, request, response, fault);
  };
  const server = options.certificate === undefined ? createServer(answer) : createSecureServer(options.certificate, answer);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `${options.certificate === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    lastAuthorization: () => authorization,
    setFault: (next) => {
      fault = next;
    },
    close: () => closeServer(server, sockets),
  };
}

function isAllowed(options: GitHttpServerOptions, request: IncomingMessage): boolean {
  const given = request.headers.authorization;
  if (options.bearer !== undefined) return given === `Bearer ${options.bearer}`;
  if (options.username === undefined) return true;
  const expected = Buffer.from(`${options.username}:${options.password ?? ''}`).toString('base64');
  return given === `Basic ${expected}`;
}

function answerWithFault(fault: HttpFault, response: ServerResponse): boolean {
  if (fault === 'hang') return true;
  if (fault === 'serverError') response.writeHead(503).end('try later');
  else if (fault === 'notFound') response.writeHead(404).end('no such repository');
  else if (fault === 'garbage') response.writeHead(200, { 'content-type': 'text/html' }).end('<html>login</html>');
  else return false;
  return true;
}

/** CGI: the head of the child's output are header lines, then the body. */
function runBackend({ root, protocol }: GitHttpServerOptions, request: IncomingMessage, response: ServerResponse, fault: HttpFault): void {
  const [path = '/', query = ''] = (request.url ?? '/').split('?');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method,
      PATH_INFO: decodeURIComponent(path),
      QUERY_STRING: query,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: protocol ?? String(request.headers['git-protocol'] ?? ''),
      REMOTE_USER: 'test',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(child.stdin);
  child.stdin.on('error', () => request.resume());
  response.on('close', () => child.kill());
  const isPack = request.method === 'POST' && path.endsWith('git-upload-pack');
  let head: Buffer | null = Buffer.alloc(0);
  let bodyBytes = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    let body = chunk;
    if (head !== null) {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      writeHead(response, head.toString('latin1', 0, end));
      body = head.subarray(end + 4);
      head = null;
    }
    bodyBytes += body.length;
    if (isPack && bodyBytes > 600 && fault === 'truncatedPack') response.end(body.subarray(0, Math.max(0, body.length - 200)));
    else if (isPack && fault === 'hangInPack') response.write(body.subarray(0, 100));
    else if (endless.has(response) || (fault === 'endlessPack' && body.includes('packfile\n'))) writeForEver(response);
    else if (!response.writableEnded) response.write(body);
  });
  child.stdout.on('end', () => {
    if ((isPack && fault === 'hangInPack') || endless.has(response)) return;
    response.end();
  });
}

/** A pack of protocol 2 that has no end: every line is as it should be. */
function writeForEver(response: ServerResponse): void {
  if (response.destroyed || endless.has(response)) return;
  endless.add(response);
  response.write(packLine(Buffer.from('packfile\n')));
  const line = packLine(Buffer.concat([Buffer.from([1]), Buffer.from('PACK\0\0\0\x02\x7f\xff\xff\xff', 'latin1'), Buffer.alloc(60_000)]));
  const timer = setInterval(() => {
    if (response.destroyed) clearInterval(timer);
    else if (response.writableLength < 1_000_000) response.write(line);
  }, 5);
  response.on('close', () => clearInterval(timer));
}

const endless = new WeakSet<ServerResponse>();

function packLine(content: Buffer): Buffer {
  return Buffer.concat([Buffer.from((content.length + 4).toString(16).padStart(4, '0')), content]);
}

function writeHead(response: ServerResponse, text: string): void {
  let status = 200;
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.writeHead(status);
}

async function closeServer(server: Server, sockets: Set<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of sockets) socket.destroy();
  await closed;
}
