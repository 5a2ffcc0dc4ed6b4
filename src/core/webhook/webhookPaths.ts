// Which changed paths a delivery names: upstream's extractors in their order. (compatibility document 7)
import type { WebhookHeaders, WebhookVendor } from './webhookProvider.ts';

type Body = Readonly<Record<string, unknown>>;

interface Extractor {
  readonly vendor: WebhookVendor | 'generic';
  /** null: it does not recognise the delivery, the next one is asked. */
  readonly paths: (headers: WebhookHeaders, body: Body) => readonly string[] | null;
}

/** What a push of a vendor that lists no files stands for: every application. */
const everything: readonly string[] = ['application.yml'];

const extractors: readonly Extractor[] = [
  { vendor: 'github', paths: commitsWhen('x-github-event', 'push') },
  { vendor: 'generic', paths: (_headers, body) => genericPaths(body['path']) },
  { vendor: 'gitlab', paths: commitsWhen('x-gitlab-event', 'Push Hook') },
  { vendor: 'gitee', paths: commitsWhen('x-git-oschina-event', 'Push Hook') },
  { vendor: 'gogs', paths: commitsWhen('x-gogs-event', 'push') },
  { vendor: 'gitea', paths: (headers, body) => (headers['x-gitea-event'] === 'push' && Array.isArray(body['commits']) ? everything : null) },
  { vendor: 'bitbucket', paths: (headers, body) => (isBitbucketPush(headers, body) ? everything : null) },
];

/** Empty when nothing was recognised. */
export function webhookPaths(headers: WebhookHeaders, body: Body, enabled: ReadonlySet<WebhookVendor>): readonly string[] {
  for (const { vendor, paths } of extractors) {
    if (vendor !== 'generic' && !enabled.has(vendor)) continue;
    const found = paths(headers, body);
    if (found !== null) return found;
  }
  return [];
}

function commitsWhen(header: string, event: string): Extractor['paths'] {
  return (headers, body) => (headers[header] === event ? commitPaths(body['commits']) : null);
}

function commitPaths(commits: unknown): readonly string[] | null {
  if (!Array.isArray(commits)) return null;
  const paths = new Set<string>();
  for (const commit of commits as readonly unknown[]) {
    if (typeof commit !== 'object' || commit === null) continue;
    for (const field of ['added', 'removed', 'modified']) {
      for (const path of strings((commit as Body)[field])) paths.add(path);
    }
  }
  return paths.size === 0 ? null : [...paths];
}

function genericPaths(path: unknown): readonly string[] | null {
  if (typeof path === 'string') return [path];
  return Array.isArray(path) ? strings(path) : null;
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? (value as readonly unknown[]).filter((element) => typeof element === 'string') : [];
}

function isBitbucketPush(headers: WebhookHeaders, body: Body): boolean {
  const event = headers['x-event-key'] ?? '';
  if (event === 'repo:push' || event === 'pullrequest:fulfilled') {
    const push = body['push'];
    return !isBlank(headers['x-hook-uuid']) && typeof push === 'object' && push !== null && Array.isArray((push as Body)['changes']);
  }
  if (isBlank(headers['x-request-id'])) return false;
  return event === 'pr:merged' || (event === 'repo:refs_changed' && Array.isArray(body['changes']));
}

function isBlank(text: string | undefined): boolean {
  return text === undefined || text.trim() === '';
}
