// A way to a database server that can fall silent: bytes are taken and nothing comes back, as behind a firewall that forgot the connection.
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

export class SilentProxy {
  isSilent = false;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(port: number) {
    this.server = createServer((client) => {
      const target = connect(port, '127.0.0.1');
      this.join(client, target);
      this.join(target, client);
    });
  }

  static async to(port: number): Promise<SilentProxy> {
    const proxy = new SilentProxy(port);
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private join(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.on('data', (bytes) => {
      if (!this.isSilent) to.write(bytes);
    });
    // one side's end or failure is the other's end
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.sockets.delete(from);
      to.destroy();
    });
  }
}
