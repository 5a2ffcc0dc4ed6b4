// The primary's listening socket: every accepted socket goes to one of the attached workers, in turn (primary only).
import { createServer } from 'node:net';
import type * as Uws from 'uWebSockets.js';
import type { TemplatedApp, us_listen_socket } from 'uWebSockets.js';
import { assert } from '../base/assert.ts';
import { Failure } from '../model/failure.ts';
import { monotonicMs } from './monotonicClock.ts';

/** What the package's type file leaves out. `descriptor` is a pointer to the other thread's app in the bits of a number. */
interface AcceptingApp {
  addChildAppDescriptor(descriptor: number): unknown;
  removeChildAppDescriptor(descriptor: number): unknown;
  listen(host: string, port: number, options: number, done: (socket: us_listen_socket | false) => void): unknown;
}

/** LIBUS_LISTEN_EXCLUSIVE_PORT. The type file has it as a member of ListenOptions, which does not exist at run time. */
const exclusivePort = 1;

/** Seconds after which a client may ask again when no worker was there: about the time of a restart. */
const retryAfterSeconds = '1';

/** Loads the addon: `configureHttpLimits` comes first. */
export async function createAcceptor(): Promise<Acceptor> {
  return new Acceptor(await import('uWebSockets.js'));
}

/** When the listener was closed, as monotonicMs() right before and after. */
export interface ListenerClosing {
  readonly beganAtMs: number;
  readonly doneAtMs: number;
}

export class Acceptor {
  readonly #uws: typeof Uws;
  readonly #app: TemplatedApp & AcceptingApp;
  readonly #attached = new Set<number>();
  #socket: us_listen_socket | null = null;
  #answeredAlone = 0;

  constructor(uws: typeof Uws) {
    this.#uws = uws;
    this.#app = uws.App() as TemplatedApp & AcceptingApp;
    // Without a worker uWS keeps the socket in this app: every worker has crashed or hangs.
    this.#app.any('/*', (response) => {
      this.#answeredAlone += 1;
      response.writeStatus('503 Service Unavailable').writeHeader('Retry-After', retryAfterSeconds).writeHeader('Content-Type', 'application/json');
      response.end('{"status":503,"error":"Service Unavailable"}', true);
    });
  }

  /** Requests answered 503 because no worker was attached. */
  get answeredAlone(): number {
    return this.#answeredAlone;
  }

  get attached(): number {
    return this.#attached.size;
  }

  /** From the next accepted socket on, the worker with this descriptor takes its turn. */
  attach(descriptor: number): void {
    if (this.#attached.has(descriptor)) return;
    this.#attached.add(descriptor);
    this.#app.addChildAppDescriptor(descriptor);
  }

  /**
   * No socket accepted from now on goes to this worker. Those given to it before may still be on their way: its loop must turn once
   * more before its app is closed. Nothing happens when it is not attached.
   */
  detach(descriptor: number): void {
    if (this.#attached.delete(descriptor)) this.#app.removeChildAppDescriptor(descriptor);
  }

  /**
   * Opens the listener and gives its port. With port 0 the system chooses one.
   * Failures: PORT_IN_USE, ADDRESS_UNUSABLE.
   */
  async listen(host: string, port: number): Promise<number> {
    assert(this.#socket === null, 'the acceptor listens once');
    // Exclusive: otherwise SO_REUSEPORT lets a second server of the same user share the port without an error.
    this.#app.listen(host, port, exclusivePort, (socket) => {
      if (socket !== false) this.#socket = socket;
    });
    if (this.#socket === null) throw await whyNotListening(host, port);
    return this.#uws.us_socket_local_port(this.#socket);
  }

  /**
   * Closes the listener; accepted sockets stay. The kernel resets connections that wait in the listener's queue when it is closed,
   * so it is closed right after a poll phase in which uWS has accepted everything: what remains is a window of microseconds.
   * Resolves with the moment from which new connections are refused, or null when it never listened.
   */
  async stopAccepting(): Promise<ListenerClosing | null> {
    await new Promise((resolve) => setImmediate(resolve));
    // The second turn begins with a poll phase of its own, and its callback runs in the check phase that follows it.
    return new Promise((resolve) => {
      setImmediate(() => {
        const socket = this.#socket;
        this.#socket = null;
        if (socket === null) return resolve(null);
        const beganAtMs = monotonicMs();
        this.#uws.us_listen_socket_close(socket);
        resolve({ beganAtMs, doneAtMs: monotonicMs() });
      });
    });
  }

  /** Closes everything, the 503 answers too. After the workers. */
  close(): void {
    this.#socket = null;
    this.#app.close();
  }
}

/** uWS says only that it could not listen; Node's own listener names the reason. */
function whyNotListening(host: string, port: number): Promise<Failure> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE') {
        resolve(new Failure('PORT_IN_USE', `another process listens on ${host} port ${port}: stop it or set server.port`, { cause }));
      } else {
        resolve(new Failure('ADDRESS_UNUSABLE', `cannot listen on ${host} port ${port}: ${cause.message}`, { cause }));
      }
    });
    probe.listen({ host, port, exclusive: true }, () => {
      // It worked a moment later: the port has just been freed.
      probe.close(() => resolve(new Failure('PORT_IN_USE', `${host} port ${port} was in use a moment ago: try again`)));
    });
  });
}
