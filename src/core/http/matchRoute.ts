// From a request line to what is asked for: route, decoding, validation, slash markers.
import type { ErrorCode } from '../../model/errorCodes.ts';
import type { ConfigRequest } from '../../model/request.ts';
import type { RouteTemplate } from '../../model/routes.ts';
import { decodeSegment, withoutMatrixParameters } from './decodeSegment.ts';
import { flatTarget } from './flatTarget.ts';
import { parseQuery, type ConfigQuery } from './parseQuery.ts';
import { routeShapes, type ConfigRoute, type EncryptionRoute, type RouteShape } from './routeShape.ts';
import { replaceSlashMarkers } from './slashMarker.ts';
import { validateLabel } from './validateLabel.ts';
import { validateName } from './validateName.ts';
import { validatePath } from './validatePath.ts';
import { validateProfiles } from './validateProfiles.ts';

export interface MatchOptions {
  readonly validateProfiles: boolean;
  /** At least one backend has file locations: R7 and R8 exist. */
  readonly hasResources: boolean;
}

export interface ConfigMatch {
  readonly kind: 'config';
  readonly route: ConfigRoute;
  /** Route template for metrics, e.g. `/{name}/{profiles}/{label}`. */
  readonly template: RouteTemplate;
  /** What of the query changes the answer; '' when nothing does. */
  readonly canonicalQuery: string;
  /** R7, R8 only: the text handler must answer QUERY_INVALID, the binary one ignores it. `negotiate` does that. */
  readonly queryInvalid: boolean;
  readonly request: ConfigRequest;
}

export interface EncryptionMatch {
  readonly kind: 'encryption';
  readonly route: EncryptionRoute;
  readonly template: RouteTemplate;
  /** null on the routes without variables. */
  readonly name: string | null;
  readonly profiles: string | null;
}

export interface OptionsMatch {
  readonly kind: 'options';
  readonly template: RouteTemplate;
  readonly allow: readonly string[];
}

export interface RejectedMatch {
  readonly kind: 'rejected';
  readonly code: ErrorCode;
  /** For METHOD_NOT_ALLOWED. */
  readonly allow: readonly string[] | null;
  readonly template: RouteTemplate;
}

export type RouteMatch = ConfigMatch | EncryptionMatch | OptionsMatch | RejectedMatch;

/** The template of requests that have the shape of no route. */
export const UNMATCHED_TEMPLATE = 'unmatched' satisfies RouteTemplate;

/**
 * `rawPath` starts with a slash; the server's prefix is removed. `rawQuery` has no `?`. HEAD is treated as GET.
 * (compatibility document 1.1, 1.2, 1.4, 8.2, 8.4)
 */
export function matchRoute(method: string, rawPath: string, rawQuery: string, options: MatchOptions): RouteMatch {
  // What a servlet container refuses in a path before any route is looked at. (compatibility document 1.2.9)
  if (!rawPath.startsWith('/') || /%2f|%5c|%00|\\/i.test(rawPath)) return rejected('REQUEST_INVALID', UNMATCHED_TEMPLATE);
  const rawSegments = rawPath.slice(1).split('/').map(withoutMatrixParameters);
  const query = parseQuery(rawQuery);
  const shapes = routeShapes(rawSegments, { hasResources: options.hasResources, useDefaultLabel: query.useDefaultLabel });
  const [first] = shapes;
  if (first === undefined) return rejected('ROUTE_UNKNOWN', UNMATCHED_TEMPLATE);
  if (method === 'OPTIONS') return { kind: 'options', template: first.template, allow: [...allowed(shapes, true), 'OPTIONS'] };
  const wanted = method === 'HEAD' ? 'GET' : method;
  const shape = shapes.find((candidate) => candidate.method === wanted);
  if (shape === undefined) return { kind: 'rejected', code: 'METHOD_NOT_ALLOWED', allow: allowed(shapes, false), template: first.template };
  return bind(shape, rawSegments, query, options);
}

function rejected(code: ErrorCode, template: RouteTemplate): RejectedMatch {
  return { kind: 'rejected', code, allow: null, template };
}

function allowed(shapes: readonly RouteShape[], withHead: boolean): string[] {
  const methods = new Set<string>();
  for (const shape of shapes) {
    methods.add(shape.method);
    if (withHead && shape.method === 'GET') methods.add('HEAD');
  }
  return [...methods];
}

/** The variables of a route, raw. */
interface RawVariables {
  readonly name: string;
  readonly profiles: string;
  readonly label: string | null;
  readonly path: readonly string[] | null;
}

function rawVariables(shape: RouteShape, rawSegments: readonly string[]): RawVariables | null {
  const [first = '', second = '', third = ''] = rawSegments;
  switch (shape.route) {
    case 'R1':
      return { name: first, profiles: second, label: null, path: null };
    case 'R2':
      return { name: first, profiles: second, label: third, path: null };
    case 'R3':
    case 'R4':
    case 'R5':
    case 'R6': {
      const target = flatTarget(rawSegments.at(-1) ?? '');
      if (target === null) return null;
      return { name: target.rawName, profiles: target.rawProfiles, label: shape.route === 'R6' ? first : null, path: null };
    }
    case 'R7':
      return { name: first, profiles: second, label: third, path: rawSegments.slice(3) };
    case 'R8':
      return { name: first, profiles: second, label: null, path: [third] };
    default:
      return rawSegments.length === 3 ? { name: second, profiles: third, label: null, path: null } : null;
  }
}

function bind(shape: RouteShape, rawSegments: readonly string[], query: ConfigQuery, options: MatchOptions): RouteMatch {
  const { route, template } = shape;
  const raw = rawVariables(shape, rawSegments);
  if (raw === null) {
    if (isEncryption(route)) return { kind: 'encryption', route, template, name: null, profiles: null };
    return rejected('ROUTE_UNKNOWN', UNMATCHED_TEMPLATE);
  }
  const name = decodeSegment(raw.name);
  const profiles = decodeSegment(raw.profiles);
  const label = raw.label === null ? '' : decodeSegment(raw.label);
  const path = raw.path === null ? '' : decodePath(raw.path);
  if (name === null || profiles === null || label === null || path === null) return rejected('REQUEST_INVALID', template);
  const code = validateName(name) ?? validateProfiles(profiles, options.validateProfiles) ?? validateLabel(label) ?? validatePath(path);
  if (code !== null) return rejected(code, template);
  if (isEncryption(route)) return { kind: 'encryption', route, template, name: replaceSlashMarkers(name), profiles };
  const usesQuery = route !== 'R1' && route !== 'R2';
  const queryInvalid = usesQuery && query.resolvePlaceholdersInvalid;
  if (queryInvalid && raw.path === null) return rejected('QUERY_INVALID', template);
  const target = {
    name: replaceSlashMarkers(name),
    profiles,
    label: raw.label === null ? null : replaceSlashMarkers(label),
  };
  const request = configRequest(route, rawSegments, target, replaceSlashMarkers(path), query.resolvePlaceholders);
  return { kind: 'config', route, template, canonicalQuery: canonicalQuery(route, query), queryInvalid, request };
}

function isEncryption(route: ConfigRoute | EncryptionRoute): route is EncryptionRoute {
  return route === 'R9' || route === 'R10' || route === 'R11' || route === 'R12';
}

function decodePath(rawSegments: readonly string[]): string | null {
  const segments = rawSegments.map(decodeSegment);
  return segments.includes(null) ? null : segments.join('/');
}

function configRequest(
  route: ConfigRoute,
  rawSegments: readonly string[],
  target: { readonly name: string; readonly profiles: string; readonly label: string | null },
  path: string,
  resolvePlaceholders: boolean,
): ConfigRequest {
  if (route === 'R1' || route === 'R2') return { kind: 'environment', ...target };
  if (route === 'R7' || route === 'R8') return { kind: 'resource', ...target, path, resolvePlaceholders };
  const format = flatTarget(rawSegments.at(-1) ?? '')?.format ?? 'properties';
  return { kind: 'flat', format, ...target, resolvePlaceholders };
}

function canonicalQuery(route: ConfigRoute, query: ConfigQuery): string {
  if (route === 'R1' || route === 'R2') return '';
  const parts: string[] = [];
  if (!query.resolvePlaceholders) parts.push('resolvePlaceholders=false');
  if (route === 'R8') parts.push('useDefaultLabel');
  return parts.join('&');
}
