// Many WebSockets in one process, as cheap as they can be: raw sockets that count the bytes which come in after the handshake.
//
//   node socketFleet.js PORT PATH COUNT      IPC: → 'open'; 'arm' → {first, last, bytes} when each has got something, in ms since
import { connect, type Socket } from 'node:net';

const [port = '', path = '', count = ''] = process.argv.slice(2);
const sockets: Socket[] = [];
const total = Number(count);
const got = new Uint8Array(total);
let armedAt = 0;
let firstAt = 0;
let arrived = 0;
let lastBytes = 0;

function open(index: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', reject);
    socket.on('connect', () => {
      const key = 'dGhlIHNhbXBsZSBub25jZQ==';
      socket.write(
        `GET ${path} HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n\r\n`,
      );
    });
    socket.once('data', (data: Buffer) => {
      if (!data.toString('latin1').startsWith('HTTP/1.1 101')) {
        reject(new Error(data.toString('latin1').slice(0, 100)));
        return;
      }
      socket.on('data', (frame: Buffer) => receive(index, frame.length));
      resolve();
    });
    sockets.push(socket);
  });
}

function receive(index: number, bytes: number): void {
  if (armedAt === 0 || got[index] === 1) return;
  got[index] = 1;
  arrived += 1;
  lastBytes = bytes;
  if (arrived === 1) firstAt = performance.now();
  if (arrived < total) return;
  process.send?.({ first: firstAt - armedAt, last: performance.now() - armedAt, bytes: lastBytes });
  armedAt = 0;
}

for (let index = 0; index < total; index += 200) await Promise.all(Array.from({ length: Math.min(200, total - index) }, (_, offset) => open(index + offset)));
process.on('message', () => {
  got.fill(0);
  arrived = 0;
  armedAt = performance.now();
  process.send?.('armed');
});
process.on('disconnect', () => process.exit());
// the first state of each has arrived by then
setTimeout(() => process.send?.('open'), 1_000);
