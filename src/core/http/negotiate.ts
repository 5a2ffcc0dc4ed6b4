// Which representation answers a request, and the content type it claims.
import type { ErrorCode } from '../../model/errorCodes.ts';
import type { Representation } from '../../model/request.ts';
import type { ConfigMatch } from './matchRoute.ts';
import { admits, isConcrete, mediaRanges, mediaTypeText, type MediaRange } from './mediaRanges.ts';

export type Negotiation =
  | { readonly kind: 'ok'; readonly representation: Representation; readonly contentType: string }
  /** `emptyBody404`: answer 404 with an empty body whatever the code's status is. */
  | { readonly kind: 'rejected'; readonly code: ErrorCode; readonly emptyBody404: boolean };

export const V2_SUBTYPE = 'vnd.spring-cloud.config-server.v2+json';

/** What a 406 of R1 says in its `Accept` header. */
export const ENVIRONMENT_MEDIA_TYPES: readonly string[] = ['application/json', `application/${V2_SUBTYPE}`];

/** `accept` and `acceptCharset` are '' when absent. (compatibility document 1.3, 1.5) */
export function negotiate(match: ConfigMatch, accept: string, acceptCharset: string, hasResources: boolean): Negotiation {
  switch (match.request.kind) {
    case 'flat':
      return { kind: 'ok', representation: { kind: 'flat' }, contentType: match.request.format === 'json' ? 'application/json' : 'text/plain' };
    case 'environment':
      return environment(accept, match.request.label !== null && hasResources);
    case 'resource':
      return resource(match.queryInvalid, accept, acceptCharset);
  }
}

function environment(accept: string, fallsToResource: boolean): Negotiation {
  for (const range of mediaRanges(accept) ?? []) {
    if (admits(range, 'application', 'json')) return { kind: 'ok', representation: { kind: 'v1' }, contentType: echoed(range, 'application/json') };
    if (admits(range, 'application', V2_SUBTYPE)) {
      return { kind: 'ok', representation: { kind: 'v2' }, contentType: echoed(range, `application/${V2_SUBTYPE}`) };
    }
  }
  return { kind: 'rejected', code: 'NOT_ACCEPTABLE', emptyBody404: fallsToResource };
}

function echoed(range: MediaRange, whenWildcard: string): string {
  return isConcrete(range) ? mediaTypeText(range) : whenWildcard;
}

function resource(queryInvalid: boolean, accept: string, acceptCharset: string): Negotiation {
  const ranges = mediaRanges(accept);
  if (ranges === null) return { kind: 'rejected', code: 'NOT_ACCEPTABLE', emptyBody404: false };
  if (isBinary(ranges)) return { kind: 'ok', representation: { kind: 'binary' }, contentType: 'application/octet-stream' };
  const contentType = textContentType(ranges);
  if (contentType === null) return { kind: 'rejected', code: 'NOT_ACCEPTABLE', emptyBody404: false };
  if (queryInvalid) return { kind: 'rejected', code: 'QUERY_INVALID', emptyBody404: false };
  const charset = acceptCharset === '' ? null : acceptCharset;
  if (charset !== null && !isCharsetName(charset)) return { kind: 'rejected', code: 'CHARSET_INVALID', emptyBody404: false };
  return { kind: 'ok', representation: { kind: 'text', charset }, contentType };
}

/** The first range that decides: everything selects the text handler, octet-stream and application/* the binary one. */
function isBinary(ranges: readonly MediaRange[]): boolean {
  for (const range of ranges) {
    if (range.type === '*') return false;
    if (range.type === 'application' && (range.subtype === '*' || range.subtype === 'octet-stream')) return true;
  }
  return false;
}

/** The text handler claims the first concrete type that is asked for. */
function textContentType(ranges: readonly MediaRange[]): string | null {
  for (const range of ranges) {
    if (isConcrete(range)) return isJson(range) ? mediaTypeText(range) : `${mediaTypeText(range, (name) => name !== 'charset')};charset=UTF-8`;
    if (admits(range, 'text', 'plain')) return 'text/plain;charset=UTF-8';
  }
  return null;
}

function isJson(range: MediaRange): boolean {
  return range.type === 'application' && (range.subtype === 'json' || range.subtype.endsWith('+json'));
}

/** A legal name, known or not. (java.nio.charset.Charset) */
function isCharsetName(text: string): boolean {
  return /^[0-9A-Za-z][0-9A-Za-z\-+.:_]*$/.test(text);
}
