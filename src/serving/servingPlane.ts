// The HTTP routes of one worker: the read path, what it can't answer at once, and what the primary answers.
import { SharedGarbage } from '../base/sharedGarbage.ts';
import { App, type HttpRequest, type HttpResponse, type TemplatedApp } from 'uWebSockets.js';
import type { ControlBlock } from '../cluster/controlBlock.ts';
import type { ToWorker } from '../cluster/messages.ts';
import { monotonicMs } from '../cluster/monotonicClock.ts';
import type { ServingPlane } from '../cluster/workerRuntime.ts';
import { routeTemplates } from '../model/routes.ts';
import { EpochSwitch } from '../snapshot/epochSwitch.ts';
import { isSampled } from '../telemetry/accessLog.ts';
import { methodIndex } from '../telemetry/lane.hot.ts';
import { requestTrace } from '../telemetry/requestTrace.ts';
import { AskTable } from './askTable.ts';
import { EncryptionDesk } from './encryptionDesk.ts';
import { MissAnswers } from './missAnswers.ts';
import { EncodingNegotiation } from './negotiation.hot.ts';
import { PushService } from './push/pushService.ts';
import { ReadPath } from './readPath.hot.ts';
import type { ServingOptions, ServingRuntime } from './servingRuntime.ts';
import { SlowPath } from './slowPath.ts';
import { INGRESS_PREFIX } from './targetPath.ts';
import { WebhookRelay } from './webhookRelay.ts';

/** What the package's type file leaves out; in seconds. A request that waits for its answer has no time-out. */
interface TimedApp {
  setIdleTimeout(seconds: number): unknown;
  setResponseTimeout(seconds: number): unknown;
}

type Handler = (res: HttpResponse, req: HttpRequest) => void;

const UNMATCHED = routeTemplates.indexOf('unmatched');
const PROBE = routeTemplates.indexOf('probe');
const METRICS = routeTemplates.indexOf('metrics');

/** How often the clock of touches moves and waiting requests are looked at for their time limit. */
const SWEEP_MS = 500;

/** Time over which the subscribers of a replaced thread leave. */
const DETACHED_SPREAD_MS = 2_000;

export class ConfigServingPlane implements ServingPlane {
  readonly app: TemplatedApp;
  private readonly options: ServingOptions;
  private readonly runtime: ServingRuntime;
  private readonly epochs: EpochSwitch;
  private readonly misses: MissAnswers;
  private readonly asks: AskTable;
  private readonly webhooks: WebhookRelay;
  private readonly encryptions: EncryptionDesk;
  private readonly readPath: ReadPath;
  private readonly slowPath: SlowPath;
  private readonly push: PushService;
  private readonly clock: NodeJS.Timeout;
  private readonly garbage = new SharedGarbage();
  /** The epoch in use, while the primary does not know yet that earlier ones are not; else 0. */
  private toRelease = 0;
  private connections = 0;

  constructor(options: ServingOptions, runtime: ServingRuntime) {
    this.options = options;
    this.runtime = runtime;
    this.epochs = new EpochSwitch(
      (slice) => void setImmediate(slice),
      (epoch) => this.served(epoch),
    );
    const encodings = new EncodingNegotiation();
    this.misses = new MissAnswers(options, runtime);
    this.asks = new AskTable(options, runtime);
    this.webhooks = new WebhookRelay(options, runtime);
    this.encryptions = new EncryptionDesk(options, runtime);
    this.slowPath = new SlowPath(options, runtime, this.epochs, encodings, this.misses, this.encryptions);
    this.readPath = new ReadPath(options.serverPrefix, runtime, this.epochs, encodings, this.slowPath);
    this.app = App();
    this.push = new PushService(this.app, options, runtime, this.epochs, this.misses, () => (this.connections -= 1));
    this.routes(this.app as TemplatedApp & TimedApp);
    this.tick(runtime.worker.controlBlock);
    this.clock = setInterval(() => {
      this.tick(runtime.worker.controlBlock);
      const now = performance.now();
      this.misses.expire(now);
      this.asks.expire(now);
      this.webhooks.expire(now);
      this.encryptions.expire(now);
      this.release();
      this.push.tick(now);
    }, SWEEP_MS);
  }

  requestsInFlight(): number {
    return this.misses.waiting + this.asks.waiting + this.webhooks.waiting + this.encryptions.waiting + this.runtime.sending.answers;
  }

  connectionsOpen(): number {
    return this.connections;
  }

  subscribersOpen(): number {
    return this.push.subscribers;
  }

  onClosed(): void {
    clearInterval(this.clock);
    this.push.close();
  }

  onMessage(message: ToWorker): void {
    switch (message.kind) {
      case 'epoch':
        this.push.announce(message.changes, message.seenAtMs);
        this.epochs.begin(message.epoch, message.segment);
        return;
      case 'addendum':
        this.garbage.add(message.segment.byteLength);
        if (message.install) this.epochs.add(message.epoch, message.segment);
        this.misses.answer(message.missIds, message.segment);
        if (message.install) this.push.hub.added(message.segment);
        return;
      case 'missRefused':
        this.misses.refuse(message.missIds, message.code, message.retryAfterSeconds);
        return;
      case 'answer':
        this.asks.answer(message);
        return;
      case 'webhookAnswered':
        this.webhooks.answer(message);
        return;
      case 'encryptionAnswer':
        this.encryptions.answer(message.questionId, message.answer);
        return;
      case 'spread':
        this.push.spread(message.spreadMs);
        return;
      case 'detach':
        // Another thread takes its place: it must not wait for those who would stay for ever.
        this.push.spread(DETACHED_SPREAD_MS);
        return;
      default:
        // Lame duck and finish are the runtime's: the plane reads `closing`.
        return;
    }
  }

  private served(epoch: number): void {
    this.push.hub.moved();
    this.runtime.worker.send({ kind: 'epochServed', epoch });
    this.toRelease = epoch;
    this.release();
  }

  /** A slow client may still be sent an answer of an earlier epoch: then later. */
  private release(): void {
    if (this.toRelease === 0 || this.runtime.sending.answers > 0) return;
    this.runtime.worker.send({ kind: 'epochReleased', epoch: this.toRelease });
    this.toRelease = 0;
  }

  private tick(control: ControlBlock): void {
    const seconds = Math.floor((monotonicMs() - control.startedAtMs) / 1000);
    this.readPath.nowSeconds = seconds;
    this.slowPath.nowSeconds = seconds;
    this.push.nowSeconds = seconds;
  }

  private routes(app: TemplatedApp & TimedApp): void {
    // Between requests and within their heads; then within bodies and while a client does not read its answer.
    app.setIdleTimeout(this.options.idleTimeoutSeconds);
    app.setResponseTimeout(this.options.idleTimeoutSeconds);
    app.filter((_res, change) => {
      this.connections += Number(change) > 0 ? 1 : -1;
    });
    for (const [path, what, template] of [
      ['/health', 'health', PROBE],
      ['/health/ready', 'ready', PROBE],
      ['/health/live', 'live', PROBE],
      ['/metrics', 'metrics', METRICS],
    ] as const) {
      app.get(
        path,
        this.guarded((res, req) => this.asks.ask(res, req, what, template, false)),
      );
      app.head(
        path,
        this.guarded((res, req) => this.asks.ask(res, req, what, template, true)),
      );
      app.any(
        path,
        this.guarded((res, req) => this.slowPath.notARead(res, req, template)),
      );
    }
    this.push.register((handler) => this.guarded(handler));
    const { onApiPort, path } = this.options.webhooks;
    for (const prefix of onApiPort ? ['', INGRESS_PREFIX] : []) {
      app.post(
        `${prefix}${path}/monitor`,
        this.guarded((res, req) => this.webhooks.post(res, req)),
      );
    }
    app.get('/*', this.guarded(this.readHandler()));
    app.head(
      '/*',
      this.guarded((res, req) => this.slowPath.request(res, req, 'HEAD')),
    );
    app.any(
      '/*',
      this.guarded((res, req) => this.slowPath.request(res, req, req.getCaseSensitiveMethod())),
    );
  }

  /**
   * The one wrapper of every route: a handler that throws would end the process, since uWebSockets.js aborts when a request is left
   * without an answer. The request is lost, its connection closed; the worker goes on, or one request could take them all.
   */
  private guarded(handler: Handler): Handler {
    return (res, req) => {
      try {
        handler(res, req);
      } catch (error) {
        const trace = requestTrace(req.getHeader('x-request-id'), req.getHeader('traceparent'));
        this.runtime.log.error('a request could not be answered', { code: 'INTERNAL', method: req.getMethod(), target: req.getUrl(), ...trace, error });
        this.runtime.lane.incrementRequest(UNMATCHED, methodIndex(req.getCaseSensitiveMethod()), 500);
        res.close();
      }
    };
  }

  /** The read path, but for the sample of the access log: those take the slow path, which keeps what a log line needs. */
  private readHandler(): Handler {
    const { accessSampleRate } = this.options;
    if (accessSampleRate === 0) return (res, req) => this.readPath.get(res, req);
    return (res, req) => {
      if (!isSampled(accessSampleRate, Math.random())) this.readPath.get(res, req);
      else this.slowPath.request(res, req, 'GET', Buffer.from(res.getRemoteAddressAsText()).toString());
    };
  }
}
