// Writes one entry of the snapshot: 200 with its bytes, or 304. Nothing here parses, copies or allocates.
import type { HttpResponse } from 'uWebSockets.js';
import { entityTagMatches } from '../core/http/entityTagMatches.ts';
import { ONE_WRITE_BYTES_MAX } from '../model/limits.ts';
import type { ServedEntry } from '../snapshot/directory.hot.ts';

/**
 * The entry's status must be 200. `staleSeconds` 0 writes no x-vortex-stale; `lastModified` '' no Last-Modified.
 * `closing` ends the connection after the answer (drain). Returns the status sent.
 */
export function sendEntry(
  res: HttpResponse,
  entry: ServedEntry,
  contentType: string,
  encoding: string,
  ifNoneMatch: string,
  head: boolean,
  closing: boolean,
  staleSeconds: number,
  lastModified: string,
): number {
  const etag = entry.etag;
  const unchanged = ifNoneMatch !== '' && (ifNoneMatch === etag || entityTagMatches(ifNoneMatch, etag));
  if (unchanged) res.writeStatus('304 Not Modified');
  else res.writeHeader('content-type', contentType);
  res.writeHeader('etag', etag).writeHeader('x-vortex-revision', entry.revision).writeHeader('vary', 'accept, accept-encoding');
  if (encoding !== 'identity') res.writeHeader('content-encoding', encoding);
  if (staleSeconds !== 0) res.writeHeader('x-vortex-stale', staleSeconds.toString());
  if (lastModified !== '') res.writeHeader('last-modified', lastModified);
  if (unchanged) {
    res.endWithoutBody(undefined, closing);
    return 304;
  }
  const body = entry.body;
  if (head) res.endWithoutBody(body.length, closing);
  else if (body.length <= ONE_WRITE_BYTES_MAX) res.end(body, closing);
  else sendInPieces(res, body, closing);
  return 200;
}

function sendInPieces(res: HttpResponse, body: Uint8Array, closing: boolean): void {
  const total = body.length;
  // end(body, true) writes this header itself, tryEnd does not.
  if (closing) res.writeHeader('connection', 'close');
  res.onAborted(() => undefined);
  res.onWritable((offset) => {
    const [, done] = res.tryEnd(body.subarray(offset), total);
    if (done && closing) res.close();
    return done;
  });
  const [, done] = res.tryEnd(body, total);
  if (done && closing) res.close();
}
