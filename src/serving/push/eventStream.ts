// Server-sent events: one response that does not end.
import type { HttpResponse } from 'uWebSockets.js';
import type { Frame } from '../../core/push/frame.ts';
import { PreparedFrame } from './preparedFrame.ts';
import type { PushMeter } from './pushMeter.ts';
import type { Since, Member, Topic } from './topic.ts';

/** What is written last is on its way by then. */
const lastWordsMs = 200;

export class EventStream implements Member {
  readonly isBroadcast = false;
  private readonly response: HttpResponse;
  private readonly meter: PushMeter;
  private full = false;
  private ended = false;

  /** Call in the handler, after the head was written. `onReady`: it takes frames again; `onGone`: the client has left. */
  constructor(response: HttpResponse, meter: PushMeter, onReady: () => void, onGone: () => void) {
    this.response = response;
    this.meter = meter;
    response.onAborted(() => {
      this.ended = true;
      onGone();
    });
    response.onWritable(() => {
      this.full = false;
      onReady();
      return true;
    });
  }

  isFull(): boolean {
    return this.full;
  }

  send(_topic: Topic, prepared: PreparedFrame): void {
    const { frame, json } = prepared;
    this.meter.handed('events', frame.type, prepared.bytesOf('json'), 1);
    this.write(`${eventId(frame)}event: ${frame.type}\ndata: ${json}\n\n`);
  }

  list(): void {
    // broadcasts do not reach it
  }

  /** The last words: when to come back. Then the connection is closed, since uWebSockets.js can't both end a chunked body and close. */
  end(frame: Frame & { readonly type: 'drain' }): void {
    if (this.ended || this.full) {
      this.cut();
      return;
    }
    const words = new PreparedFrame(frame);
    this.meter.handed('events', 'drain', words.bytesOf('json'), 1);
    this.write(`retry: ${frame.reconnectDelayMs}\nevent: drain\ndata: ${words.json}\n\n`);
    setTimeout(() => this.cut(), lastWordsMs);
  }

  private cut(): void {
    if (!this.ended) this.response.close();
  }

  private write(text: string): void {
    if (this.ended) return;
    this.response.cork(() => {
      if (!this.response.write(text)) this.full = true;
    });
  }
}

/** Revisions are commit ids, hashes and commas. */
function eventId(frame: Frame): string {
  if (!('subject' in frame)) return '';
  const version = frame.type === 'change' ? frame.change.to : frame.type === 'unavailable' ? null : frame.version;
  return version === null ? '' : `id: ${version.hash}@${version.revision}\n`;
}

/** From `Last-Event-ID`. */
export function sinceOfEventId(id: string): Since {
  const at = id.indexOf('@');
  return at < 0 ? { hash: '', revision: id } : { hash: id.slice(0, at), revision: id.slice(at + 1) };
}
