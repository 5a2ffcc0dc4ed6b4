// What a client asks for, after routing, decoding and validation.
import type { RouteTemplate } from './routes.ts';

export type FlatFormat = 'properties' | 'yml' | 'json';

/** R1, R2. Slash markers are replaced in name and label, never in profiles. */
export interface EnvironmentRequest {
  readonly kind: 'environment';
  readonly name: string;
  readonly profiles: string;
  readonly label: string | null;
}

/** R3-R6. */
export interface FlatRequest {
  readonly kind: 'flat';
  readonly format: FlatFormat;
  readonly name: string;
  readonly profiles: string;
  readonly label: string | null;
  readonly resolvePlaceholders: boolean;
}

/** R7, R8. */
export interface ResourceRequest {
  readonly kind: 'resource';
  readonly name: string;
  readonly profiles: string;
  readonly label: string | null;
  readonly path: string;
  readonly resolvePlaceholders: boolean;
}

export type ConfigRequest = EnvironmentRequest | FlatRequest | ResourceRequest;

/**
 * What negotiation selects. `v1`/`v2`: the environment as JSON without or with origins. `flat`: the one form of R3-R6.
 * `merged`: the environment as one flat object, for subscribers; no request negotiates it.
 * `text`/`binary`: the handlers of R7/R8; `charset` is the Accept-Charset header of the text handler, null when absent.
 */
export type Representation =
  | { readonly kind: 'v1' }
  | { readonly kind: 'v2' }
  | { readonly kind: 'flat' }
  | { readonly kind: 'merged' }
  | { readonly kind: 'text'; readonly charset: string | null }
  | { readonly kind: 'binary' };

export type ContentEncoding = 'identity' | 'gzip' | 'br';

/**
 * What one entry of the snapshot answers. `key` is the request target that a worker looks up: raw path without prefix,
 * `?` and the canonical query where one matters, `#` and the charset where the text handler is asked for one.
 */
export interface EntryRequest {
  readonly key: string;
  readonly template: RouteTemplate;
  readonly request: ConfigRequest;
  readonly representation: Representation;
  readonly encoding: ContentEncoding;
}

/** Distinct for distinct entries: key, representation and encoding. */
export function entryName(entry: EntryRequest): string {
  return `${entry.representation.kind} ${entry.encoding} ${entry.key}`;
}
