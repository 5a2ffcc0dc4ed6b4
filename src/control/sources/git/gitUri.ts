// The forms of a Git uri, and the credentials that may hide in it.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { redactUrl } from '../../../base/redactUrl.ts';
import { Failure } from '../../../model/failure.ts';

export type GitUri =
  | { readonly kind: 'http'; readonly url: string; readonly username: string | null; readonly password: string | null }
  | {
      readonly kind: 'ssh';
      readonly host: string;
      readonly port: number;
      readonly username: string | null;
      readonly password: string | null;
      readonly path: string;
    }
  /** `isFileUri`: what is wrong there is a broken state and not an unavailable remote (compatibility document 1.7). */
  | { readonly kind: 'local'; readonly directory: string; readonly isFileUri: boolean };

/** Host and port of a remote, as its sources share them; null for what is local or no uri that we speak. */
export function remoteHost(uri: string, workingDirectory: string): string | null {
  try {
    const parsed = parseGitUri(uri, workingDirectory);
    if (parsed.kind === 'local') return null;
    return parsed.kind === 'http' ? new URL(parsed.url).host : `${parsed.host}:${parsed.port}`;
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}

/** Throws SOURCE_UNREACHABLE for a form or scheme that is not supported; the message holds no credentials. */
export function parseGitUri(uri: string, workingDirectory: string): GitUri {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1]?.toLowerCase();
  if (uri.startsWith('file:')) return { kind: 'local', directory: resolve(workingDirectory, filePath(uri)), isFileUri: true };
  if (scheme === 'http' || scheme === 'https') return httpUri(uri);
  if (scheme === 'ssh' || scheme === 'git+ssh' || scheme === 'ssh+git') return sshUri(uri);
  if (scheme !== undefined) throw unsupported(uri, `the scheme ${scheme} is not supported`);
  const scp = /^(?:([^@/:]+)@)?(\[[^\]]+\]|[^/:[\]]+):(.+)$/.exec(uri);
  if (scp === null) return { kind: 'local', directory: resolve(workingDirectory, uri), isFileUri: false };
  return { kind: 'ssh', username: scp[1] ?? null, password: null, host: withoutBrackets(scp[2] ?? ''), port: 22, path: scp[3] ?? '' };
}

function httpUri(uri: string): GitUri {
  const url = parseUrl(uri);
  const { username, password } = userInfo(url);
  url.username = '';
  url.password = '';
  url.hash = '';
  return { kind: 'http', url: url.href.replace(/\/+$/, ''), username, password };
}

function sshUri(uri: string): GitUri {
  const url = parseUrl(uri.replace(/^[a-z+]+:/i, 'ssh:'));
  const path = decodeURIComponent(url.pathname);
  if (url.hostname === '' || path === '' || path === '/') throw unsupported(uri, 'host and path are needed');
  const port = url.port === '' ? 22 : Number(url.port);
  return { kind: 'ssh', ...userInfo(url), host: withoutBrackets(url.hostname), port, path: path.startsWith('/~') ? path.slice(1) : path };
}

function userInfo(url: URL): { readonly username: string | null; readonly password: string | null } {
  return {
    username: url.username === '' ? null : decodeURIComponent(url.username),
    password: url.password === '' ? null : decodeURIComponent(url.password),
  };
}

function parseUrl(uri: string): URL {
  try {
    return new URL(uri);
  } catch (error) {
    if (error instanceof TypeError) throw unsupported(uri, 'it is no url');
    throw error;
  }
}

function filePath(uri: string): string {
  if (!uri.startsWith('file://')) return uri.slice('file:'.length);
  try {
    return fileURLToPath(uri);
  } catch (error) {
    if (error instanceof TypeError) throw unsupported(uri, 'a file uri has no host');
    throw error;
  }
}

function withoutBrackets(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}

/** Without a cause: that of a URL holds the text with its password. */
function unsupported(uri: string, problem: string): Failure {
  return new Failure('SOURCE_UNREACHABLE', `${redactUrl(uri)} cannot be fetched: ${problem}`);
}
