// Publishes to the WebSockets of a topic in slices, so that reads of the same thread go on while 10,000 sockets are written to.
//
//   Each topic has shards of at most 64 sockets, topics of uWebSockets.js of their own. A frame waits per shard; a turn of the loop
//   publishes to a few. What waits for a shard goes out before a socket joins it or is told something by itself: frames keep their order.
import type { TemplatedApp } from 'uWebSockets.js';
import type { FrameEncoding, PreparedFrame } from './preparedFrame.ts';
import type { PushMeter } from './pushMeter.ts';

const socketsPerShard = 64;
/** Some half millisecond. */
const shardsPerTurn = 1;

interface Waiting {
  readonly encoding: FrameEncoding;
  /** Sockets of the shards of the topic, and which of them this is. */
  readonly sizes: readonly number[];
  readonly shard: number;
  readonly frames: PreparedFrame[];
}

export class FanOut {
  private readonly app: TemplatedApp;
  private readonly meter: PushMeter;
  /** Sockets per shard, by topic and encoding. */
  private readonly sizes = new Map<string, number[]>();
  /** By the shard's name; in the order in which the shards are due. */
  private readonly waiting = new Map<string, Waiting>();
  private isScheduled = false;
  private readonly beforePublish: () => void;

  /** `beforePublish`: those who have left a topic leave it now. */
  constructor(app: TemplatedApp, meter: PushMeter, beforePublish: () => void) {
    this.app = app;
    this.meter = meter;
    this.beforePublish = beforePublish;
  }

  /** The shard that a socket that subscribes joins: a name to subscribe to is `shardName`. */
  join(key: string, encoding: FrameEncoding): number {
    const name = `${encoding} ${key}`;
    let sizes = this.sizes.get(name);
    if (sizes === undefined) this.sizes.set(name, (sizes = []));
    let shard = sizes.findLastIndex((size) => size < socketsPerShard);
    if (shard < 0) shard = sizes.push(0) - 1;
    sizes[shard]! += 1;
    this.flush(shardName(key, encoding, shard));
    return shard;
  }

  leave(key: string, encoding: FrameEncoding, shard: number): void {
    const name = `${encoding} ${key}`;
    const sizes = this.sizes.get(name);
    if (sizes === undefined) return;
    sizes[shard]! -= 1;
    if (sizes.every((size) => size === 0)) this.sizes.delete(name);
  }

  publish(key: string, frame: PreparedFrame): void {
    for (const encoding of ['json', 'msgpack'] as const) {
      const sizes = this.sizes.get(`${encoding} ${key}`) ?? [];
      for (const [shard, size] of sizes.entries()) {
        if (size === 0) continue;
        frame.hold();
        this.enqueue(shardName(key, encoding, shard), { encoding, sizes, shard, frames: [frame] });
      }
    }
    // A few subscribers are told at once.
    if (this.waiting.size > 0) this.turn();
  }

  /** Publishes what waits for a shard. */
  flush(name: string): void {
    const waiting = this.waiting.get(name);
    if (waiting === undefined) return;
    this.waiting.delete(name);
    const { encoding, sizes, shard, frames } = waiting;
    for (const frame of frames) {
      if (encoding === 'json') this.app.publish(name, frame.json);
      else this.app.publish(name, frame.msgpack, true);
      this.meter.handed('websocket', frame.frame.type, frame.bytesOf(encoding), sizes[shard]!);
      if (frame.release()) this.meter.complete(frame);
    }
  }

  private enqueue(name: string, waiting: Waiting): void {
    const earlier = this.waiting.get(name);
    if (earlier === undefined) this.waiting.set(name, waiting);
    else earlier.frames.push(...waiting.frames);
  }

  private turn(): void {
    if (this.isScheduled) return;
    this.beforePublish();
    let left = shardsPerTurn;
    for (const name of this.waiting.keys()) {
      this.flush(name);
      left -= 1;
      if (left === 0) break;
    }
    if (this.waiting.size === 0) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.turn();
    });
  }
}

export function shardName(key: string, encoding: FrameEncoding, shard: number): string {
  return `${encoding} ${shard} ${key}`;
}
