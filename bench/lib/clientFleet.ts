// A fleet of vortex-config clients in a process of its own, over WebSockets, each of which keeps what it saw on the way.
//
//   node clientFleet.js PORT APPLICATION COUNT     IPC: → {kind: 'ready'}; {kind: 'await', marker} → {kind: 'arrived', lastMs};
//                                                       {kind: 'report'} → {kind: 'report', …FleetReport} of what happened since the report before
import { WebSocket } from 'ws';
import { connect, type ConnectedConfiguration } from '../../src/client/connect.ts';

export interface FleetReport {
  /** Clients by the content that they have: `feature.marker` → count. */
  readonly content: Readonly<Record<string, number>>;
  /** Milliseconds of the system's clock. */
  readonly opened: readonly number[];
  /** The same, of the first frame of a connection that stayed. */
  readonly admitted: readonly number[];
  readonly closed: readonly { readonly code: number; readonly atMs: number }[];
  /** Frames by type. */
  readonly frames: Readonly<Record<string, number>>;
  /** Of the drain frames. */
  readonly delaysMs: readonly number[];
}

export type FleetMessage = { readonly kind: 'ready' } | { readonly kind: 'arrived'; readonly lastMs: number } | ({ readonly kind: 'report' } & FleetReport);

const [port = '', application = '', count = ''] = process.argv.slice(2);
const clients: ConnectedConfiguration[] = [];
let seen = emptyReport();

function emptyReport(): {
  opened: number[];
  admitted: number[];
  closed: { code: number; atMs: number }[];
  frames: Record<string, number>;
  delaysMs: number[];
} {
  return { opened: [], admitted: [], closed: [], frames: {}, delaysMs: [] };
}

class SeenWebSocket extends WebSocket {
  constructor(url: string, protocols: string[]) {
    super(url, protocols);
    this.on('open', () => seen.opened.push(Date.now()));
    this.on('close', (code) => seen.closed.push({ code, atMs: Date.now() }));
    let isFirst = true;
    this.on('message', (data: Buffer) => {
      const { type, reconnectDelayMs } = JSON.parse(data.toString()) as { readonly type: string; readonly reconnectDelayMs: number };
      seen.frames[type] = (seen.frames[type] ?? 0) + 1;
      if (type === 'drain') seen.delaysMs.push(reconnectDelayMs);
      else if (isFirst) seen.admitted.push(Date.now());
      isFirst = false;
    });
  }
}
Object.assign(globalThis, { WebSocket: SeenWebSocket });

const open = (): Promise<ConnectedConfiguration> => connect({ url: `http://127.0.0.1:${port}`, application, profile: 'prod', timeoutMs: 60_000 });
const total = Number(count);
while (clients.length < total) clients.push(...(await Promise.all(Array.from({ length: Math.min(200, total - clients.length) }, open))));

let awaited = { marker: '', sinceMs: 0, left: 0 };
for (const client of clients) {
  client.onChange('feature.marker', () => {
    if (client.get('feature.marker') === awaited.marker) arrived(1);
  });
}

function arrived(clientsMore: number): void {
  awaited.left -= clientsMore;
  if (awaited.left === 0) tell({ kind: 'arrived', lastMs: Date.now() - awaited.sinceMs });
}

function tell(message: FleetMessage): void {
  process.send?.(message);
}

process.on('message', (message: { readonly kind: 'await'; readonly marker: string; readonly sinceMs: number } | { readonly kind: 'report' }) => {
  if (message.kind === 'await') {
    awaited = { ...message, left: total };
    arrived(clients.filter((client) => client.get('feature.marker') === message.marker).length);
    return;
  }
  const content: Record<string, number> = {};
  for (const client of clients) {
    const marker = String(client.get('feature.marker'));
    content[marker] = (content[marker] ?? 0) + 1;
  }
  tell({ kind: 'report', content, ...seen });
  seen = emptyReport();
});
process.on('disconnect', () => process.exit());
tell({ kind: 'ready' });
