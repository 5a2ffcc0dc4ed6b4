// The HTTP server of the management port: node:http in the primary, with limits on everything that a client sends.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { assert } from '../../base/assert.ts';
import { Failure } from '../../model/failure.ts';
import { methodIndex, type LaneWriter } from '../../telemetry/lane.hot.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { pathValues } from '../../telemetry/metricCatalogue.ts';
import { requestTrace } from '../../telemetry/requestTrace.ts';
import { errorAnswer, type ManagementAnswer, ManagementRoutes, type ManagementActions, type ManagementRoute } from './managementRoutes.ts';

export interface ManagementServerOptions {
  /** management.host, management.port; port 0 lets the system choose. */
  readonly host: string;
  readonly port: number;
  /** server.limits.headerBytesMax */
  readonly headerBytesMax: number;
  /** config.validateProfiles */
  readonly validateProfiles: boolean;
  /** monitor.path */
  readonly webhookPrefix: string;
  readonly log: Logger;
  /** Of the primary: probes and scrapes on this port are counted as those on the API port. */
  readonly lane: LaneWriter;
}

const connectionsMax = 512;
/** Headers, and the whole request. */
const requestTimeoutMs = 10_000;
/** A client that neither reads nor writes. */
const idleTimeoutMs = 30_000;
/** Longer than the interval of most scrapers, so that they keep their connection. */
const keepAliveTimeoutMs = 75_000;
const timeoutsLookMs = 1_000;

export class ManagementServer {
  private readonly options: ManagementServerOptions;
  private readonly routes: ManagementRoutes;
  private readonly server: Server;
  private closing = false;

  constructor(options: ManagementServerOptions, actions: ManagementActions) {
    this.options = options;
    this.routes = new ManagementRoutes(actions, options.validateProfiles, `${options.webhookPrefix}/monitor`);
    this.server = createServer(
      {
        maxHeaderSize: options.headerBytesMax,
        headersTimeout: requestTimeoutMs,
        requestTimeout: requestTimeoutMs,
        keepAliveTimeout: keepAliveTimeoutMs,
        connectionsCheckingInterval: timeoutsLookMs,
      },
      (request, response) => void this.handle(request, response),
    );
    this.server.maxConnections = connectionsMax;
    this.server.setTimeout(idleTimeoutMs);
    this.server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => this.refuseUnreadable(error, socket));
  }

  /** The port that it listens on. Failures: PORT_IN_USE, ADDRESS_UNUSABLE. */
  async listen(): Promise<number> {
    const { host, port } = this.options;
    await new Promise<void>((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException): void => reject(listenFailure(error, host, port));
      this.server.once('error', failed);
      this.server.listen({ host, port }, () => {
        this.server.off('error', failed);
        // Accepting can fail later (no descriptor left); the API must not end because of it.
        this.server.on('error', (error) => this.options.log.error('the management port cannot accept a connection', { error }));
        resolve();
      });
    });
    const address = this.server.address();
    assert(address !== null && typeof address === 'object', 'listens on a port');
    return (address satisfies AddressInfo).port;
  }

  /** Stops accepting, answers what has come in, and cuts what is left after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.closing = true;
    if (!this.server.listening) return;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeIdleConnections();
    const cut = setTimeout(() => this.server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(cut);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedMs = performance.now();
    const { method = '', url: target = '' } = request;
    const route = this.routes.find(target);
    const header = (name: string): string => headerOf(request, name);
    const readBody = (bytesMax: number): Promise<Buffer | null> => bodyOf(request, bytesMax);
    try {
      const answer = await this.routes.answer(route, { method, target, header, readBody });
      this.send(request, response, answer);
      this.count(route, method, answer.status, startedMs);
    } catch (error) {
      if (request.socket.destroyed) return;
      const trace = requestTrace(headerOf(request, 'x-request-id'), headerOf(request, 'traceparent'));
      this.options.log.error('a management request failed', { method, target, ...trace, error });
      this.send(request, response, errorAnswer('INTERNAL', target));
      this.count(route, method, 500, startedMs);
    }
  }

  private send(request: IncomingMessage, response: ServerResponse, answer: ManagementAnswer): void {
    const { status, contentType, body, allow, headers = [] } = answer;
    response.statusCode = status;
    if (body !== '') response.setHeader('content-type', contentType);
    response.setHeader('content-length', Buffer.byteLength(body));
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-content-type-options', 'nosniff');
    for (const [name, value] of headers) response.setHeader(name, value);
    if (allow !== null) response.setHeader('allow', allow);
    // What is left of a body is not waited for.
    if (this.closing || (hasBody(request) && !request.complete)) response.setHeader('connection', 'close');
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  private count(route: ManagementRoute, method: string, status: number, startedMs: number): void {
    const path = pathValues.indexOf(route.path);
    this.options.lane.incrementRequest(path, methodIndex(method), status);
    this.options.lane.observeDuration(path, (performance.now() - startedMs) / 1_000);
  }

  /** No HTTP, too large, or too slow: there is no request to answer, only a socket. */
  private refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const code = error.code === 'HPE_HEADER_OVERFLOW' ? 'HEADERS_TOO_LARGE' : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'REQUEST_TIMEOUT' : 'REQUEST_INVALID';
    const { status, contentType, body } = errorAnswer(code, '');
    const head = [
      `HTTP/1.1 ${status} ${JSON.parse(body).error}`,
      `content-type: ${contentType}`,
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
    this.options.lane.incrementRequest(pathValues.indexOf('unmatched'), methodIndex(''), status);
  }
}

/** null when it is longer than `bytesMax`, the rest is then not read. Rejects when the client goes away. */
async function bodyOf(request: IncomingMessage, bytesMax: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const buffer = chunk as Buffer;
    bytes += buffer.length;
    if (bytes > bytesMax) return null;
    chunks.push(buffer);
  }
  return Buffer.concat(chunks);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function headerOf(request: IncomingMessage, name: string): string {
  return request.headersDistinct[name]?.[0] ?? '';
}

function listenFailure(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new Failure('PORT_IN_USE', `management port ${port} of ${host} is in use`, { cause: error });
    case 'EACCES':
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new Failure('ADDRESS_UNUSABLE', `management address ${host}:${port} cannot be listened on: ${error.code}`, { cause: error });
    default:
      return error;
  }
}
