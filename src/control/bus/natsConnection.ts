// The connection to NATS: made in the background, made again for ever, never waited for by anything else.
//
//   connecting ─► connected ─► (outage) disconnected ─► connected ...        the client reconnects by itself
//        ▲                          │ the client gives up (refused credentials)
//        └────── back-off ──────────┘
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Msg, NatsConnection as Client, NodeConnectionOptions, Status } from '@nats-io/transport-node';
import { backoffMs } from '../../base/backoff.ts';
import { redactUrl } from '../../base/redactUrl.ts';
import type { Settings } from '../../settings/options.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { NatsStream } from './natsStream.ts';

export interface BusState {
  readonly isConnected: boolean;
  /** Since when, wall clock. */
  readonly sinceMs: number;
  /** Host and port of the server in use; null when there is none. */
  readonly server: string | null;
  readonly lastError: string | null;
}

export interface NatsEvents {
  readonly onMessage: (bytes: Uint8Array) => void;
  /** `hasMissed`: there was a time without a connection, and nobody keeps what was said then. */
  readonly onConnected: (hasMissed: boolean) => void;
}

const firstBackoffMs = 500;
const maxBackoffMs = 10_000;
const connectTimeoutMs = 5_000;
/** A server that is gone without a word is noticed after two of these. */
const pingIntervalMs = 10_000;
const closeTimeoutMs = 1_000;

export class NatsConnection {
  private readonly settings: Settings['bus']['nats'];
  private readonly serverId: string;
  private readonly events: NatsEvents;
  private readonly log: Logger;
  private readonly closing = new AbortController();
  private client: Client | null = null;
  private stream: NatsStream | null = null;
  private current: BusState = { isConnected: false, sinceMs: Date.now(), server: null, lastError: null };
  private outages = 0;
  private running: Promise<void> | null = null;

  constructor(settings: Settings['bus']['nats'], serverId: string, events: NatsEvents, log: Logger) {
    this.settings = settings;
    this.serverId = serverId;
    this.events = events;
    this.log = log;
  }

  /** Returns at once. */
  start(): void {
    this.running ??= this.run();
  }

  state(): BusState {
    return this.current;
  }

  /** False when it was not sent: nothing is kept for later. */
  async send(source: string, message: Uint8Array): Promise<boolean> {
    if (this.client === null || !this.current.isConnected) return false;
    const subject = `${this.settings.subjectPrefix}.source.${source}`;
    try {
      if (this.settings.durable) return (await this.stream?.publish(subject, message)) ?? false;
      this.client.publish(subject, message);
      return true;
    } catch (error) {
      this.noteError(error);
      return false;
    }
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.stream?.stop();
    const client = this.client;
    if (client !== null) {
      const drained = client.drain().catch((error: unknown) => this.noteError(error));
      await Promise.race([drained, sleep(closeTimeoutMs)]);
      await client.close();
    }
    // A connection that is being made is not waited for.
    await Promise.race([this.running, sleep(closeTimeoutMs)]);
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    for (let failures = 0; !signal.aborted;) {
      try {
        const { connect } = await import('@nats-io/transport-node');
        const client = await connect(await this.connectOptions());
        failures = 0;
        await this.use(client);
      } catch (error) {
        this.noteError(error);
      }
      this.client = null;
      this.lost();
      failures += 1;
      if (!signal.aborted) await pause(backoffMs(failures, { firstMs: firstBackoffMs, maxMs: maxBackoffMs }, 0.5 + Math.random() / 2), signal);
    }
  }

  /** Until the client gives up or is closed. */
  private async use(client: Client): Promise<void> {
    const statuses = client.status();
    try {
      if (this.closing.signal.aborted) return;
      this.client = client;
      if (!this.settings.durable) await this.subscribe(client);
      await this.established(client);
      for await (const status of statuses) await this.followed(client, status);
    } finally {
      this.stream?.stop();
      this.stream = null;
      await client.close();
    }
    const error = await client.closed();
    if (error instanceof Error) this.noteError(error);
  }

  /** Rejects when the server does not allow it: it says so before it answers the flush. */
  private async subscribe(client: Client): Promise<void> {
    let refused: Error | null = null;
    const callback = (error: Error | null, message: Msg): void => {
      if (error === null) this.events.onMessage(message.data);
      else refused = error;
    };
    client.subscribe(`${this.settings.subjectPrefix}.source.*`, { callback });
    await client.flush();
    if (refused !== null) throw refused;
  }

  private async followed(client: Client, status: Status): Promise<void> {
    switch (status.type) {
      case 'disconnect':
        this.lost();
        return;
      case 'reconnect':
        await this.established(client);
        return;
      case 'error':
        this.noteError(status.error);
        return;
      default:
    }
  }

  private async established(client: Client): Promise<void> {
    if (this.settings.durable) await this.openStream(client);
    const server = client.getServer();
    this.current = { isConnected: true, sinceMs: Date.now(), server, lastError: null };
    this.log.info('connected to the bus', { server });
    this.events.onConnected(this.outages > 0 && !this.settings.durable);
  }

  private async openStream(client: Client): Promise<void> {
    this.stream?.stop();
    const { NatsStream } = await import('./natsStream.ts');
    this.stream = new NatsStream(client, this.settings.subjectPrefix, this.events.onMessage, (error) => this.abandon(client, error));
    await this.stream.open();
  }

  /** Begins anew: that makes the stream again where it is gone. */
  private abandon(client: Client, error: unknown): void {
    this.noteError(error);
    client.close().catch((reason: unknown) => this.noteError(reason));
  }

  private lost(): void {
    if (this.closing.signal.aborted) return;
    this.outages += 1;
    if (this.current.isConnected) this.log.warn('the bus is away: sources are polled at their intervals only', { server: this.current.server });
    if (this.current.isConnected) this.current = { ...this.current, isConnected: false, sinceMs: Date.now(), server: null };
  }

  private noteError(error: unknown): void {
    const reason = redactUrl(error instanceof Error ? error.message : String(error)).slice(0, 500);
    if (reason !== this.current.lastError && !this.closing.signal.aborted) this.log.warn('the bus has a problem', { reason });
    this.current = { ...this.current, lastError: reason };
  }

  private async connectOptions(): Promise<NodeConnectionOptions> {
    const { url, username, password, token, credentialsFile, caFile, certificateFile, keyFile } = this.settings;
    const servers = (url ?? '').split(',');
    const tls = {
      ...(caFile === null ? {} : { caFile }),
      ...(certificateFile === null ? {} : { certFile: certificateFile }),
      ...(keyFile === null ? {} : { keyFile }),
    };
    const isSecure = servers.some((server) => server.startsWith('tls://')) || Object.keys(tls).length > 0;
    const authenticator = credentialsFile === null ? null : await credentialsOf(credentialsFile);
    return {
      servers,
      name: `vortex-config ${this.serverId}`,
      noEcho: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: firstBackoffMs,
      reconnectJitter: maxBackoffMs / 10,
      reconnectJitterTLS: maxBackoffMs / 10,
      timeout: connectTimeoutMs,
      pingInterval: pingIntervalMs,
      ...(username === null ? {} : { user: username }),
      ...(password === null ? {} : { pass: password.reveal() }),
      ...(token === null ? {} : { token: token.reveal() }),
      ...(authenticator === null ? {} : { authenticator }),
      ...(isSecure ? { tls } : {}),
    };
  }
}

async function credentialsOf(path: string): Promise<NonNullable<NodeConnectionOptions['authenticator']>> {
  const { credsAuthenticator } = await import('@nats-io/transport-node');
  return credsAuthenticator(await readFile(path));
}

/** Ends early, without an error, when everything ends. */
async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(durationMs, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
