// The bus of a server as a whole: what it says and hears (sourceBus) over its connection (natsConnection).
import { randomUUID } from 'node:crypto';
import type { Settings } from '../settings/options.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { PrimaryMetrics } from '../telemetry/primaryMetrics.ts';
import { NatsConnection, type BusState } from './bus/natsConnection.ts';
import { SourceBus, type BusSource } from './bus/sourceBus.ts';
import type { ControlPlane } from './controlPlane.ts';

export class FleetBus {
  private readonly connection: NatsConnection;
  private readonly bus: SourceBus;
  private readonly log: Logger;

  /** Connects in the background from `start` on. */
  constructor(settings: Settings['bus'], plane: () => Pick<ControlPlane, 'openSources' | 'pollRelayed'>, metrics: PrimaryMetrics, log: Logger) {
    const serverId = randomUUID();
    this.log = log;
    this.connection = new NatsConnection(
      settings.nats,
      serverId,
      {
        onMessage: (bytes) => this.bus.receive(bytes),
        onConnected: (hasMissed) => this.background(this.bus.connected(hasMissed)),
      },
      log,
    );
    this.bus = new SourceBus(serverId, settings.spreadMs, {
      sources: () => plane().openSources(),
      pollRelayed: (repository, delayMs, isNeeded) => plane().pollRelayed(repository, delayMs, isNeeded),
      send: (source, message) => this.connection.send(source, message),
      count: (outcome) => metrics.increment('vortex_bus_messages_total', { outcome }),
      random: Math.random,
    });
  }

  start(): void {
    this.connection.start();
  }

  /** After a successful poll. */
  polled(source: BusSource, isRelayed: boolean): void {
    this.background(this.bus.polled(source, isRelayed));
  }

  state(): BusState {
    return this.connection.state();
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  private background(work: Promise<void>): void {
    work.catch((error: unknown) => this.log.error('the bus failed', { code: 'INTERNAL', error }));
  }
}
