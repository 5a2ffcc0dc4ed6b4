// Writes one entry of the snapshot: 200 with its bytes, or 304. Nothing here parses, copies or allocates.
import type { HttpResponse } from 'uWebSockets.js';
import { entityTagMatches } from '../core/http/entityTagMatches.ts';
import { ONE_WRITE_BYTES_MAX } from '../model/limits.ts';
import { isWarned, staleSecondsOf } from '../model/staleness.ts';
import { headersBehind, type ServedEntry } from '../snapshot/directory.hot.ts';

/** Answers of this worker that a slow client has not taken in full yet. */
export interface Sending {
  answers: number;
}

/**
 * The entry's status must be 200. `contentType` '' is that of the variant. `staleness` is a cell of the control block that does not refuse;
 * `lastModified` '' writes no Last-Modified.
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
  staleness: number,
  lastModified: string,
  sending: Sending,
): number {
  const etag = entry.etag;
  const unchanged = ifNoneMatch !== '' && (ifNoneMatch === etag || entityTagMatches(ifNoneMatch, etag));
  if (unchanged) res.writeStatus(entry.notModifiedAndHeaders);
  else res.writeHeader('content-type', contentType === '' ? entry.typeAndHeaders : contentType + headersBehind(etag, entry.revision));
  if (encoding !== 'identity') res.writeHeader('content-encoding', encoding);
  if (staleness !== 0) writeStaleness(res, staleness);
  if (lastModified !== '') res.writeHeader('last-modified', lastModified);
  if (unchanged) {
    // A length is that of the 200 or absent; the addon takes an undefined one for a number.
    if (closing) res.endWithoutBody(entry.body.length, true);
    else res.endWithoutBody();
    return 304;
  }
  const body = entry.body;
  if (head) res.endWithoutBody(body.length, closing);
  // The end of a connection needs end(): what the socket does not take at once is kept in memory then.
  else if (closing || body.length <= ONE_WRITE_BYTES_MAX) res.end(body, closing);
  else sendInPieces(res, body, sending);
  return 200;
}

/** RFC 9111 has no place for the warning any more, and caches and clients still know it (RFC 7234, 5.5.1). */
function writeStaleness(res: HttpResponse, staleness: number): void {
  res.writeHeader('x-vortex-stale', staleSecondsOf(staleness).toString());
  if (isWarned(staleness)) res.writeHeader('warning', '110 - "Response is Stale"');
}

/** The socket takes what it can; the rest follows as it drains. The body is shared memory and stays for as long as it is viewed. */
function sendInPieces(res: HttpResponse, body: Uint8Array, sending: Sending): void {
  const total = body.length;
  const [, sent] = res.tryEnd(body, total);
  if (sent) return;
  sending.answers += 1;
  res.onAborted(() => {
    sending.answers -= 1;
  });
  res.onWritable((offset) => {
    const [, done] = res.tryEnd(body.subarray(offset), total);
    if (done) sending.answers -= 1;
    return done;
  });
}
