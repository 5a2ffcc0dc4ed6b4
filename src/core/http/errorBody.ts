// The error object of every status that is answered through the error page.
import { reasonPhrase } from './reasonPhrase.ts';
import { admits, isConcrete, mediaRanges, mediaTypeText, type MediaRange } from './mediaRanges.ts';

export interface ErrorPage {
  readonly status: number;
  /** The raw request path, without the query. */
  readonly path: string;
  /** The moment, as `2026-01-31T10:15:30.123Z`. */
  readonly timestampIso: string;
  /** The Accept header, '' when absent. */
  readonly accept: string;
  /** Further member of the JSON object. */
  readonly message?: string | undefined;
}

/** null: nothing fits the Accept header, answer without a body. (compatibility document 1.8 a) */
export function errorBody(page: ErrorPage): { readonly contentType: string; readonly body: string } | null {
  const { status, path, timestampIso, accept, message } = page;
  const error = reasonPhrase(status);
  for (const range of mediaRanges(accept) ?? mediaRanges('') ?? []) {
    if (isHtml(range)) return { contentType: 'text/html;charset=UTF-8', body: htmlPage(status, error) };
    const contentType = jsonType(range);
    if (contentType !== null)
      return { contentType, body: JSON.stringify({ timestamp: timestampIso, status, error, path, ...(message === undefined ? {} : { message }) }) };
  }
  return null;
}

function isHtml(range: MediaRange): boolean {
  return range.type === 'text' && (range.subtype === 'html' || range.subtype === '*');
}

/** The JSON type that answers this range, null when it admits none. */
function jsonType(range: MediaRange): string | null {
  if (!isConcrete(range)) {
    return range.subtype === '*+json' || admits(range, 'application', 'json') ? 'application/json' : null;
  }
  const json = range.type === 'application' && (range.subtype === 'json' || range.subtype.endsWith('+json'));
  return json ? mediaTypeText(range) : null;
}

/** Nothing of the request is in it: there is nothing to escape. */
function htmlPage(status: number, error: string): string {
  return `<!doctype html><html><head><title>${status} ${error}</title></head><body><h1>${status} ${error}</h1></body></html>`;
}
