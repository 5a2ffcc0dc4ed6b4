// The three carriers as a client uses them. Each runs until the connection ends, and hands over every frame.
import { readServerFrame, type ServerFrame } from './frames.ts';

export type TransportName = 'websocket' | 'events' | 'poll';

export interface TransportTarget {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  /** `/{application}/{profile}[/{label}]`, encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What the client has, when the connection is made; '' when it has nothing. */
  readonly since: { readonly revision: string; readonly hash: string };
  readonly signal: AbortSignal;
  /** Without a byte for this long the connection is given up. */
  readonly silenceMaxMs: number;
  /** What a client says on a socket to get what it has missed. */
  readonly resyncMessage: () => string;
}

/** What the client may do on a connection. */
export interface Link {
  readonly name: TransportName;
  /** Asks for what the client has missed; where a carrier has no way back, by ending the connection, so that the next one does. */
  resync(): void;
}

export type OnFrame = (frame: ServerFrame, link: Link) => void;

export type Transport = (target: TransportTarget, onFrame: OnFrame) => Promise<void>;

export const transports: Readonly<Record<TransportName, Transport>> = { websocket, events, poll };

function withSince(url: string, { revision, hash }: TransportTarget['since'], more: Readonly<Record<string, string>> = {}): string {
  return `${url}?${new URLSearchParams({ revision, hash, ...more }).toString()}`;
}

/** Resolves when the socket is closed, rejects when it could not be opened. */
function websocket(target: TransportTarget, onFrame: OnFrame): Promise<void> {
  const url = withSince(`${target.baseUrl.replace(/^http/, 'ws')}/ws${target.path}`, target.since);
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, ['vortex.v1.json']);
    const silence = watchdog(target.silenceMaxMs, () => socket.close());
    const abort = (): void => socket.close();
    target.signal.addEventListener('abort', abort);
    let isOpen = false;
    const link: Link = { name: 'websocket', resync: () => socket.send(target.resyncMessage()) };
    socket.addEventListener('open', () => (isOpen = true));
    socket.addEventListener('message', (event) => {
      silence.reset();
      if (typeof event.data === 'string') onFrame(readServerFrame(event.data), link);
    });
    // says nothing; the close that follows does
    socket.addEventListener('error', () => undefined);
    socket.addEventListener('close', (event) => {
      silence.end();
      target.signal.removeEventListener('abort', abort);
      if (isOpen) resolve();
      else reject(new Error(`the WebSocket could not be opened: ${event.code} ${event.reason}`));
    });
  });
}

/** Server-sent events by fetch: EventSource is not everywhere, and takes no headers. */
async function events(target: TransportTarget, onFrame: OnFrame): Promise<void> {
  const controller = new AbortController();
  const silence = watchdog(target.silenceMaxMs, () => controller.abort());
  const abort = (): void => controller.abort();
  target.signal.addEventListener('abort', abort);
  let isEnded = false;
  const link: Link = {
    name: 'events',
    resync: () => {
      isEnded = true;
      controller.abort();
    },
  };
  try {
    const url = withSince(`${target.baseUrl}/vortex/v1/events${target.path}`, target.since);
    const answer = await fetch(url, { headers: { ...target.headers, accept: 'text/event-stream' }, signal: controller.signal });
    if (!answer.ok || answer.body === null) throw await refusal(answer);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      silence.reset();
      text += value;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const data = text
          .slice(0, end)
          .split('\n')
          .find((line) => line.startsWith('data: '));
        text = text.slice(end + 2);
        if (data !== undefined) onFrame(readServerFrame(data.slice('data: '.length)), link);
      }
    }
  } catch (error) {
    if (!isEnded) throw error;
  } finally {
    silence.end();
    target.signal.removeEventListener('abort', abort);
    controller.abort();
  }
}

/** One poll; the caller makes the next. */
async function poll(target: TransportTarget, onFrame: OnFrame): Promise<void> {
  const waitSeconds = String(Math.max(1, Math.floor(target.silenceMaxMs / 2_000)));
  const url = withSince(`${target.baseUrl}/vortex/v1/watch${target.path}`, target.since, { wait: waitSeconds });
  const signal = AbortSignal.any([target.signal, AbortSignal.timeout(target.silenceMaxMs)]);
  const answer = await fetch(url, { headers: target.headers, signal });
  if (answer.status === 304) {
    onFrame({ type: 'current', ...target.since }, pollLink);
    return;
  }
  if (!answer.ok) throw await refusal(answer);
  onFrame(readServerFrame(await answer.text()), pollLink);
}

/** The next poll asks. */
const pollLink: Link = { name: 'poll', resync: () => undefined };

/** The server said no: with the seconds after which to come back, if it said so. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly status: number;
  readonly retryAfterMs: number | null;

  constructor(status: number, message: string, retryAfterMs: number | null) {
    super(message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

async function refusal(answer: Response): Promise<RefusedError> {
  const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
  const text = await answer.text();
  return new RefusedError(answer.status, `the server answers ${answer.status}: ${text.slice(0, 200)}`, Number.isNaN(seconds) ? null : seconds * 1_000);
}

function watchdog(ms: number, bark: () => void): { readonly reset: () => void; readonly end: () => void } {
  let timer = setTimeout(bark, ms);
  return {
    reset: () => {
      clearTimeout(timer);
      timer = setTimeout(bark, ms);
    },
    end: () => clearTimeout(timer),
  };
}
