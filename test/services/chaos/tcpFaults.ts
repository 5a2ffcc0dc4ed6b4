// A TCP relay before any kind of backend that hangs, crawls, lies or is not there, also for connections that are open already.
import { randomBytes } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export type TcpFault = 'none' | 'kill' | 'hang' | 'slow' | 'garbage' | 'partial' | 'forbidden';

/** Of an answer, before the connection ends. */
const partialBytes = 100;
const slowBytes = 8;
const slowEveryMs = 50;

export class TcpFaults {
  port = 0;
  private fault: TcpFault = 'none';
  private readonly target: number;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  private constructor(target: number) {
    this.target = target;
    this.server = createServer((socket) => this.relay(socket));
  }

  static async before(target: number): Promise<TcpFaults> {
    const faults = new TcpFaults(target);
    await faults.listen();
    return faults;
  }

  async set(fault: TcpFault): Promise<void> {
    const before = this.fault;
    this.fault = fault;
    if (fault === 'kill') await this.close();
    else if (before === 'kill') await this.listen();
    // What hangs goes on hanging for those who are connected: only a time-out frees them.
    if (fault === 'none' && before !== 'hang') this.cut();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.cut();
    await closed;
  }

  private cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  private relay(client: Socket): void {
    const backend = connect(this.target, '127.0.0.1');
    let answered = 0;
    for (const [one, other] of [
      [client, backend],
      [backend, client],
    ] as const) {
      this.sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.sockets.delete(one);
        other.destroy();
      });
    }
    client.on('data', (data: Buffer) => {
      if (this.fault === 'hang') return;
      if (this.fault === 'forbidden') client.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
      else if (this.fault === 'garbage') client.write(randomBytes(200));
      else backend.write(data);
    });
    backend.on('data', (data: Buffer) => {
      if (this.fault === 'hang' || this.fault === 'garbage' || this.fault === 'forbidden') return;
      if (this.fault === 'slow') void this.crawl(backend, client, data);
      else if (this.fault === 'partial') {
        client.write(data.subarray(0, Math.max(0, partialBytes - answered)));
        answered += data.length;
        if (answered >= partialBytes) client.end();
      } else client.write(data);
    });
  }

  private async crawl(from: Socket, to: Socket, data: Buffer): Promise<void> {
    from.pause();
    for (let at = 0; at < data.length && !to.destroyed; at += slowBytes) {
      to.write(data.subarray(at, at + slowBytes));
      await new Promise((resolve) => setTimeout(resolve, slowEveryMs));
    }
    from.resume();
  }
}
