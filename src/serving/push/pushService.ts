// Push in a serving thread: the hub, its carriers, and what they share: admission, ages, the drain.
import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js';
import { errorCodes, type ErrorCode } from '../../model/errorCodes.ts';
import type { EntryChange } from '../../model/push.ts';
import { routeTemplates } from '../../model/routes.ts';
import type { EpochSwitch } from '../../snapshot/epochSwitch.ts';
import { methodIndex } from '../../telemetry/lane.hot.ts';
import { namedCounterSlot } from '../../telemetry/laneLayout.ts';
import type { MissAnswers } from '../missAnswers.ts';
import { sendError } from '../sendError.ts';
import type { ServingOptions, ServingRuntime } from '../servingRuntime.ts';
import { queryOf } from '../slowPath.ts';
import { targetPaths } from '../targetPath.ts';
import { Admission } from './admission.ts';
import { EventStream, sinceOfEventId } from './eventStream.ts';
import { PushHub } from './pushHub.ts';
import { FanOut } from './fanOut.ts';
import { PushMeter } from './pushMeter.ts';
import type { PushOptions } from './pushOptions.ts';
import { subscriptionOfPath, type SubscriptionResult } from './subscription.ts';
import type { Since } from './topic.ts';
import { WaitingPoll } from './waitingPoll.ts';
import { closeCode, WebSocketCarrier } from './webSocketCarrier.ts';
import type { WebSocketMember } from './webSocketMember.ts';

const EVENTS = routeTemplates.indexOf('/vortex/v1/events/{name}/{profiles}');
const WATCH = routeTemplates.indexOf('/vortex/v1/watch/{name}/{profiles}');
const GET = methodIndex('GET');
const REFUSED = namedCounterSlot('socketRefused');

/** Clients of one drained server come back over this time, each with a delay of its own. */
const reconnectSpreadMs = 2_000;

type Handler = (res: HttpResponse, req: HttpRequest) => void;

export class PushService {
  readonly hub: PushHub;
  readonly fanOut: FanOut;
  readonly meter: PushMeter;
  readonly options: PushOptions;
  readonly matchOptions: ServingOptions;
  readonly runtime: ServingRuntime;
  readonly connectionClosed: () => void;
  nowSeconds = 0;
  private readonly app: TemplatedApp;
  private readonly sockets: WebSocketCarrier;
  private readonly streams = new Set<EventStream>();
  private readonly polls = new Set<WaitingPoll>();
  private readonly admission: Admission;
  private readonly heartbeat: NodeJS.Timeout;
  private readonly leaving: NodeJS.Timeout[] = [];

  constructor(app: TemplatedApp, options: ServingOptions, runtime: ServingRuntime, epochs: EpochSwitch, misses: MissAnswers, connectionClosed: () => void) {
    this.app = app;
    this.connectionClosed = connectionClosed;
    this.options = options.push;
    this.matchOptions = options;
    this.runtime = runtime;
    this.admission = new Admission(options.push.admissionsPerSecond, performance.now());
    this.meter = new PushMeter(runtime.lane, runtime.worker.controlBlock.startedAtMs);
    this.fanOut = new FanOut(app, this.meter, () => this.sockets.settle());
    this.hub = new PushHub({
      find: (key, variant) => epochs.current.find(key)?.variants[variant],
      ask: (entry, waiter) => misses.wait(entry, waiter),
      broadcast: (topic, frame) => this.fanOut.publish(topic.key, frame),
      meter: this.meter,
      staleness: (entry) => runtime.worker.controlBlock.staleness[entry.repositorySlot]!,
      nowSeconds: () => this.nowSeconds,
    });
    this.sockets = new WebSocketCarrier(this);
    this.heartbeat = setInterval(() => this.hub.heartbeat(), this.options.heartbeatMs);
  }

  /** `guarded` wraps a handler so that the request is answered whatever happens. */
  register(guarded: (handler: Handler) => Handler): void {
    this.sockets.register(this.app);
    this.app.get(
      '/vortex/v1/events/*',
      guarded((res, req) => this.events(res, req)),
    );
    this.app.get(
      '/vortex/v1/watch/*',
      guarded((res, req) => this.watch(res, req)),
    );
  }

  get subscribers(): number {
    return this.sockets.members.size + this.streams.size + this.polls.size;
  }

  /** With the epoch that is being installed. */
  announce(changes: readonly EntryChange[], seenAtMs: number): void {
    this.hub.announce(changes, seenAtMs);
  }

  /** Every half second. */
  tick(nowMs: number): void {
    this.sockets.tick(nowMs);
    this.hub.keepHot();
  }

  /** Asks everybody to leave, evenly over the time. */
  spread(spreadMs: number): void {
    for (const poll of this.polls) poll.unchanged(true);
    const leave = [
      ...[...this.sockets.members].map((member) => () => this.dismiss(member)),
      ...[...this.streams].map((stream) => () => this.dismissStream(stream)),
    ];
    this.leaving.push(...leave.map((each, index) => setTimeout(each, (spreadMs * index) / leave.length)));
  }

  close(): void {
    clearInterval(this.heartbeat);
    for (const timer of this.leaving) clearTimeout(timer);
    for (const member of this.sockets.members) if (member.ageTimer !== null) clearTimeout(member.ageTimer);
  }

  /** The subscription that a path below `prefix` names. */
  target(url: string, prefix: string): SubscriptionResult {
    for (const path of targetPaths(url, this.matchOptions.serverPrefix)) {
      if (path.startsWith(`${prefix}/`)) return subscriptionOfPath(path.slice(prefix.length), this.matchOptions);
    }
    return { kind: 'rejected', code: 'ROUTE_UNKNOWN' };
  }

  sinceOf(req: HttpRequest): Since {
    const query = new URLSearchParams(queryOf(req));
    return { revision: query.get('revision') ?? '', hash: query.get('hash') ?? '' };
  }

  /** 0: the subscriber may come in; else too many come at once, and it is to try again after so many milliseconds. */
  admissionDelayMs(): number {
    const delayMs = this.admission.delayMs(performance.now(), Math.random());
    if (delayMs > 0) this.runtime.lane.increment(REFUSED);
    return delayMs;
  }

  /** Whether the subscriber was turned away: the server is closing. */
  refusesClosing(res: HttpResponse, req: HttpRequest, template: number): boolean {
    if (!this.runtime.worker.closing) return false;
    this.runtime.lane.increment(REFUSED);
    this.sendError(res, req, template, 503, [['retry-after', '1']]);
    return true;
  }

  /** Whether the subscriber was turned away: the server is closing or too many come at once. */
  private refuses(res: HttpResponse, req: HttpRequest, template: number): boolean {
    if (this.refusesClosing(res, req, template)) return true;
    const delayMs = this.admissionDelayMs();
    if (delayMs > 0) this.sendError(res, req, template, 503, [['retry-after', String(Math.ceil(delayMs / 1_000))]]);
    return delayMs > 0;
  }

  reject(res: HttpResponse, req: HttpRequest, template: number, code: ErrorCode): void {
    this.sendError(res, req, template, errorCodes[code].status, []);
  }

  ageTimer(end: () => void): NodeJS.Timeout | null {
    const { connectionAgeMaxMs } = this.options;
    if (connectionAgeMaxMs === 0) return null;
    // Not all that came together go together.
    return setTimeout(end, connectionAgeMaxMs * (0.8 + 0.4 * Math.random()));
  }

  reconnectDelayMs(): number {
    return Math.floor(Math.random() * reconnectSpreadMs);
  }

  /** The number of subscribers has changed: the drain looks at it at once, not with the next heartbeat of the thread. */
  counted(): void {
    this.runtime.worker.noteSubscribers(this.subscribers);
  }

  private events(res: HttpResponse, req: HttpRequest): void {
    if (this.refuses(res, req, EVENTS)) return;
    const target = this.target(req.getUrl(), '/vortex/v1/events');
    if (target.kind === 'rejected') {
      this.reject(res, req, EVENTS, target.code);
      return;
    }
    const { key, subject, entry } = target.subscription;
    const lastId = req.getHeader('last-event-id');
    const since = lastId === '' ? this.sinceOf(req) : sinceOfEventId(lastId);
    res.writeHeader('content-type', 'text/event-stream').writeHeader('cache-control', 'no-store').writeHeader('x-accel-buffering', 'no');
    const stream: EventStream = new EventStream(
      res,
      this.meter,
      () => this.hub.ready(key, stream),
      () => {
        this.streams.delete(stream);
        this.counted();
        this.hub.unsubscribe(key, stream);
      },
    );
    this.streams.add(stream);
    this.counted();
    this.runtime.lane.incrementRequest(EVENTS, GET, 200);
    this.hub.subscribe(key, subject, entry, since, stream);
  }

  private watch(res: HttpResponse, req: HttpRequest): void {
    if (this.refuses(res, req, WATCH)) return;
    const target = this.target(req.getUrl(), '/vortex/v1/watch');
    if (target.kind === 'rejected') {
      this.reject(res, req, WATCH, target.code);
      return;
    }
    const { key, subject, entry } = target.subscription;
    const since = this.sinceOf(req);
    const waitMs = pollWaitMs(new URLSearchParams(queryOf(req)).get('wait'), this.options.pollMaxMs);
    if (waitMs === null) {
      this.reject(res, req, WATCH, 'QUERY_INVALID');
      return;
    }
    const poll: WaitingPoll = new WaitingPoll(res, this.meter, waitMs, (status) => {
      this.polls.delete(poll);
      this.counted();
      this.hub.unsubscribe(key, poll);
      if (status !== 0) this.runtime.lane.incrementRequest(WATCH, GET, status);
    });
    this.polls.add(poll);
    this.counted();
    this.hub.subscribe(key, subject, entry, since, poll);
  }

  private dismiss(member: WebSocketMember): void {
    member.say({ type: 'drain', reconnectDelayMs: this.reconnectDelayMs() });
    member.close(closeCode.serviceRestart, 'draining');
  }

  private dismissStream(stream: EventStream): void {
    stream.end({ type: 'drain', reconnectDelayMs: this.reconnectDelayMs() });
  }

  private sendError(res: HttpResponse, req: HttpRequest, template: number, status: number, headers: readonly (readonly [string, string])[]): void {
    const answer = {
      status,
      path: req.getUrl(),
      accept: req.getHeader('accept'),
      head: false,
      emptyBody: false,
      closing: this.runtime.worker.closing,
      headers,
    };
    sendError(res, answer);
    this.runtime.lane.incrementRequest(template, GET, status);
  }
}

/** Seconds, fractions allowed; null when it is no time. */
function pollWaitMs(text: string | null, maxMs: number): number | null {
  if (text === null) return maxMs;
  const seconds = Number(text);
  return text !== '' && seconds >= 0 ? Math.min(maxMs, seconds * 1_000) : null;
}
