// The HTTP routes of one worker: the read path, what it can't answer at once, and what the primary answers.
import { App, type HttpRequest, type HttpResponse, type TemplatedApp } from 'uWebSockets.js';
import type { ControlBlock } from '../cluster/controlBlock.ts';
import type { ToWorker } from '../cluster/messages.ts';
import { monotonicMs } from '../cluster/monotonicClock.ts';
import type { ServingPlane, WorkerRuntime } from '../cluster/workerRuntime.ts';
import { routeTemplates } from '../model/routes.ts';
import { EpochSwitch } from '../snapshot/epochSwitch.ts';
import type { LaneWriter } from '../telemetry/lane.hot.ts';
import { AskTable } from './askTable.ts';
import { MissAnswers } from './missAnswers.ts';
import { EncodingNegotiation } from './negotiation.hot.ts';
import { ReadPath } from './readPath.hot.ts';
import { SlowPath } from './slowPath.ts';

export interface ServingOptions {
  readonly serverPrefix: string;
  readonly validateProfiles: boolean;
  readonly hasResources: boolean;
  readonly urlBytesMax: number;
  readonly waitersMax: number;
  readonly waitMaxMs: number;
  readonly version: string;
}

/** What the parts of the plane share: the worker's runtime and its lane of counters. */
export interface ServingRuntime {
  readonly worker: WorkerRuntime;
  readonly lane: LaneWriter;
}

const PROBE = routeTemplates.indexOf('probe');
const METRICS = routeTemplates.indexOf('metrics');

/** How often the clock of touches moves and waiting requests are looked at for their time limit. */
const SWEEP_MS = 500;

export class ConfigServingPlane implements ServingPlane {
  readonly app: TemplatedApp;
  private readonly epochs: EpochSwitch;
  private readonly misses: MissAnswers;
  private readonly asks: AskTable;
  private readonly readPath: ReadPath;
  private readonly slowPath: SlowPath;
  private readonly clock: NodeJS.Timeout;
  private connections = 0;

  constructor(options: ServingOptions, runtime: ServingRuntime) {
    this.epochs = new EpochSwitch(
      (slice) => void setImmediate(slice),
      (epoch) => runtime.worker.send({ kind: 'epochServed', epoch }),
    );
    const encodings = new EncodingNegotiation();
    this.misses = new MissAnswers(options, runtime);
    this.asks = new AskTable(options, runtime);
    this.slowPath = new SlowPath(options, runtime, this.epochs, encodings, this.misses);
    this.readPath = new ReadPath(options.serverPrefix, runtime, this.epochs, encodings, this.slowPath);
    this.app = this.routes();
    this.tick(runtime.worker.controlBlock);
    this.clock = setInterval(() => {
      this.tick(runtime.worker.controlBlock);
      const now = performance.now();
      this.misses.expire(now);
      this.asks.expire(now);
    }, SWEEP_MS);
  }

  requestsInFlight(): number {
    return this.misses.waiting + this.asks.waiting;
  }

  connectionsOpen(): number {
    return this.connections;
  }

  onClosed(): void {
    clearInterval(this.clock);
  }

  onMessage(message: ToWorker): void {
    switch (message.kind) {
      case 'epoch':
        this.epochs.begin(message.epoch, message.segment);
        return;
      case 'addendum':
        if (message.install) this.epochs.add(message.epoch, message.segment);
        this.misses.answer(message.missIds, message.segment);
        return;
      case 'missRefused':
        this.misses.refuse(message.missIds, message.code, message.retryAfterSeconds);
        return;
      case 'answer':
        this.asks.answer(message);
        return;
      default:
        // Lame duck, detach and finish are the runtime's: the plane reads `closing`.
        return;
    }
  }

  private tick(control: ControlBlock): void {
    const seconds = Math.floor((monotonicMs() - control.startedAtMs) / 1000);
    this.readPath.nowSeconds = seconds;
    this.slowPath.nowSeconds = seconds;
  }

  private routes(): TemplatedApp {
    const app = App();
    app.filter((_res, change) => {
      this.connections += Number(change) > 0 ? 1 : -1;
    });
    const get = (res: HttpResponse, req: HttpRequest): void => this.readPath.get(res, req);
    const head = (res: HttpResponse, req: HttpRequest): void => this.slowPath.request(res, req, 'HEAD');
    for (const [path, what, template] of [
      ['/health', 'health', PROBE],
      ['/health/ready', 'ready', PROBE],
      ['/health/live', 'live', PROBE],
      ['/metrics', 'metrics', METRICS],
    ] as const) {
      app.get(path, (res, req) => this.asks.ask(res, req, what, template, false));
      app.head(path, (res, req) => this.asks.ask(res, req, what, template, true));
    }
    app.get('/*', get);
    app.head('/*', head);
    app.any('/*', (res, req) => this.slowPath.request(res, req, req.getCaseSensitiveMethod()));
    return app;
  }
}
