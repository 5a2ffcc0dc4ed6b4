// Load at a fixed rate whatever the server does: latency counts from the moment a request was due, so that a stall is not hidden.
//
//   node openLoad.js {"port":8080,"path":"/a/b","headers":{},"connections":32,"rate":10000,"seconds":5}   prints a JSON line
//
// The client must not be what is measured: every connection reads into one buffer, an answer whose head is that of the one before is
// not parsed again, and the collector has room.
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

/** Few and short collections: what a request allocates is dead when its answer is there. */
export const openLoadArguments: readonly string[] = ['--min-semi-space-size=64', '--max-semi-space-size=64'];

type Done = (connection: Connection, dueAt: number, ok: boolean) => void;

/** One request at a time; the length of an answer is what its Content-Length says, none for 304. */
class Connection {
  private readonly socket: Socket;
  private readonly done: Done;
  private readonly buffer = Buffer.allocUnsafe(65_536);
  private dueAt = 0;
  private received = 0;
  /** Head of the answer before, and what it said. */
  private head: Buffer = Buffer.alloc(0);
  private length = 0;
  private ok = false;

  private constructor(port: number, done: Done, opened: (connection: Connection) => void, failed: (error: Error) => void) {
    this.done = done;
    const onread = { buffer: this.buffer, callback: (size: number): boolean => this.receive(size) };
    this.socket = connect({ port, host: '127.0.0.1', onread });
    this.socket.setNoDelay(true);
    this.socket.once('error', failed);
    this.socket.once('connect', () => opened(this));
  }

  static open(port: number, done: Done): Promise<Connection> {
    return new Promise((resolve, reject) => new Connection(port, done, resolve, reject));
  }

  send(request: Buffer, dueAt: number): void {
    this.dueAt = dueAt;
    this.received = 0;
    this.socket.write(request);
  }

  close(): void {
    this.socket.destroy();
  }

  /** True: go on reading. Only the first piece of an answer holds its head. */
  private receive(size: number): boolean {
    if (this.received === 0 && !this.sameHead(size)) this.readHead(size);
    this.received += size;
    if (this.received >= this.length) this.done(this, this.dueAt, this.ok);
    return true;
  }

  private sameHead(size: number): boolean {
    const known = this.head.length;
    return known > 0 && size >= known && this.head.compare(this.buffer, 0, known) === 0;
  }

  private readHead(size: number): void {
    const end = this.buffer.subarray(0, size).indexOf(headEnd);
    if (end < 0) throw new Error(`the first ${size} bytes of an answer hold no whole head`);
    const head = this.buffer.toString('latin1', 0, end);
    this.head = Buffer.from(this.buffer.subarray(0, end + 4));
    this.length = this.head.length + Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    const status = head.slice(9, 12);
    this.ok = status === '200' || status === '304';
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const load = JSON.parse(process.argv[2] ?? '') as OpenLoad;
  process.stdout.write(`${JSON.stringify(await openLoad(load))}\n`);
}
