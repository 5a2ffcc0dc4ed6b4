// What a server tells the others of its fleet, and what it does when it is told something. Knows no transport.
//
//   own poll (interval, hint, webhook) found another state ─► announce ─► the others: known? nothing : one poll, spread over a time
//
// A poll that an announcement caused announces nothing, so one announcement causes at most one poll per server and never another one.
import { createHash } from 'node:crypto';
import { decodeBusMessage, encodeBusMessage } from './busMessage.ts';

/** As much of a Source as is needed. */
export interface BusSource {
  readonly repository: string;
  remoteState?(): string | null;
}

export type BusOutcome = 'sent' | 'unsent' | 'polled' | 'known' | 'unknown' | 'invalid' | 'own';

export interface SourceBusPorts {
  readonly sources: () => readonly BusSource[];
  readonly pollRelayed: (repository: string, delayMs: number, isNeeded: () => boolean) => void;
  /** `source` is the hash in the message. False when it could not be sent. */
  readonly send: (source: string, message: Uint8Array) => Promise<boolean>;
  readonly count: (outcome: BusOutcome) => void;
  /** In [0, 1). */
  readonly random: () => number;
}

export class SourceBus {
  private readonly serverId: string;
  private readonly spreadMs: number;
  private readonly ports: SourceBusPorts;
  /** By repository: what its newest successful poll saw. */
  private readonly states = new Map<string, string>();
  /** Repositories whose newest state the others have not been told. */
  private readonly unsent = new Set<string>();
  private readonly hashes = new Map<string, string>();

  /** `serverId` is a UUID of this process. */
  constructor(serverId: string, spreadMs: number, ports: SourceBusPorts) {
    this.serverId = serverId;
    this.spreadMs = spreadMs;
    this.ports = ports;
  }

  /** After a successful poll. */
  async polled(source: BusSource, isRelayed: boolean): Promise<void> {
    const state = source.remoteState?.() ?? null;
    if (state === null || state === this.states.get(source.repository)) return;
    this.states.set(source.repository, state);
    if (!isRelayed) await this.announce(source.repository, state);
  }

  receive(bytes: Uint8Array): void {
    this.ports.count(this.take(bytes));
  }

  /** The connection is there (again). `hasMissed`: others may have said something meanwhile that will not come again. */
  async connected(hasMissed: boolean): Promise<void> {
    for (const repository of Array.from(this.unsent)) {
      const state = this.states.get(repository);
      if (state !== undefined) await this.announce(repository, state);
    }
    if (!hasMissed) return;
    for (const source of this.ports.sources()) {
      if (source.remoteState !== undefined) this.ports.pollRelayed(source.repository, this.delayMs(), () => true);
    }
  }

  private take(bytes: Uint8Array): BusOutcome {
    const message = decodeBusMessage(bytes);
    if (message === null) return 'invalid';
    if (message.from === this.serverId) return 'own';
    const source = this.ports.sources().find(({ repository }) => this.hashOf(repository) === message.source);
    if (source?.remoteState === undefined) return 'unknown';
    const isNeeded = (): boolean => source.remoteState?.() !== message.revision;
    if (!isNeeded()) return 'known';
    this.ports.pollRelayed(source.repository, this.delayMs(), isNeeded);
    return 'polled';
  }

  private async announce(repository: string, revision: string): Promise<void> {
    const source = this.hashOf(repository);
    // Until it is sent it is not: the connection may end meanwhile.
    this.unsent.add(repository);
    const isSent = await this.ports.send(source, encodeBusMessage({ from: this.serverId, source, revision }));
    if (isSent && this.states.get(repository) === revision) this.unsent.delete(repository);
    this.ports.count(isSent ? 'sent' : 'unsent');
  }

  private delayMs(): number {
    return Math.floor(this.ports.random() * this.spreadMs);
  }

  private hashOf(repository: string): string {
    const known = this.hashes.get(repository);
    if (known !== undefined) return known;
    const hash = createHash('sha256').update(repository).digest('hex');
    this.hashes.set(repository, hash);
    return hash;
  }
}
