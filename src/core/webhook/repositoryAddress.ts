// The form in which repository urls are compared: host and path, whatever the transport, user, port and spelling.
import { WEBHOOK_URL_MAX } from '../../model/limits.ts';

/**
 * `https://Host:8443/team/config.git`, `ssh://git@host/team/config` and `git@host:team/config.git` are all `host/team/config`; a
 * directory is `file:/srv/config`. Hosting services ignore case in paths, so it is ignored here. null when it is no address at all.
 */
export function repositoryAddress(url: string): string | null {
  if (url.length === 0 || url.length > WEBHOOK_URL_MAX) return null;
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)([^?#]*)/i.exec(url);
  if (absolute !== null && !/^file:/i.test(url)) return joined(withoutPort(withoutUser(absolute[1] ?? '')), absolute[2] ?? '');
  if (/^file:/i.test(url)) return `file:/${trimmed(url.slice('file:'.length))}`;
  if (url.startsWith('/')) return `file:/${trimmed(url)}`;
  const colon = url.indexOf(':');
  const slash = url.indexOf('/');
  return colon > 0 && (slash === -1 || colon < slash) ? joined(withoutUser(url.slice(0, colon)), url.slice(colon + 1)) : null;
}

function joined(host: string, path: string): string | null {
  const rest = trimmed(path);
  return host === '' || rest === '' ? null : `${host.toLowerCase()}/${rest}`;
}

function withoutUser(authority: string): string {
  return authority.slice(authority.lastIndexOf('@') + 1);
}

function withoutPort(host: string): string {
  const colon = host.lastIndexOf(':');
  return colon > host.lastIndexOf(']') ? host.slice(0, colon) : host;
}

/** By index: an expression such as `/\/+$/` looks at each of many slashes again and again. */
function trimmed(path: string): string {
  let start = 0;
  let end = path.length;
  while (start < end && path[start] === '/') start += 1;
  while (end > start && path[end - 1] === '/') end -= 1;
  const text = path.slice(start, end).toLowerCase();
  return text.endsWith('.git') ? text.slice(0, -'.git'.length) : text;
}
