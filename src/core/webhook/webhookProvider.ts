// Who has sent a delivery, and whether it says that branches or tags of a repository moved.

/** In the order in which they are told apart: Gitea sends the headers of Gogs and GitHub too, Gogs those of GitHub. */
export const webhookVendors = ['gitea', 'gogs', 'gitee', 'gitlab', 'bitbucket', 'github'] as const;

export type WebhookVendor = (typeof webhookVendors)[number];

/** `generic`: the form that names paths, without a vendor's header. */
export type WebhookProvider = WebhookVendor | 'generic';

/** First values by name in lower case, those of `webhookHeaderNames` only. */
export type WebhookHeaders = Readonly<Record<string, string>>;

/** All that a delivery is judged by beside its body. */
export const webhookHeaderNames = [
  'authorization',
  'content-type',
  'x-event-key',
  'x-git-oschina-event',
  'x-gitea-delivery',
  'x-gitea-event',
  'x-gitea-signature',
  'x-gitee-event',
  'x-gitee-timestamp',
  'x-gitee-token',
  'x-github-delivery',
  'x-github-event',
  'x-gitlab-event',
  'x-gitlab-event-uuid',
  'x-gitlab-token',
  'x-gogs-delivery',
  'x-gogs-event',
  'x-gogs-signature',
  'x-hook-uuid',
  'x-hub-signature',
  'x-hub-signature-256',
  'x-request-id',
  'x-request-uuid',
] as const;

const eventHeaders: Readonly<Record<WebhookVendor, readonly string[]>> = {
  gitea: ['x-gitea-event'],
  gogs: ['x-gogs-event'],
  gitee: ['x-git-oschina-event', 'x-gitee-event'],
  gitlab: ['x-gitlab-event'],
  bitbucket: ['x-event-key'],
  github: ['x-github-event'],
};

const hubEvents = ['push', 'create', 'delete'];
const labHooks = ['Push Hook', 'Tag Push Hook'];

const movingEvents: Readonly<Record<WebhookVendor, readonly string[]>> = {
  gitea: hubEvents,
  gogs: hubEvents,
  gitee: labHooks,
  gitlab: [...labHooks, 'System Hook'],
  bitbucket: ['repo:push', 'pullrequest:fulfilled', 'repo:refs_changed', 'pr:merged', 'mirror:repo_synchronized'],
  github: hubEvents,
};

const systemEvents: readonly unknown[] = ['push', 'tag_push', 'repository_update'];

/** Vendors that are switched off are not told apart: their deliveries are judged by what else they are. */
export function webhookProvider(headers: WebhookHeaders, enabled: ReadonlySet<WebhookVendor>): WebhookProvider {
  return webhookVendors.find((vendor) => enabled.has(vendor) && eventOf(vendor, headers) !== '') ?? 'generic';
}

/** Wider than what yields application names: a new tag or a deleted branch moves a source too. */
export function movesRefs(provider: WebhookProvider, headers: WebhookHeaders, body: Readonly<Record<string, unknown>>): boolean {
  if (provider === 'generic') return 'path' in body;
  const event = eventOf(provider, headers);
  if (event === 'System Hook') return systemEvents.includes(body['event_name']);
  return movingEvents[provider].includes(event);
}

function eventOf(vendor: WebhookVendor, headers: WebhookHeaders): string {
  for (const name of eventHeaders[vendor]) {
    const event = headers[name] ?? '';
    if (event !== '') return event;
  }
  return '';
}
