// Health and metrics on the API port: the primary knows them, so the worker asks and passes the answer on.
import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import type { ToWorker } from '../cluster/messages.ts';
import { statusLine } from './statusLine.ts';
import { ASKS_MAX } from '../model/limits.ts';
import { methodIndex, type LaneWriter } from '../telemetry/lane.hot.ts';
import { sendError } from './sendError.ts';
import type { ServingOptions, ServingRuntime } from './servingRuntime.ts';

interface Ask {
  readonly response: HttpResponse;
  readonly path: string;
  readonly accept: string;
  readonly head: boolean;
  readonly template: number;
  readonly startedMs: number;
  aborted: boolean;
}

/** Liveness is answered here: a worker that runs this code is alive, whatever the primary does. */
export class AskTable {
  private readonly asks = new Map<number, Ask>();
  private nextId = 1;
  private readonly options: ServingOptions;
  private readonly runtime: ServingRuntime;
  private readonly lane: LaneWriter;

  constructor(options: ServingOptions, runtime: ServingRuntime) {
    this.options = options;
    this.runtime = runtime;
    this.lane = runtime.lane;
  }

  get waiting(): number {
    return this.asks.size;
  }

  ask(res: HttpResponse, req: HttpRequest, what: 'health' | 'ready' | 'live' | 'metrics', template: number, head: boolean): void {
    const ask: Ask = {
      response: res,
      path: req.getUrl(),
      accept: req.getHeader('accept'),
      head,
      template,
      startedMs: performance.now(),
      aborted: false,
    };
    if (what === 'live') {
      const body = JSON.stringify({ status: 'ok', version: this.options.version, uptime_secs: Math.floor(process.uptime()), checks: [] });
      this.send(ask, 200, 'application/json', body);
      return;
    }
    if (this.asks.size >= ASKS_MAX) {
      this.refuse(ask);
      return;
    }
    const askId = this.nextId;
    this.nextId += 1;
    this.asks.set(askId, ask);
    res.onAborted(() => {
      ask.aborted = true;
      this.asks.delete(askId);
    });
    this.runtime.worker.send({ kind: 'ask', askId, what });
  }

  answer(message: ToWorker & { readonly kind: 'answer' }): void {
    const ask = this.asks.get(message.askId);
    if (ask === undefined) return;
    this.asks.delete(message.askId);
    ask.response.cork(() => this.send(ask, message.status, message.contentType, message.body));
  }

  expire(nowMs: number): void {
    for (const [askId, ask] of this.asks) {
      if (nowMs - ask.startedMs < this.options.waitMaxMs) return;
      this.asks.delete(askId);
      ask.response.cork(() => this.refuse(ask));
    }
  }

  private send(ask: Ask, status: number, contentType: string, body: string): void {
    const res = ask.response;
    res.writeStatus(statusLine(status)).writeHeader('content-type', contentType).writeHeader('cache-control', 'no-store');
    if (ask.head) res.endWithoutBody(Buffer.byteLength(body), this.runtime.worker.closing);
    else res.end(body, this.runtime.worker.closing);
    this.count(ask, status);
  }

  private refuse(ask: Ask): void {
    const headers = [['retry-after', '1']] as const;
    sendError(ask.response, {
      status: 503,
      path: ask.path,
      accept: ask.accept,
      head: ask.head,
      emptyBody: false,
      closing: this.runtime.worker.closing,
      headers,
    });
    this.count(ask, 503);
  }

  private count(ask: Ask, status: number): void {
    this.lane.incrementRequest(ask.template, methodIndex(ask.head ? 'HEAD' : 'GET'), status);
    this.lane.observeDuration(ask.template, (performance.now() - ask.startedMs) / 1000);
  }
}
