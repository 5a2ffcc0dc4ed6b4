// Reads the body of a request up to a limit, in memory of our own.
import type { HttpResponse } from 'uWebSockets.js';

/**
 * Call in the handler. `done` is called once, corked, with null as soon as the body is larger than `bytesMax`; not at all after
 * `isOver`: the client went away, or was answered.
 */
export function collectBody(response: HttpResponse, bytesMax: number, isOver: () => boolean, done: (body: Uint8Array | null) => void): void {
  let chunks: Buffer[] = [];
  let bytes = 0;
  response.onData((chunk, isLast) => {
    if (bytes > bytesMax || isOver()) return;
    bytes += chunk.byteLength;
    if (bytes > bytesMax) {
      chunks = [];
      response.cork(() => done(null));
      return;
    }
    // uWebSockets.js takes the chunk away when this returns.
    chunks.push(Buffer.from(new Uint8Array(chunk)));
    if (!isLast) return;
    const body = new Uint8Array(Buffer.concat(chunks));
    response.cork(() => done(body));
  });
}
