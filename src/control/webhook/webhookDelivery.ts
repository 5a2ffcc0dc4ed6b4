// How deliveries come to the receiver: as requests of the management port, or in messages of workers.
import type { ToPrimary } from '../../cluster/messages.ts';
import { webhookHeaderNames } from '../../core/webhook/webhookProvider.ts';
import type { ManagementRequest } from '../management/managementRoutes.ts';
import type { WebhookDelivery } from './webhookReceiver.ts';

export function deliveryOfRequest({ target, header, readBody }: ManagementRequest): WebhookDelivery {
  return { target, headers: Object.fromEntries(webhookHeaderNames.map((name) => [name, header(name)])), readBody };
}

/** The worker has read the body within the same limit. */
export function deliveryOfMessage({ target, headers, body }: Extract<ToPrimary, { kind: 'webhook' }>): WebhookDelivery {
  return { target, headers, readBody: (bytesMax) => Promise.resolve(body.byteLength > bytesMax ? null : body) };
}
