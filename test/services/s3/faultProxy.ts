// Stands before the S3 server: counts requests, and injects the faults of networks and of S3.
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * - slowDown, serverError: 503 and 500 as S3 sends them. denied: the access key is unknown.
 * - stall: no answer. truncate: the connection ends within a body. slow: a byte now and then. login: a page of HTML with status 200.
 */
export type Fault = 'none' | 'slowDown' | 'serverError' | 'denied' | 'stall' | 'truncate' | 'slow' | 'login' | 'refuse';

const xmlFaults: Partial<Record<Fault, { readonly status: number; readonly code: string }>> = {
  slowDown: { status: 503, code: 'SlowDown' },
  serverError: { status: 500, code: 'InternalError' },
  denied: { status: 403, code: 'InvalidAccessKeyId' },
};

export class FaultProxy {
  /** Requests since the last `reset`, by kind: a list is a GET of the bucket itself. */
  lists = 0;
  reads = 0;
  /** That signed requests. */
  readonly accessKeys = new Set<string>();
  /** Called before a read is passed on. */
  beforeRead: (key: string) => Promise<void> = async () => undefined;
  private fault: Fault = 'none';
  /** Requests that the fault is for; Infinity for all. */
  private faultsLeft = 0;
  private kind: 'all' | 'reads' = 'all';
  private readonly server: Server;
  private readonly targetPort: number;

  private constructor(targetPort: number) {
    this.targetPort = targetPort;
    this.server = createServer((incoming, outgoing) => void this.handle(incoming, outgoing));
  }

  static async start(targetPort: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(targetPort);
    await new Promise<void>((done) => proxy.server.listen(0, '127.0.0.1', done));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  setFault(fault: Fault, count = Infinity, kind: 'all' | 'reads' = 'all'): void {
    this.fault = fault;
    this.faultsLeft = count;
    this.kind = kind;
  }

  reset(): void {
    this.lists = 0;
    this.reads = 0;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private async handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', 'http://s3');
    this.accessKeys.add(/Credential=([^/]+)/.exec(incoming.headers.authorization ?? '')?.[1] ?? '');
    const isList = url.searchParams.has('list-type');
    if (isList) this.lists += 1;
    else this.reads += 1;
    if (!isList) await this.beforeRead(decodeURIComponent(url.pathname.split('/').slice(2).join('/')));
    const fault = this.takeFault(isList);
    const xml = xmlFaults[fault];
    if (xml !== undefined) {
      outgoing.writeHead(xml.status, { 'content-type': 'application/xml' });
      outgoing.end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${xml.code}</Code><Message>injected</Message></Error>`);
    } else if (fault === 'login') {
      outgoing.writeHead(200, { 'content-type': 'text/html' });
      outgoing.end('<html><body>Please log in</body></html>');
    } else if (fault === 'refuse') {
      incoming.socket.destroy();
    } else if (fault !== 'stall') {
      this.pass(incoming, outgoing, fault);
    }
  }

  private takeFault(isList: boolean): Fault {
    if (this.faultsLeft <= 0 || (this.kind === 'reads' && isList)) return 'none';
    this.faultsLeft -= 1;
    return this.fault;
  }

  private pass(incoming: IncomingMessage, outgoing: ServerResponse, fault: Fault): void {
    const { method, url, headers } = incoming;
    const forwarded = request({ host: '127.0.0.1', port: this.targetPort, method, path: url, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const body = Buffer.concat(chunks);
        const { 'transfer-encoding': _encoding, ...rest } = answer.headers;
        outgoing.writeHead(answer.statusCode ?? 502, { ...rest, 'content-length': body.length });
        if (fault === 'truncate') outgoing.write(body.subarray(0, Math.floor(body.length / 2)), () => outgoing.destroy());
        else if (fault === 'slow') outgoing.write(body.subarray(0, 1));
        else outgoing.end(body);
      });
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  }
}
