// Load at a fixed rate whatever the server does: latency counts from the moment a request was due, so that a stall is not hidden.
//
//   node openLoad.js {"port":8080,"path":"/a/b","headers":{},"connections":32,"rate":10000,"seconds":5}   prints a JSON line
import { connect, type Socket } from 'node:net';
import { createHistogram } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

export interface OpenLoad {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  /** Requests a second; 0 sends the next when the last was answered, to find the maximum. */
  readonly rate: number;
  readonly seconds: number;
}

export interface OpenLoadResult {
  readonly answered: number;
  readonly failed: number;
  readonly rate: number;
  /** Microseconds by percentile. */
  readonly latency: Readonly<Record<'p50' | 'p90' | 'p99' | 'p999' | 'max', number>>;
  /** Distribution for plots: [percentile, microseconds]. */
  readonly distribution: readonly (readonly [number, number])[];
}

const percentiles = [1, 5, 10, 25, 50, 75, 90, 95, 97, 98, 99, 99.5, 99.9, 99.99];

export async function openLoad(load: OpenLoad): Promise<OpenLoadResult> {
  const histogram = createHistogram();
  const request = Buffer.from(
    `GET ${load.path} HTTP/1.1\r\nhost: bench\r\n${Object.entries(load.headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n`,
  );
  let answered = 0;
  let failed = 0;
  const startedAt = performance.now();
  // The first requests meet code that is not compiled yet, on both sides.
  const recordsFrom = startedAt + Math.min(1_000, load.seconds * 250);
  const endsAt = startedAt + load.seconds * 1_000;
  const idle: Connection[] = [];
  // Requests that are due while every connection is busy, oldest first.
  const due: number[] = [];
  let dueAt0 = 0;
  const done = (connection: Connection, dueAt: number, ok: boolean): void => {
    answered += 1;
    if (!ok) failed += 1;
    if (dueAt >= recordsFrom) histogram.record(Math.max(1, Math.round((performance.now() - dueAt) * 1_000)));
    const next = load.rate === 0 ? performance.now() : due[dueAt0];
    if (load.rate !== 0 && next !== undefined) dueAt0 += 1;
    if (next !== undefined && next < endsAt) connection.send(request, next);
    else idle.push(connection);
  };
  const connections = await Promise.all(Array.from({ length: load.connections }, () => Connection.open(load.port, done)));
  if (load.rate === 0) for (const connection of connections) connection.send(request, performance.now());
  else idle.push(...connections);
  let scheduled = 0;
  await new Promise<void>((resolve) => {
    const turn = (): void => {
      const now = performance.now();
      if (now >= endsAt) return resolve();
      if (load.rate > 0) {
        for (; scheduled < ((now - startedAt) / 1_000) * load.rate; scheduled += 1) {
          const dueAt = startedAt + (scheduled / load.rate) * 1_000;
          const connection = idle.pop();
          if (connection === undefined) due.push(dueAt);
          else connection.send(request, dueAt);
        }
      }
      setImmediate(turn);
    };
    turn();
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  for (const connection of connections) connection.close();
  const at = (percentile: number): number => histogram.percentile(percentile);
  return {
    answered,
    failed,
    rate: answered / seconds,
    latency: { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: histogram.max },
    distribution: percentiles.map((percentile) => [percentile, at(percentile)] as const),
  };
}

const headEnd = Buffer.from('\r\n\r\n');

/** One request at a time; the length of an answer is what its Content-Length says, none for 304. */
class Connection {
  private readonly socket: Socket;
  private readonly done: (connection: Connection, dueAt: number, ok: boolean) => void;
  private dueAt = 0;
  private buffered: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket, done: (connection: Connection, dueAt: number, ok: boolean) => void) {
    this.socket = socket;
    this.done = done;
    socket.setNoDelay(true);
    socket.on('data', (data: Buffer) => this.receive(data));
  }

  static open(port: number, done: (connection: Connection, dueAt: number, ok: boolean) => void): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.once('error', reject);
      socket.once('connect', () => resolve(new Connection(socket, done)));
    });
  }

  send(request: Buffer, dueAt: number): void {
    this.dueAt = dueAt;
    this.socket.write(request);
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(data: Buffer): void {
    this.buffered = this.buffered.length === 0 ? data : Buffer.concat([this.buffered, data]);
    const end = this.buffered.indexOf(headEnd);
    if (end < 0) return;
    const head = this.buffered.toString('latin1', 0, end);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.buffered.length < end + 4 + length) return;
    const status = head.slice(9, 12);
    this.buffered = Buffer.alloc(0);
    this.done(this, this.dueAt, status === '200' || status === '304');
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const load = JSON.parse(process.argv[2] ?? '') as OpenLoad;
  process.stdout.write(`${JSON.stringify(await openLoad(load))}\n`);
}
