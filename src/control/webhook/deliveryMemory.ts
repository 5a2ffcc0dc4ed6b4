// Remembers the newest deliveries, so that one that is sent again, by a hosting service or by somebody who overheard it, does nothing.
import { createHash } from 'node:crypto';
import type { WebhookHeaders, WebhookProvider } from '../../core/webhook/webhookProvider.ts';

const idHeaders: Readonly<Record<WebhookProvider, readonly string[]>> = {
  gitea: ['x-gitea-delivery'],
  gogs: ['x-gogs-delivery'],
  gitee: [],
  gitlab: ['x-gitlab-event-uuid'],
  bitbucket: ['x-request-uuid', 'x-request-id'],
  github: ['x-github-delivery'],
  generic: [],
};

export class DeliveryMemory {
  private readonly seen = new Set<string>();
  private readonly deliveriesMax: number;

  constructor(deliveriesMax: number) {
    this.deliveriesMax = deliveriesMax;
  }

  /**
   * False when it was seen before. A signature does not cover the id: a body that was signed once is known by itself, whatever id it
   * comes with.
   */
  isNew(provider: WebhookProvider, headers: WebhookHeaders, body: Uint8Array, signature: string | null): boolean {
    const id = idHeaders[provider].map((name) => headers[name] ?? '').find((value) => value !== '');
    const keys: string[] = [];
    if (id !== undefined) keys.push(key(provider, 'id', id));
    if (signature !== null) keys.push(key(provider, signature, body));
    const isNew = keys.every((each) => !this.seen.has(each));
    for (const each of keys) this.remember(each);
    return isNew;
  }

  private remember(each: string): void {
    this.seen.add(each);
    if (this.seen.size > this.deliveriesMax) this.seen.delete(this.seen.keys().next().value!);
  }
}

function key(provider: WebhookProvider, kind: string, content: string | Uint8Array): string {
  return createHash('sha256').update(`${provider}\n${kind}\n`).update(content).digest('base64');
}
