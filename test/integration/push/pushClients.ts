// A subscriber of each carrier for tests: frames in the order in which they come, and the content that they add up to.
import { request } from 'node:http';
import { unpack } from 'msgpackr/unpack';
import { WebSocket } from 'ws';

export interface Frame {
  readonly type: string;
  readonly application: string;
  readonly profile: string;
  readonly label: string | null;
  readonly revision: string;
  readonly hash: string;
  readonly from: { readonly revision: string; readonly hash: string };
  readonly properties: Readonly<Record<string, unknown>>;
  readonly added: Readonly<Record<string, unknown>>;
  readonly changed: Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>;
  readonly removed: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export interface Since {
  readonly revision?: string;
  readonly hash?: string;
}

/** Keeps what came; `next` waits for the first frame of a type that was not taken yet. */
export class Subscriber {
  readonly frames: Frame[] = [];
  properties: Map<string, unknown> | null = null;
  hash = '';
  revision = '';
  closed: { readonly code: number; readonly reason: string } | null = null;
  /** A change that did not start from what it had. */
  readonly gaps: Frame[] = [];
  private taken = 0;
  private wake: () => void = () => undefined;
  end: () => void = () => undefined;

  /** Set: asks for what is missing when a frame hints at it or does not follow; such a frame is not applied. */
  askAgain: (() => void) | null = null;

  receive(frame: Frame): void {
    const isOutOfStep = frame.type === 'resync' || (frame.type === 'change' && frame.from.hash !== this.hash);
    if (isOutOfStep && this.askAgain !== null) {
      this.askAgain();
      return;
    }
    this.frames.push(frame);
    if (frame.type === 'snapshot') this.properties = new Map(Object.entries(frame.properties));
    if (frame.type === 'change') this.apply(frame);
    if (frame.type === 'snapshot' || frame.type === 'change' || frame.type === 'current') {
      this.hash = frame.hash;
      this.revision = frame.revision;
    }
    this.wake();
  }

  finish(code: number, reason: string): void {
    this.closed ??= { code, reason };
    this.wake();
  }

  async next(type: string, timeoutMs = 10_000): Promise<Frame> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      for (; this.taken < this.frames.length;) {
        const frame = this.frames[this.taken]!;
        this.taken += 1;
        if (frame.type === type) return frame;
      }
      if (this.closed !== null || Date.now() > deadline) throw new Error(`no ${type} came; ${JSON.stringify(this.frames)} ${JSON.stringify(this.closed)}`);
      await this.waitMs(deadline - Date.now());
    }
  }

  async untilClosed(timeoutMs = 10_000): Promise<{ readonly code: number; readonly reason: string }> {
    const deadline = Date.now() + timeoutMs;
    while (this.closed === null) {
      if (Date.now() > deadline) throw new Error('it was not closed');
      await this.waitMs(deadline - Date.now());
    }
    return this.closed;
  }

  private waitMs(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, ms));
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private apply(frame: Frame): void {
    if (frame.from.hash !== this.hash) this.gaps.push(frame);
    const properties = (this.properties ??= new Map());
    for (const [key, value] of Object.entries(frame.added)) properties.set(key, value);
    for (const [key, { to }] of Object.entries(frame.changed)) properties.set(key, to);
    for (const key of Object.keys(frame.removed)) properties.delete(key);
  }
}

export type Connect = (port: number, target: string, since?: Since, into?: Subscriber) => Subscriber;

export const carriers: Readonly<Record<'websocket' | 'msgpack' | 'events' | 'poll', Connect>> = {
  websocket: (port, target, since = {}, into) => overWebSocket(port, target, since, 'vortex.v1.json', into),
  msgpack: (port, target, since = {}, into) => overWebSocket(port, target, since, 'vortex.v1.msgpack', into),
  events: overEvents,
  poll: overPolls,
};

export function queryOf(since: Since): string {
  return new URLSearchParams(Object.entries(since)).toString();
}

export function overWebSocket(port: number, target: string, since: Since, protocol: string | null, into = new Subscriber()): Subscriber {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws${target}?${queryOf(since)}`, protocol === null ? [] : [protocol]);
  socket.on('message', (data: Buffer, isBinary: boolean) => into.receive((isBinary ? unpack(data) : JSON.parse(data.toString())) as Frame));
  socket.on('close', (code, reason) => into.finish(code, reason.toString()));
  socket.on('error', (error) => into.finish(-1, error.message));
  into.end = () => socket.terminate();
  return into;
}

export function overEvents(port: number, target: string, since: Since = {}, into = new Subscriber()): Subscriber {
  const headers = since.hash === undefined ? {} : { 'last-event-id': `${since.hash}@${since.revision ?? ''}` };
  let isEnded = false;
  const asked = request({ port, host: '127.0.0.1', path: `/vortex/v1/events${target}`, headers, agent: false }, (response) => {
    let text = '';
    response.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const data = text
          .slice(0, end)
          .split('\n')
          .find((line) => line.startsWith('data: '));
        text = text.slice(end + 2);
        if (data !== undefined) into.receive(JSON.parse(data.slice(6)) as Frame);
      }
    });
    response.on('close', () => {
      if (!isEnded) into.finish(response.statusCode ?? 0, 'ended');
    });
    response.on('error', () => undefined);
  });
  asked.on('error', (error) => {
    if (!isEnded) into.finish(-1, error.message);
  });
  asked.end();
  into.end = () => {
    isEnded = true;
    asked.destroy();
  };
  return into;
}

/** Asks again and again with what it has. */
export function overPolls(port: number, target: string, since: Since = {}, into = new Subscriber()): Subscriber {
  const controller = new AbortController();
  into.end = () => controller.abort();
  if (since.hash !== undefined) into.hash = since.hash;
  if (since.revision !== undefined) into.revision = since.revision;
  const run = async (): Promise<void> => {
    while (!controller.signal.aborted) {
      const query = queryOf({ revision: into.revision, hash: into.hash });
      const answer = await fetch(`http://127.0.0.1:${port}/vortex/v1/watch${target}?${query}&wait=20`, { signal: controller.signal });
      const frame = answer.status === 304 ? { type: 'unchanged' } : await answer.json();
      // whoever has ended it may have begun anew from what it had then
      if (controller.signal.aborted) return;
      into.receive(frame as Frame);
      if (answer.status >= 400) {
        into.finish(answer.status, '');
        return;
      }
    }
  };
  run().catch((error: unknown) => {
    if (!controller.signal.aborted) into.finish(-1, String(error));
  });
  return into;
}
