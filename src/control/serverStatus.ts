// Gathers the facts of one moment from the parts of the primary, and answers what workers are asked: health, readiness, metrics.
import { monotonicMs } from '../cluster/monotonicClock.ts';
import type { ControlBlock } from '../cluster/controlBlock.ts';
import type { WorkerPool } from '../cluster/workerPool.ts';
import type { PrimaryMetrics } from '../telemetry/primaryMetrics.ts';
import { Scraper } from '../telemetry/scraper.ts';
import type { BusState } from './bus/natsConnection.ts';
import type { ControlPlane } from './controlPlane.ts';
import type { SnapshotSize } from './eventLog.ts';
import { healthVerdict, type HealthQuestion, type HealthVerdict } from './management/healthVerdict.ts';
import { scrapeSamples } from './management/scrapeSamples.ts';
import { sourceState, workerStates, type ServerFacts } from './management/serverFacts.ts';

export interface StatusParts {
  readonly version: string;
  readonly plane: ControlPlane;
  readonly pool: WorkerPool;
  readonly controlBlock: ControlBlock;
  /** Of the workers, and of the management port. */
  readonly lanes: readonly SharedArrayBuffer[];
  readonly metrics: PrimaryMetrics;
  readonly snapshot: () => SnapshotSize;
  readonly bus: () => BusState | null;
}

export interface StatusAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export class ServerStatus {
  readonly scraper: Scraper;
  private readonly parts: StatusParts;

  constructor(parts: StatusParts) {
    this.parts = parts;
    const { lanes, metrics, version } = parts;
    this.scraper = new Scraper({ lanes, primary: metrics, samples: () => scrapeSamples(this.facts()), version });
  }

  facts(): ServerFacts {
    const { version, plane, pool, controlBlock, snapshot } = this.parts;
    const nowMs = Date.now();
    const { entries, bytes } = snapshot();
    return {
      version,
      uptimeSeconds: (monotonicMs() - controlBlock.startedAtMs) / 1_000,
      drainPhase: controlBlock.drainPhase(),
      epoch: plane.epoch(),
      snapshotEntries: entries,
      snapshotBytes: bytes,
      missQueueDepth: plane.missQueueDepth(),
      heldBack: plane.heldBack(),
      sources: plane.sources().map((source) => sourceState(source, nowMs)),
      workers: workerStates(pool.status()),
      bus: this.parts.bus(),
    };
  }

  verdict(question: HealthQuestion): HealthVerdict {
    return healthVerdict(question, this.facts());
  }

  async answer(what: 'metrics' | 'health' | 'ready'): Promise<StatusAnswer> {
    if (what === 'metrics') return { status: 200, ...(await this.scraper.scrape()) };
    const { httpStatus, body } = this.verdict(what === 'health' ? 'full' : 'ready');
    return { status: httpStatus, contentType: 'application/json', body: JSON.stringify(body) };
  }
}
