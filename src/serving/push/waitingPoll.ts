// Long poll: one answer when there is something new, 304 when there is nothing within the wait.
import type { HttpResponse } from 'uWebSockets.js';
import { statusLine } from '../statusLine.ts';
import type { PreparedFrame } from './preparedFrame.ts';
import type { PushMeter } from './pushMeter.ts';
import type { Member, Topic } from './topic.ts';

export class WaitingPoll implements Member {
  readonly isBroadcast = false;
  private readonly response: HttpResponse;
  private readonly meter: PushMeter;
  private readonly timer: NodeJS.Timeout;
  private readonly onEnd: (status: number) => void;
  private hash = '';
  private ended = false;

  /** `onEnd` is called once, with the status that was sent; 0 when the client has left. */
  constructor(response: HttpResponse, meter: PushMeter, waitMs: number, onEnd: (status: number) => void) {
    this.response = response;
    this.meter = meter;
    this.onEnd = onEnd;
    this.timer = setTimeout(() => this.unchanged(false), waitMs);
    response.onAborted(() => this.finish(0));
  }

  isFull(): boolean {
    return false;
  }

  send(_topic: Topic, prepared: PreparedFrame): void {
    const { frame, json } = prepared;
    if (frame.type === 'current') this.hash = frame.version.hash;
    if (this.ended || frame.type === 'current' || frame.type === 'heartbeat') return;
    this.meter.handed('poll', frame.type, prepared.bytesOf('json'), 1);
    const status = frame.type === 'unavailable' ? frame.status : 200;
    this.response.cork(() => {
      this.response.writeStatus(statusLine(status)).writeHeader('content-type', 'application/json');
      this.response.writeHeader('cache-control', 'no-store').end(json);
    });
    this.finish(status);
  }

  list(): void {
    // broadcasts do not reach it
  }

  /** 304; `closing` ends the connection. */
  unchanged(closing: boolean): void {
    if (this.ended) return;
    this.response.cork(() => {
      this.response.writeStatus('304 Not Modified');
      if (this.hash !== '') this.response.writeHeader('etag', `"${this.hash}"`);
      if (closing) this.response.endWithoutBody(0, true);
      else this.response.endWithoutBody();
    });
    this.finish(304);
  }

  private finish(status: number): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.timer);
    this.onEnd(status);
  }
}
