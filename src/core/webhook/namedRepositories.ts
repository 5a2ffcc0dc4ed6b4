// Which repository a delivery is about, by all addresses that its body gives; compared with ours, never contacted.
import { WEBHOOK_REPOSITORIES_MAX } from '../../model/limits.ts';
import { repositoryAddress } from './repositoryAddress.ts';

type Fields = Readonly<Record<string, unknown>>;

const urlFields = ['clone_url', 'ssh_url', 'git_url', 'html_url', 'git_http_url', 'git_ssh_url', 'http_url', 'web_url', 'homepage', 'url', 'svn_url'];

/**
 * Addresses as repositoryAddress makes them. One that starts with a slash is the end of an address: what older Bitbucket servers
 * say, project and name without a host. Empty when the delivery names none.
 */
export function namedRepositories(body: Fields): ReadonlySet<string> {
  const named = new Set<string>();
  const add = (url: unknown): void => {
    const address = typeof url === 'string' && named.size < WEBHOOK_REPOSITORIES_MAX ? repositoryAddress(url) : null;
    if (address !== null) named.add(address);
  };
  const { repository, project } = body;
  for (const url of Array.isArray(repository) ? (repository as readonly unknown[]) : [repository]) add(url);
  const pullRequest = fieldsOf(body['pullRequest']);
  const destination = fieldsOf(fieldsOf(body['pullrequest'])['destination']);
  for (const each of [fieldsOf(repository), fieldsOf(project), fieldsOf(fieldsOf(pullRequest['toRef'])['repository']), fieldsOf(destination['repository'])]) {
    for (const field of urlFields) add(each[field]);
    for (const url of links(each)) add(url);
    const end = addressEnd(each);
    if (end !== null) named.add(end);
  }
  return named;
}

/** `address` is one of ours. */
export function isNamed(address: string, named: ReadonlySet<string>): boolean {
  if (named.has(address)) return true;
  for (const each of named) if (each.startsWith('/') && address.endsWith(each)) return true;
  return false;
}

/** Bitbucket: `links.html.href`, `links.clone[].href`. */
function links(repository: Fields): readonly unknown[] {
  const { html, clone } = fieldsOf(repository['links']);
  const clones = Array.isArray(clone) ? (clone as readonly unknown[]) : [];
  return [html, ...clones].map((link) => fieldsOf(link)['href']);
}

function addressEnd(repository: Fields): string | null {
  const { key } = fieldsOf(repository['project']);
  const { slug } = repository;
  if (typeof key !== 'string' || typeof slug !== 'string' || !isWord(key) || !isWord(slug)) return null;
  return `/${key}/${slug}`.toLowerCase();
}

function isWord(text: string): boolean {
  return /^[\w.~-]{1,255}$/.test(text);
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
