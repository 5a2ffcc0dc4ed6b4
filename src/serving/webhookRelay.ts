// Webhooks on the API port: reads the delivery within its limits and has the primary judge it.
import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import type { ToWorker } from '../cluster/messages.ts';
import { webhookHeaderNames } from '../core/webhook/webhookProvider.ts';
import { errorCodes, type ErrorCode } from '../model/errorCodes.ts';
import { WEBHOOK_BODY_MS, WEBHOOKS_MAX } from '../model/limits.ts';
import { routeTemplates } from '../model/routes.ts';
import { namedCounterSlot } from '../telemetry/laneLayout.ts';
import { count, refuse } from './answers.ts';
import { collectBody } from './collectBody.ts';
import type { RequestFacts } from './requestFacts.ts';
import type { ServingOptions, ServingRuntime } from './servingRuntime.ts';
import { statusLine } from './statusLine.ts';

interface Waiting {
  readonly response: HttpResponse;
  readonly facts: RequestFacts;
  /** It is the primary's turn. */
  isSent: boolean;
}

const WEBHOOK = routeTemplates.indexOf('/monitor');
const ABORTED = namedCounterSlot('requestAborted');

export class WebhookRelay {
  private readonly waiters = new Map<number, Waiting>();
  private readonly options: ServingOptions;
  private readonly runtime: ServingRuntime;
  private nextId = 1;

  constructor(options: ServingOptions, runtime: ServingRuntime) {
    this.options = options;
    this.runtime = runtime;
  }

  get waiting(): number {
    return this.waiters.size;
  }

  post(res: HttpResponse, req: HttpRequest): void {
    const id = this.nextId;
    this.nextId += 1;
    const waiting: Waiting = { response: res, facts: factsOf(req), isSent: false };
    if (this.waiters.size >= WEBHOOKS_MAX) {
      res.onAborted(() => undefined);
      this.refuse(waiting, 'OVERLOADED');
      return;
    }
    const headers = Object.fromEntries(webhookHeaderNames.map((name) => [name, req.getHeader(name)]));
    this.waiters.set(id, waiting);
    res.onAborted(() => {
      if (this.waiters.delete(id)) this.runtime.lane.increment(ABORTED);
    });
    const isOver = (): boolean => !this.waiters.has(id);
    collectBody(res, this.options.webhooks.bodyBytesMax, isOver, (body) => {
      if (body === null) {
        this.waiters.delete(id);
        this.refuse(waiting, 'BODY_TOO_LARGE');
        return;
      }
      waiting.isSent = true;
      this.runtime.worker.send({ kind: 'webhook', webhookId: id, target: waiting.facts.path, headers, body });
    });
  }

  answer(message: ToWorker & { readonly kind: 'webhookAnswered' }): void {
    const waiting = this.waiters.get(message.webhookId);
    if (waiting === undefined) return;
    this.waiters.delete(message.webhookId);
    const { response, facts } = waiting;
    response.cork(() => {
      response.writeStatus(statusLine(message.status)).writeHeader('content-type', message.contentType).writeHeader('cache-control', 'no-store');
      for (const [name, value] of message.headers) response.writeHeader(name, value);
      response.end(message.body, this.runtime.worker.closing);
    });
    count(this.runtime, facts, message.status);
  }

  /** A body that comes in drops would hold its place for ever. */
  expire(nowMs: number): void {
    for (const [id, waiting] of this.waiters) {
      const limitMs = waiting.isSent ? this.options.waitMaxMs : WEBHOOK_BODY_MS;
      if (nowMs - waiting.facts.startedMs < limitMs) continue;
      this.waiters.delete(id);
      waiting.response.cork(() => this.refuse(waiting, waiting.isSent ? 'NOT_READY' : 'REQUEST_TIMEOUT'));
    }
  }

  /** What is left of the body is not waited for: the connection ends. */
  private refuse({ response, facts }: Waiting, code: Extract<ErrorCode, 'OVERLOADED' | 'NOT_READY' | 'BODY_TOO_LARGE' | 'REQUEST_TIMEOUT'>): void {
    const { status } = errorCodes[code];
    const headers = status === 503 ? [['retry-after', '1'] as const] : [];
    refuse(response, this.runtime, facts, { status, emptyBody: false, closing: true, headers });
  }
}

function factsOf(req: HttpRequest): RequestFacts {
  return {
    method: 'POST',
    path: req.getUrl(),
    accept: req.getHeader('accept'),
    ifNoneMatch: '',
    ifModifiedSince: '',
    ifUnmodifiedSince: '',
    template: WEBHOOK,
    startedMs: performance.now(),
    remoteAddress: null,
  };
}
