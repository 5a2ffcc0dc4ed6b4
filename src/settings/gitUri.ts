// What the settings must know of a Git uri: which transport it asks for, and whether its host is fixed.

export type GitTransport = 'http' | 'ssh' | 'file';

/** null for a transport that we don't speak. A text without scheme is user@host:path (ssh) or a directory (file). */
export function gitTransport(uri: string): GitTransport | null {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined) return /^file:/i.test(uri) || !/^[^/]*:/.test(uri) ? 'file' : 'ssh';
  if (scheme === 'http' || scheme === 'https') return 'http';
  if (scheme === 'ssh' || scheme === 'git+ssh' || scheme === 'ssh+git') return 'ssh';
  return scheme === 'file' ? 'file' : null;
}

/**
 * True when a user name (http, https) or a password stands in the uri. The names of property sources begin with the uri, so
 * every client would read it there. `ssh://git@host/x` is fine: the user is part of the address.
 */
export function hasCredentials(uri: string): boolean {
  const [, scheme = '', userInfo = null] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(?:([^/?#]*)@)?/.exec(uri) ?? [];
  if (userInfo === null) return false;
  return /^https?$/i.test(scheme) || userInfo.includes(':');
}

/** True when a placeholder could choose the host that is asked. (compatibility document 3.10, 8.2: CVE-2026-22739) */
export function hasPlaceholderInHost(uri: string): boolean {
  const authority = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/]*)/.exec(uri)?.[1] ?? /^([^/:]*):/.exec(uri)?.[1] ?? '';
  return /[{}]/.test(authority);
}
