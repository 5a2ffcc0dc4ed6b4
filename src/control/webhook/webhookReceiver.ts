// Takes the deliveries of Git hosting services: who sent it, is it true, which sources it concerns; those are polled at once.
//
//   type known? ─► body read ─► signature ─► parsed ─► seen before? ─► moves refs? ─► one of our repositories? ─► polled
//     415          413 503        401          400       repeated        ignored         unmatched
import { redactUrl } from '../../base/redactUrl.ts';
import { isNamed, namedRepositories } from '../../core/webhook/namedRepositories.ts';
import { pathApplications } from '../../core/webhook/pathApplications.ts';
import { repositoryAddress } from '../../core/webhook/repositoryAddress.ts';
import { parseWebhookBody, webhookBodyKind, type WebhookBodyKind } from '../../core/webhook/webhookBody.ts';
import { webhookPaths } from '../../core/webhook/webhookPaths.ts';
import {
  movesRefs,
  webhookProvider,
  webhookVendors,
  type WebhookHeaders,
  type WebhookProvider,
  type WebhookVendor,
} from '../../core/webhook/webhookProvider.ts';
import type { ErrorCode } from '../../model/errorCodes.ts';
import { WEBHOOK_MEMORY_MAX, WEBHOOKS_MAX } from '../../model/limits.ts';
import type { Settings } from '../../settings/options.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { PrimaryMetrics } from '../../telemetry/primaryMetrics.ts';
import { errorAnswer, type ManagementAnswer } from '../management/managementRoutes.ts';
import { DeliveryMemory } from './deliveryMemory.ts';
import { verifyWebhook, type Verification } from './verifyWebhook.ts';

/** A repository that a delivery may be about. */
export interface WebhookTarget {
  readonly repository: string;
  /** Urls that it is known by; empty for what no hosting service knows. */
  readonly urls: readonly string[];
}

export interface WebhookPorts {
  readonly targets: () => readonly WebhookTarget[];
  /** Polls within a moment, once for all that ask until then. */
  readonly poll: (repository: string) => void;
  readonly nowMs: () => number;
  readonly metrics: PrimaryMetrics;
  readonly log: Logger;
}

export interface WebhookDelivery {
  readonly target: string;
  readonly headers: WebhookHeaders;
  /** null when it is longer. */
  readonly readBody: (bytesMax: number) => Promise<Uint8Array | null>;
}

/** What became of a delivery that was true: the value of the header x-vortex-webhook. */
type Outcome = 'polled' | 'unmatched' | 'ignored' | 'repeated';

interface Judged {
  readonly outcome: Outcome;
  readonly applications: readonly string[];
  readonly polled: number;
}

export class WebhookReceiver {
  private readonly settings: Settings['monitor'];
  private readonly ports: WebhookPorts;
  private readonly enabled: ReadonlySet<WebhookVendor>;
  private readonly isProtected: boolean;
  private readonly memory = new DeliveryMemory(WEBHOOK_MEMORY_MAX);
  /** What was last wrong with a provider's deliveries: a hook with a wrong secret is one warning, not one per push. */
  private readonly complaints = new Map<WebhookProvider, string>();
  private inFlight = 0;

  constructor(settings: Settings['monitor'], ports: WebhookPorts) {
    this.settings = settings;
    this.ports = ports;
    this.enabled = new Set(webhookVendors.filter((vendor) => settings[vendor].enabled));
    this.isProtected = settings.token !== null || webhookVendors.some((vendor) => settings[vendor].secret !== null);
  }

  /** Rejects when the client goes away while its body is read. */
  async receive(delivery: WebhookDelivery): Promise<ManagementAnswer> {
    const provider = webhookProvider(delivery.headers, this.enabled);
    const kind = webhookBodyKind(delivery.headers['content-type'] ?? '');
    if (kind === null) return this.refuse(delivery, provider, 'BODY_TYPE_UNSUPPORTED', 'expected application/json, or a form with path');
    if (this.inFlight >= WEBHOOKS_MAX) return this.refuse(delivery, provider, 'OVERLOADED', 'too many deliveries at once');
    this.inFlight += 1;
    try {
      const body = await delivery.readBody(this.settings.bodyBytesMax);
      if (body === null) return this.refuse(delivery, provider, 'BODY_TOO_LARGE', 'the delivery is larger than monitor.bodyBytesMax');
      return this.judge(delivery, provider, kind, body);
    } finally {
      this.inFlight -= 1;
    }
  }

  private judge(delivery: WebhookDelivery, provider: WebhookProvider, kind: WebhookBodyKind, body: Uint8Array): ManagementAnswer {
    const verification = this.verify(provider, delivery.headers, body);
    if (verification.kind === 'refused') return this.refuse(delivery, provider, 'WEBHOOK_REFUSED', verification.reason);
    const parsed = parseWebhookBody(kind, Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
    if (parsed.kind === 'invalid') return this.refuse(delivery, provider, 'BODY_INVALID', parsed.message);
    const applications = pathApplications(webhookPaths(delivery.headers, parsed.fields, this.enabled));
    if (!movesRefs(provider, delivery.headers, parsed.fields)) return this.done(provider, { outcome: 'ignored', applications, polled: 0 });
    if (!this.memory.isNew(provider, delivery.headers, body, verification.signature)) {
      return this.done(provider, { outcome: 'repeated', applications, polled: 0 });
    }
    const named = namedRepositories(parsed.fields);
    const matching = this.matching(provider, named);
    for (const { repository } of matching) this.ports.poll(repository);
    if (matching.length > 0) {
      this.complaints.delete(provider);
      this.ports.log.info('a webhook has a source polled', { provider, sources: matching.map(({ repository }) => redactUrl(repository)).slice(0, 10) });
      return this.done(provider, { outcome: 'polled', applications, polled: matching.length });
    }
    const addresses = [...named].slice(0, 5).map((address) => address.slice(0, 200));
    this.complain(provider, `no source has one of its addresses: ${addresses.join(', ')}`);
    return this.done(provider, { outcome: 'unmatched', applications, polled: 0 });
  }

  /** With any secret set, what has none is refused: else whoever does not know the secret would leave out a header. */
  private verify(provider: WebhookProvider, headers: WebhookHeaders, body: Uint8Array): Verification {
    const secret = provider === 'generic' ? this.settings.token : this.settings[provider].secret;
    if (secret !== null) return verifyWebhook(provider, headers, body, secret.reveal(), this.ports.nowMs());
    if (!this.isProtected) return { kind: 'verified', signature: null };
    const option = provider === 'generic' ? 'monitor.token' : `monitor.${provider}.secret`;
    return { kind: 'refused', reason: `${option} is not set, and another secret is` };
  }

  /** The generic form without a repository is about all of them. */
  private matching(provider: WebhookProvider, named: ReadonlySet<string>): readonly WebhookTarget[] {
    const targets = this.ports.targets();
    if (provider === 'generic' && named.size === 0) return targets;
    return targets.filter(({ urls }) =>
      urls.some((url) => {
        const address = repositoryAddress(url);
        return address !== null && isNamed(address, named);
      }),
    );
  }

  private done(provider: WebhookProvider, { outcome, applications, polled }: Judged): ManagementAnswer {
    this.count(provider, outcome);
    const headers = [
      ['x-vortex-webhook', outcome],
      ['x-vortex-sources-polled', String(polled)],
    ] as const;
    return { status: 200, contentType: 'application/json', body: JSON.stringify(applications), allow: null, headers };
  }

  private refuse({ target }: WebhookDelivery, provider: WebhookProvider, code: ErrorCode, reason: string): ManagementAnswer {
    this.count(provider, code === 'WEBHOOK_REFUSED' ? 'refused' : code === 'OVERLOADED' ? 'overloaded' : 'invalid');
    this.complain(provider, reason);
    return { ...errorAnswer(code, target, reason), headers: code === 'OVERLOADED' ? [['retry-after', '1']] : [] };
  }

  private complain(provider: WebhookProvider, reason: string): void {
    const level = this.complaints.get(provider) === reason ? 'debug' : 'warn';
    this.complaints.set(provider, reason);
    this.ports.log.log(level, 'a webhook has nothing polled', { provider, reason });
  }

  private count(provider: WebhookProvider, outcome: Outcome | 'refused' | 'invalid' | 'overloaded'): void {
    this.ports.metrics.increment('vortex_webhook_deliveries_total', { provider, outcome });
  }
}
