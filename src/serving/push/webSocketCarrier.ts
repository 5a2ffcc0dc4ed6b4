// Push over WebSockets: `GET /ws/{name}/{profiles}[/{label}]`, sub-protocols vortex.v1.json and vortex.v1.msgpack.
import type { HttpRequest, HttpResponse, TemplatedApp, us_socket_context_t, WebSocket } from 'uWebSockets.js';
import type { MatchOptions } from '../../core/http/matchRoute.ts';
import type { ErrorCode } from '../../model/errorCodes.ts';
import type { ServingRuntime } from '../servingRuntime.ts';
import { methodIndex } from '../../telemetry/lane.hot.ts';
import { namedCounterSlot } from '../../telemetry/laneLayout.ts';
import { routeTemplates } from '../../model/routes.ts';
import { readClientMessage } from './clientMessage.ts';
import { readFrame } from './preparedFrame.ts';
import type { FanOut } from './fanOut.ts';
import type { PushHub } from './pushHub.ts';
import type { PushMeter } from './pushMeter.ts';
import type { PushOptions } from './pushOptions.ts';
import { pathOf, subscriptionOfPath, type Subscription, type SubscriptionResult } from './subscription.ts';
import type { Since } from './topic.ts';
import { UNLISTED, WebSocketMember, type SocketData, type SocketHost } from './webSocketMember.ts';

const TEMPLATE = routeTemplates.indexOf('/ws/{name}/{profiles}');
const GET = methodIndex('GET');
const OPENED = namedCounterSlot('socketOpened');
const CLOSED = namedCounterSlot('socketClosed');
const DROPPED = namedCounterSlot('pushDropped');

/** Close codes of RFC 6455 and its registry. */
export const closeCode = { protocolError: 1_002, policyViolation: 1_008, serviceRestart: 1_012, tryAgainLater: 1_013 } as const;

/** A message of a client is a subscription: larger ones close the socket (1009, by uWebSockets.js). */
const messageBytesMax = 8 * 1_024;
/** What a slow client is owed before frames are dropped and replaced by one change over all of them. */
const backlogBytesMax = 64 * 1_024;
/** Pings keep it open; without an answer for this long the client is gone. */
const idleTimeoutSeconds = 120;
/** Messages of a client within a second; above, it is closed. */
const messagesPerSecond = 50;

/** What the carriers share. */
export interface SocketPorts {
  readonly hub: PushHub;
  readonly fanOut: FanOut;
  readonly meter: PushMeter;
  readonly options: PushOptions;
  readonly matchOptions: MatchOptions;
  readonly runtime: ServingRuntime;
  readonly refusesClosing: (res: HttpResponse, req: HttpRequest, template: number) => boolean;
  readonly admissionDelayMs: () => number;
  readonly reject: (res: HttpResponse, req: HttpRequest, template: number, code: ErrorCode) => void;
  readonly target: (url: string, prefix: string) => SubscriptionResult;
  readonly sinceOf: (req: HttpRequest) => Since;
  readonly ageTimer: (end: () => void) => NodeJS.Timeout | null;
  readonly reconnectDelayMs: () => number;
  /** A socket came or went. */
  readonly counted: () => void;
  /** uWebSockets.js counts an HTTP connection that became a WebSocket as opened, and never as closed. */
  readonly connectionClosed: () => void;
}

export class WebSocketCarrier {
  readonly members = new Set<WebSocketMember>();
  private readonly leaving = new Set<WebSocketMember>();
  private readonly service: SocketPorts;
  private readonly host: SocketHost;
  /** Messages in the current second, by socket. */
  private readonly spoken = new Map<WebSocketMember, number>();
  private spokenSinceMs = 0;
  /** Those with something that they could not take. */
  private readonly behind = new Set<WebSocketMember>();

  constructor(service: SocketPorts) {
    this.service = service;
    this.host = {
      fanOut: service.fanOut,
      meter: service.meter,
      lost: (member, key) => this.lose(member, key, ''),
      leaving: (member) => this.leaveSoon(member),
    };
  }

  register(app: TemplatedApp): void {
    app.ws<SocketData>('/ws/*', {
      maxPayloadLength: messageBytesMax,
      maxBackpressure: backlogBytesMax,
      idleTimeout: idleTimeoutSeconds,
      sendPingsAutomatically: true,
      upgrade: (res, req, context) => this.upgrade(res, req, context),
      open: (socket) => this.open(socket),
      message: (socket, message) => this.message(socket, message),
      dropped: (socket, message) => this.dropped(socket, message),
      drain: (socket) => this.drained(socket),
      close: (socket) => this.closed(socket),
    });
  }

  /** Twice a second: forgets what was said in the second before, and ends those who have been behind for too long. */
  tick(nowMs: number): void {
    if (nowMs - this.spokenSinceMs >= 1_000) {
      this.spoken.clear();
      this.spokenSinceMs = nowMs;
    }
    for (const member of this.behind) if (nowMs - member.behindSinceMs > this.service.options.slowMaxMs) member.close(closeCode.tryAgainLater, 'too slow');
  }

  /** Before anything is published: whoever left a topic must not get it. */
  settle(): void {
    for (const member of this.leaving) member.leave();
    this.leaving.clear();
  }

  private leaveSoon(member: WebSocketMember): void {
    if (this.leaving.size === 0) setImmediate(() => this.settle());
    this.leaving.add(member);
  }

  private upgrade(res: HttpResponse, req: HttpRequest, context: us_socket_context_t): void {
    const { service } = this;
    if (service.refusesClosing(res, req, TEMPLATE)) return;
    const target = service.target(req.getUrl(), '/ws');
    if (target.kind === 'rejected') {
      service.reject(res, req, TEMPLATE, target.code);
      return;
    }
    const protocols = req.getHeader('sec-websocket-protocol');
    const protocol = chooseProtocol(protocols);
    service.runtime.lane.incrementRequest(TEMPLATE, GET, 101);
    res.upgrade<SocketData>(
      {
        first: { subscription: target.subscription, since: service.sinceOf(req) },
        encoding: protocol === 'vortex.v1.msgpack' ? 'msgpack' : 'json',
        isUnderstood: protocol !== null,
        // A page can't see why an upgrade failed: the socket is opened, told when to come back, and closed.
        comeBackMs: service.admissionDelayMs(),
        member: null,
      },
      req.getHeader('sec-websocket-key'),
      protocol ?? '',
      req.getHeader('sec-websocket-extensions'),
      context,
    );
  }

  private open(socket: WebSocket<SocketData>): void {
    const data = socket.getUserData();
    this.service.runtime.lane.increment(OPENED);
    const member = new WebSocketMember(socket, data.encoding, this.host);
    const { first } = data;
    data.first = null;
    data.member = member;
    this.members.add(member);
    this.service.counted();
    if (!data.isUnderstood) {
      member.close(closeCode.protocolError, 'unknown sub-protocol');
      return;
    }
    if (data.comeBackMs > 0) {
      member.say({ type: 'drain', reconnectDelayMs: data.comeBackMs });
      member.close(closeCode.tryAgainLater, 'too many at once');
      return;
    }
    member.ageTimer = this.service.ageTimer(() => {
      member.say({ type: 'drain', reconnectDelayMs: this.service.reconnectDelayMs() });
      member.close(closeCode.serviceRestart, 'connection age');
    });
    if (first !== null) this.subscribe(member, first.subscription, first.since);
  }

  private message(socket: WebSocket<SocketData>, bytes: ArrayBuffer): void {
    const { member } = socket.getUserData();
    if (member === null) return;
    const spoken = (this.spoken.get(member) ?? 0) + 1;
    this.spoken.set(member, spoken);
    if (spoken > messagesPerSecond) {
      member.close(closeCode.policyViolation, 'too many messages');
      return;
    }
    const message = readClientMessage(bytes, member.encoding);
    if (message === null) {
      member.close(closeCode.policyViolation, 'not a message of this protocol');
      return;
    }
    const target = subscriptionOfPath(pathOf(message), this.service.matchOptions);
    if (target.kind === 'rejected') {
      member.say({ type: 'error', code: target.code, message: `cannot ${message.type} to ${pathOf(message)}` });
      return;
    }
    const { key } = target.subscription;
    if (message.type === 'subscribe') this.subscribe(member, target.subscription, message.since);
    else if (message.type === 'resync') this.service.hub.resync(key, member, message.since);
    else this.unsubscribe(member, key);
  }

  private subscribe(member: WebSocketMember, subscription: Subscription, since: Since): void {
    const { key, subject, entry } = subscription;
    if (!member.keys.has(key) && member.keys.size >= this.service.options.subscriptionsPerConnection) {
      member.say({ type: 'error', code: 'LIMIT_EXCEEDED', message: `a connection has at most ${member.keys.size} subscriptions` });
      return;
    }
    if (member.keys.has(key)) this.service.hub.unsubscribe(key, member);
    if (!member.keys.has(key)) member.keys.set(key, UNLISTED);
    this.service.hub.subscribe(key, subject, entry, since, member);
  }

  private unsubscribe(member: WebSocketMember, key: string): void {
    this.service.hub.unsubscribe(key, member);
    member.keys.delete(key);
  }

  /** A broadcast did not fit into the backlog of a slow client. */
  private dropped(socket: WebSocket<SocketData>, bytes: ArrayBuffer): void {
    const { member } = socket.getUserData();
    if (member === null) return;
    this.service.runtime.lane.increment(DROPPED);
    const frame = readFrame(bytes, member.encoding);
    // the next heartbeat says the same; words without a subject are said before the socket is closed
    if (frame.type === 'heartbeat' || frame.subject === null) return;
    this.lose(member, pathOf(frame.subject), frame.fromHash);
  }

  private lose(member: WebSocketMember, key: string, from: string): void {
    if (member.behindSinceMs === 0) member.behindSinceMs = performance.now();
    this.behind.add(member);
    this.service.hub.lost(key, member, from);
  }

  private drained(socket: WebSocket<SocketData>): void {
    const { member } = socket.getUserData();
    if (member === null || member.behindSinceMs === 0 || socket.getBufferedAmount() > 0) return;
    member.behindSinceMs = 0;
    this.behind.delete(member);
    for (const key of member.keys.keys()) this.service.hub.ready(key, member);
  }

  private closed(socket: WebSocket<SocketData>): void {
    const { member } = socket.getUserData();
    if (member === null) return;
    member.gone = true;
    this.service.connectionClosed();
    this.service.runtime.lane.increment(CLOSED);
    if (member.ageTimer !== null) clearTimeout(member.ageTimer);
    this.members.delete(member);
    this.behind.delete(member);
    this.spoken.delete(member);
    this.service.counted();
    for (const key of member.keys.keys()) this.service.hub.unsubscribe(key, member);
  }
}

/** The first that we know of those that the client offers, '' when it offers none; null when it knows none of ours. */
function chooseProtocol(offered: string): 'vortex.v1.json' | 'vortex.v1.msgpack' | '' | null {
  if (offered === '') return '';
  for (const protocol of offered.split(',').map((each) => each.trim())) {
    if (protocol === 'vortex.v1.json' || protocol === 'vortex.v1.msgpack') return protocol;
  }
  return null;
}
