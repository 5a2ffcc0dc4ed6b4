// Keeps one configuration up to date: connects, resumes from what it has, falls back to another carrier, waits with jitter.
//
//   connecting ─► frames ─► ended ─► wait (the server's hint, else at random up to a bound that doubles) ─► connecting
import type { Configuration } from './configuration.ts';
import { differencesOf, type ServerFrame } from './frames.ts';
import { RefusedError, transports, type Link, type TransportName } from './transports.ts';

export interface SubscriptionOptions {
  readonly baseUrl: string;
  readonly path: string;
  readonly subject: { readonly application: string; readonly profile: string; readonly label: string | null };
  readonly headers: Readonly<Record<string, string>>;
  readonly transports: readonly TransportName[];
  readonly random: () => number;
  /** The content was confirmed or changed. */
  readonly onContent: () => void;
  readonly onError: (error: Error) => void;
}

const firstBackoffMs = 500;
const backoffMaxMs = 10_000;
/** Three heartbeats of the server's default. */
const silenceMaxMs = 90_000;
/** Connections of one carrier in a row that brought nothing; then the next one is tried. */
const fruitlessMax = 2;
/** The same for a carrier that has worked before: a server that restarts is away for all of them. */
const fruitlessOfProvenMax = 10;

export class Subscription {
  private readonly configuration: Configuration;
  private readonly options: SubscriptionOptions;
  private readonly controller = new AbortController();
  private readonly first: Promise<void>;
  private resolveFirst: () => void = () => undefined;
  private lastError: Error | null = null;
  private carrier = 0;
  private fruitless = 0;
  private readonly proven = new Set<number>();
  private failures = 0;
  /** What the server wants the client to wait; null when it said nothing. */
  private hintMs: number | null = null;
  private resyncTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(configuration: Configuration, options: SubscriptionOptions) {
    this.configuration = configuration;
    this.options = options;
    this.first = new Promise((resolve) => (this.resolveFirst = resolve));
    void this.run();
  }

  /** Rejects with the last error when no content came in time. */
  async firstContent(timeoutMs: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(this.lastError ?? new Error(`no configuration came within ${timeoutMs} ms`)), timeoutMs);
    });
    try {
      await Promise.race([this.first, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.controller.abort();
    if (this.resyncTimer !== null) clearTimeout(this.resyncTimer);
  }

  private async run(): Promise<void> {
    const { signal } = this.controller;
    while (!signal.aborted) {
      const name = this.options.transports[this.carrier]!;
      const had = this.configuration.hash;
      let brought = false;
      try {
        await this.connectOnce(name, () => (brought = true));
      } catch (error) {
        if (signal.aborted) return;
        this.failed(error instanceof Error ? error : new Error(String(error)));
      }
      if (signal.aborted) return;
      this.account(brought);
      // Of a poll that brought something the next one follows at once; so it does after a change that was missed.
      const isPolling = name === 'poll' && brought;
      if (!isPolling || (this.hintMs ?? 0) > 0) await this.wait(brought && had !== this.configuration.hash);
    }
  }

  private connectOnce(name: TransportName, onFrame: () => void): Promise<void> {
    const { baseUrl, path, headers, subject } = this.options;
    const since = this.has();
    const resyncMessage = (): string => JSON.stringify({ type: 'resync', ...subject, ...this.has() });
    return transports[name]({ baseUrl, path, headers, since, signal: this.controller.signal, silenceMaxMs, resyncMessage }, (frame, link) => {
      onFrame();
      this.receive(frame, link);
    });
  }

  private receive(frame: ServerFrame, link: Link): void {
    switch (frame.type) {
      case 'snapshot':
        this.configuration.staleSeconds = frame.stale ?? 0;
        this.configuration.replace(frame.properties, frame.revision, frame.hash, frame.secrets);
        return this.settled();
      case 'change':
        // Frames were lost on the way. What it has it still has: the server knows how to go on from there.
        if (frame.from.hash !== this.configuration.hash) return this.ask(link);
        this.configuration.apply(differencesOf(frame), frame.revision, frame.hash, frame.secrets);
        return this.settled();
      case 'current':
      case 'heartbeat':
        this.configuration.staleSeconds = frame.stale ?? 0;
        if (frame.hash !== this.configuration.hash) return this.ask(link);
        this.configuration.revision = frame.revision;
        return this.settled();
      case 'resync':
        return this.askLater(link, this.options.random() * frame.delayMs);
      case 'drain':
        this.hintMs = frame.reconnectDelayMs;
        return;
      case 'unavailable':
        return this.failed(new Error(`there is no configuration: ${frame.status} ${frame.message}`));
      case 'error':
        return this.failed(new Error(`${frame.code}: ${frame.message}`));
    }
  }

  private settled(): void {
    this.failures = 0;
    this.options.onContent();
    this.resolveFirst();
  }

  private has(): { readonly revision: string; readonly hash: string } {
    return { revision: this.configuration.revision, hash: this.configuration.hash };
  }

  private ask(link: Link): void {
    if (link.name === 'events') this.hintMs = 0;
    link.resync();
  }

  private askLater(link: Link, delayMs: number): void {
    if (link.name === 'poll') this.hintMs = delayMs;
    else this.resyncTimer = setTimeout(() => this.ask(link), delayMs);
  }

  private failed(error: Error): void {
    this.lastError = error;
    if (error instanceof RefusedError && error.retryAfterMs !== null) this.hintMs = error.retryAfterMs * (0.5 + this.options.random());
    this.options.onError(error);
  }

  private account(brought: boolean): void {
    if (brought) {
      this.fruitless = 0;
      this.proven.add(this.carrier);
      return;
    }
    this.failures += 1;
    this.fruitless += 1;
    if (this.fruitless < (this.proven.has(this.carrier) ? fruitlessOfProvenMax : fruitlessMax)) return;
    this.fruitless = 0;
    this.carrier = (this.carrier + 1) % this.options.transports.length;
  }

  private async wait(isFresh: boolean): Promise<void> {
    const bound = Math.min(backoffMaxMs, firstBackoffMs * 2 ** Math.min(10, isFresh ? 0 : this.failures));
    // Full jitter; at the bound its upper half, so that a fleet that has waited for long does not come back in its first moment.
    const random = bound < backoffMaxMs ? this.options.random() : 0.5 + this.options.random() / 2;
    const delayMs = this.hintMs ?? random * bound;
    this.hintMs = null;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, delayMs);
      const { signal } = this.controller;
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done);
    });
  }
}
