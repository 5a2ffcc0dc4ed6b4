// Writes the error answers of the wire protocol: an object with the time, or no body at all.
import type { HttpResponse } from 'uWebSockets.js';
import { errorBody } from '../core/http/errorBody.ts';
import { statusLine } from './statusLine.ts';

export interface ErrorAnswer {
  readonly status: number;
  readonly path: string;
  readonly accept: string;
  readonly head: boolean;
  /** Plain-text 404 has no body. (compatibility document 1.8 b) */
  readonly emptyBody: boolean;
  readonly closing: boolean;
  /** Allow, Accept, Retry-After. */
  readonly headers: readonly (readonly [string, string])[];
  /** In the JSON object only. */
  readonly message?: string;
}

export function sendError(res: HttpResponse, answer: ErrorAnswer): void {
  res.writeStatus(statusLine(answer.status));
  for (const [name, value] of answer.headers) res.writeHeader(name, value);
  const { status, path, accept, message } = answer;
  const body = answer.emptyBody ? null : errorBody({ status, path, timestampIso: new Date().toISOString(), accept, message });
  if (body === null) {
    res.endWithoutBody(0, answer.closing);
    return;
  }
  res.writeHeader('content-type', body.contentType);
  if (answer.head) res.endWithoutBody(Buffer.byteLength(body.body), answer.closing);
  else res.end(body.body, answer.closing);
}
