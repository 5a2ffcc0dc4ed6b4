// From a request path or message to what it subscribes to.
import { matchRoute, type MatchOptions } from '../../core/http/matchRoute.ts';
import type { Subject } from '../../core/push/frame.ts';
import type { ErrorCode } from '../../model/errorCodes.ts';
import type { EntryRequest } from '../../model/request.ts';

export interface Subscription {
  /** The same for every spelling of the path. */
  readonly key: string;
  readonly subject: Subject;
  readonly entry: EntryRequest;
}

export type SubscriptionResult = { readonly kind: 'ok'; readonly subscription: Subscription } | { readonly kind: 'rejected'; readonly code: ErrorCode };

/** `path`: `/{name}/{profiles}` or `/{name}/{profiles}/{label}`, raw. The rules of the environment routes hold. */
export function subscriptionOfPath(path: string, options: MatchOptions): SubscriptionResult {
  const match = matchRoute('GET', path, '', options);
  if (match.kind === 'rejected') return { kind: 'rejected', code: match.code };
  if (match.kind !== 'config' || match.request.kind !== 'environment') return { kind: 'rejected', code: 'ROUTE_UNKNOWN' };
  const { name, profiles, label } = match.request;
  const key = pathOf({ application: name, profile: profiles, label });
  const subject = { application: name, profile: profiles, label };
  const entry: EntryRequest = { key, template: match.template, request: match.request, representation: { kind: 'merged' }, encoding: 'identity' };
  return { kind: 'ok', subscription: { key, subject, entry } };
}

/** The path that means this subject; slashes of names and labels as the protocol writes them. */
export function pathOf({ application, profile, label }: Subject): string {
  const segments = [application.replaceAll('/', '(_)'), profile, ...(label === null ? [] : [label.replaceAll('/', '(_)')])];
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join('');
}
