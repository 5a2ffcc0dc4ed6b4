// The answers that are not on the read path: an entry with all its conditions, a refusal, and how both are counted.
import type { HttpResponse } from 'uWebSockets.js';
import { contentDisposition } from '../core/http/contentDisposition.ts';
import { errorCodes } from '../model/errorCodes.ts';
import { isRefused, staleSecondsOf } from '../model/staleness.ts';
import type { ServedEntry } from '../snapshot/directory.hot.ts';
import { accessFields } from '../telemetry/accessLog.ts';
import { methodIndex } from '../telemetry/lane.hot.ts';
import { sendEntry } from './sendEntry.hot.ts';
import { sendError } from './sendError.ts';
import type { ServingRuntime } from './servingRuntime.ts';
import type { RequestFacts } from './requestFacts.ts';

/** A source is asked again within its poll interval: a client that comes back every few seconds finds out soon enough. */
const staleRetrySeconds = '5';

export function answerEntry(res: HttpResponse, runtime: ServingRuntime, facts: RequestFacts, entry: ServedEntry, contentType: string, encoding: string): void {
  const closing = runtime.worker.closing;
  const staleness = runtime.worker.controlBlock.staleness[entry.repositorySlot]!;
  if (isRefused(staleness)) {
    const { status, help } = errorCodes.SOURCE_STALE;
    const headers = [
      ['retry-after', staleRetrySeconds],
      ['x-vortex-stale', String(staleSecondsOf(staleness))],
    ] as const;
    const message = `SOURCE_STALE: ${help}`;
    refuse(res, runtime, facts, { status, emptyBody: false, closing, headers, message });
    return;
  }
  if (entry.status !== 200) {
    refuse(res, runtime, facts, { status: entry.status, emptyBody: entry.emptyBody, closing, headers: revisionHeader(entry) });
    return;
  }
  const condition = resourceCondition(facts, entry.lastModifiedSeconds);
  const lastModified = entry.lastModifiedSeconds === 0 ? '' : new Date(entry.lastModifiedSeconds * 1000).toUTCString();
  // The header line behind it is a constant. (compatibility document 1.6)
  const fileHeaders = lastModified !== '' && contentDisposition(facts.path) ? `${lastModified}\r\ncontent-disposition: inline;filename=f.txt` : lastModified;
  if (condition === 412) {
    const headers = [
      ['last-modified', lastModified],
      ['etag', entry.etag],
    ] as const;
    refuse(res, runtime, facts, { status: condition, emptyBody: true, closing, headers });
    return;
  }
  const ifNoneMatch = condition === 304 ? '*' : facts.ifNoneMatch;
  const head = facts.method === 'HEAD';
  count(runtime, facts, sendEntry(res, entry, contentType, encoding, ifNoneMatch, head, closing, staleness, fileHeaders, runtime.sending));
}

export interface Refusal {
  readonly status: number;
  readonly emptyBody: boolean;
  readonly closing: boolean;
  readonly headers: readonly (readonly [string, string])[];
  /** For people, where the status says too little. */
  readonly message?: string;
}

export function refuse(res: HttpResponse, runtime: ServingRuntime, facts: RequestFacts, refusal: Refusal): void {
  sendError(res, { ...refusal, path: facts.path, accept: facts.accept, head: facts.method === 'HEAD' });
  count(runtime, facts, refusal.status);
}

/** Counts the request, and logs it when it is one of the sample. */
export function count({ lane, log }: ServingRuntime, facts: RequestFacts, status: number): void {
  const durationSeconds = (performance.now() - facts.startedMs) / 1000;
  lane.incrementRequest(facts.template, methodIndex(facts.method), status);
  lane.observeDuration(facts.template, durationSeconds);
  if (facts.remoteAddress === null) return;
  log.info('access', { ...accessFields({ method: facts.method, target: facts.path, status, durationSeconds, remoteAddress: facts.remoteAddress }) });
}

/**
 * 304 or 412 by the file's time, 200 when the answer goes on; only plain-text files have a time. An entity tag in the
 * request outranks the dates (RFC 9110, 13.2.2). (compatibility document 1.7)
 */
function resourceCondition(facts: RequestFacts, lastModifiedSeconds: number): 200 | 304 | 412 {
  if (lastModifiedSeconds === 0 || facts.ifNoneMatch !== '') return 200;
  const unmodifiedSince = Date.parse(facts.ifUnmodifiedSince);
  if (unmodifiedSince < lastModifiedSeconds * 1000) return 412;
  const modifiedSince = Date.parse(facts.ifModifiedSince);
  return modifiedSince >= lastModifiedSeconds * 1000 ? 304 : 200;
}

function revisionHeader(entry: ServedEntry): readonly (readonly [string, string])[] {
  return entry.revision === '' ? [] : [['x-vortex-revision', entry.revision]];
}
