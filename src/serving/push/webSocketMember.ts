// One WebSocket: what it is subscribed to, what it could not take, when it must go.
import { pack } from 'msgpackr/pack';
import type { WebSocket } from 'uWebSockets.js';
import { frameJson, type Frame } from '../../core/push/frame.ts';
import type { FrameEncoding, PreparedFrame } from './preparedFrame.ts';
import type { Subscription } from './subscription.ts';
import type { Member, Since, Topic } from './topic.ts';

/** What the upgrade hands over to the open socket. */
export interface SocketData {
  readonly subscription: Subscription;
  readonly since: Since;
  readonly encoding: FrameEncoding;
  /** Why it is closed as soon as it is open; '' when it may stay. */
  readonly refusal: string;
  member: WebSocketMember | null;
}

/** What uWebSockets.js says of a message: kept back until the socket drains (0), sent (1), dropped (2). */
const DROPPED = 2;

/** Time for a client to take what is on its way and the close after it. */
const closeAnswerMs = 2_000;

export class WebSocketMember implements Member {
  readonly isBroadcast = true;
  readonly keys = new Set<string>();
  readonly encoding: FrameEncoding;
  /** performance.now() since when it has missed something; 0 when it has not. */
  behindSinceMs = 0;
  ageTimer: NodeJS.Timeout | null = null;
  /** The socket is closed: uWebSockets.js throws when it is touched. */
  gone = false;
  /** Topics that it leaves with the next `leave`. */
  private readonly leaving = new Set<string>();
  private readonly socket: WebSocket<SocketData>;
  private readonly onLost: (key: string) => void;
  private readonly onLeaving: (member: WebSocketMember) => void;

  /** `onLost`: a frame to it alone was dropped. `onLeaving`: call `leave` before anything is published, in a turn of its own. */
  constructor(socket: WebSocket<SocketData>, encoding: FrameEncoding, onLost: (key: string) => void, onLeaving: (member: WebSocketMember) => void) {
    this.socket = socket;
    this.encoding = encoding;
    this.onLost = onLost;
    this.onLeaving = onLeaving;
  }

  isFull(): boolean {
    return this.behindSinceMs !== 0;
  }

  send(topic: Topic, frame: PreparedFrame): void {
    if (this.gone) return;
    const isBinary = this.encoding === 'msgpack';
    if (this.socket.send(isBinary ? frame.msgpack : frame.json, isBinary) === DROPPED) this.onLost(topic.key);
  }

  list(topic: Topic, isListed: boolean): void {
    if (this.gone) return;
    const name = topicName(topic.key, this.encoding);
    if (isListed) {
      this.leaving.delete(name);
      this.socket.subscribe(name);
    } else {
      this.leaving.add(name);
      this.onLeaving(this);
    }
  }

  /** Leaving a topic while uWebSockets.js walks over its subscribers (that is when it reports a dropped frame) ends the process. */
  leave(): void {
    if (!this.gone) for (const name of this.leaving) this.socket.unsubscribe(name);
    this.leaving.clear();
  }

  /** Words that belong to no topic; when they are dropped the socket is about to be closed or full of answers to its own mistakes. */
  say(frame: Frame & { readonly type: 'error' | 'drain' }): void {
    if (this.gone) return;
    if (this.encoding === 'json') this.socket.send(frameJson(frame));
    else this.socket.send(pack(JSON.parse(frameJson(frame))), true);
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

export function topicName(key: string, encoding: FrameEncoding): string {
  return `${encoding} ${key}`;
}
