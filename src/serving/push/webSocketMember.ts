// One WebSocket: what it is subscribed to, what it could not take, when it must go. There may be tens of thousands: fields are few.
import type { WebSocket } from 'uWebSockets.js';
import type { Frame } from '../../core/push/frame.ts';
import { shardName, type FanOut } from './fanOut.ts';
import { PreparedFrame, type FrameEncoding } from './preparedFrame.ts';
import type { PushMeter } from './pushMeter.ts';
import type { Subscription } from './subscription.ts';
import type { Member, Since, Topic } from './topic.ts';

/** What the upgrade hands over to the open socket. */
export interface SocketData {
  /** Until it is open. */
  first: { readonly subscription: Subscription; readonly since: Since } | null;
  readonly encoding: FrameEncoding;
  /** It offered a sub-protocol of ours, or none. */
  readonly isUnderstood: boolean;
  /** Too many come at once: it is closed as soon as it is open. 0: it may stay. */
  readonly comeBackMs: number;
  member: WebSocketMember | null;
}

/** What all sockets of a thread share. */
export interface SocketHost {
  readonly fanOut: FanOut;
  readonly meter: PushMeter;
  /** A frame to it alone was dropped. */
  readonly lost: (member: WebSocketMember, key: string) => void;
  /** Call its `leave` before anything is published, in a turn of its own. */
  readonly leaving: (member: WebSocketMember) => void;
}

/** What uWebSockets.js says of a message: kept back until the socket drains (0), sent (1), dropped (2). */
const DROPPED = 2;

/** Time for a client to take what is on its way and the close after it. */
const closeAnswerMs = 2_000;

/** In place of a shard: broadcasts do not reach the socket. */
export const UNLISTED = -1;

export class WebSocketMember implements Member {
  readonly isBroadcast = true;
  /** Subscribed key → shard of the fan-out, UNLISTED while broadcasts do not reach it. */
  readonly keys = new Map<string, number>();
  readonly encoding: FrameEncoding;
  /** performance.now() since when it has missed something; 0 when it has not. */
  behindSinceMs = 0;
  ageTimer: NodeJS.Timeout | null = null;
  /** The socket is closed: uWebSockets.js throws when it is touched. */
  gone = false;
  /** Shards that it leaves with the next `leave`. */
  private shards: string[] | null = null;
  private readonly socket: WebSocket<SocketData>;
  private readonly host: SocketHost;

  constructor(socket: WebSocket<SocketData>, encoding: FrameEncoding, host: SocketHost) {
    this.socket = socket;
    this.encoding = encoding;
    this.host = host;
  }

  isFull(): boolean {
    return this.behindSinceMs !== 0;
  }

  send(topic: Topic, frame: PreparedFrame): void {
    if (this.gone) return;
    const shard = this.keys.get(topic.key) ?? UNLISTED;
    // What was broadcast before comes first.
    if (shard !== UNLISTED) this.host.fanOut.flush(shardName(topic.key, this.encoding, shard));
    const isBinary = this.encoding === 'msgpack';
    this.host.meter.handed('websocket', frame.frame.type, frame.bytesOf(this.encoding), 1);
    if (this.socket.send(isBinary ? frame.msgpack : frame.json, isBinary) === DROPPED) this.host.lost(this, topic.key);
  }

  list(topic: Topic, isListed: boolean): void {
    const before = this.keys.get(topic.key) ?? UNLISTED;
    if (isListed === (before !== UNLISTED)) return;
    if (isListed) {
      if (this.gone) return;
      // It may still be about to leave the same shard.
      this.leave();
      const shard = this.host.fanOut.join(topic.key, this.encoding);
      this.keys.set(topic.key, shard);
      this.socket.subscribe(shardName(topic.key, this.encoding, shard));
      return;
    }
    this.host.fanOut.leave(topic.key, this.encoding, before);
    this.keys.set(topic.key, UNLISTED);
    (this.shards ??= []).push(shardName(topic.key, this.encoding, before));
    this.host.leaving(this);
  }

  /** Leaving a topic while uWebSockets.js walks over its subscribers (that is when it reports a dropped frame) ends the process. */
  leave(): void {
    if (!this.gone) for (const name of this.shards ?? []) this.socket.unsubscribe(name);
    this.shards = null;
  }

  /** Words that belong to no topic; when they are dropped the socket is about to be closed or full of answers to its own mistakes. */
  say(frame: Frame & { readonly type: 'error' | 'drain' }): void {
    if (this.gone) return;
    const words = new PreparedFrame(frame);
    this.host.meter.handed('websocket', frame.type, words.bytesOf(this.encoding), 1);
    if (this.encoding === 'json') this.socket.send(words.json);
    else this.socket.send(words.msgpack, true);
  }

  close(code: number, reason: string): void {
    if (this.gone) return;
    this.socket.end(code, reason);
    // A client that reads nothing does not answer the close either.
    setTimeout(() => {
      if (!this.gone) this.socket.close();
    }, closeAnswerMs);
  }
}
