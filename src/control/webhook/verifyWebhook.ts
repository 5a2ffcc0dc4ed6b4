// Checks that a delivery comes from who knows the secret: each provider's own signature or token, compared in constant time.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { WebhookHeaders, WebhookProvider } from '../../core/webhook/webhookProvider.ts';
import { WEBHOOK_CLOCK_MS } from '../../model/limits.ts';

/** `signature` is what only the sender could make for this delivery; null where it is the same for every delivery. */
export type Verification = { readonly kind: 'verified'; readonly signature: string | null } | { readonly kind: 'refused'; readonly reason: string };

/** `nowMs`: wall clock. */
export function verifyWebhook(provider: WebhookProvider, headers: WebhookHeaders, body: Uint8Array, secret: string, nowMs: number): Verification {
  switch (provider) {
    case 'github':
      return hmac('x-hub-signature-256', 'sha256=', headers, body, secret);
    case 'bitbucket':
      return hmac('x-hub-signature', 'sha256=', headers, body, secret);
    case 'gitea':
      return hmac('x-gitea-signature', '', headers, body, secret);
    case 'gogs':
      return hmac('x-gogs-signature', '', headers, body, secret);
    case 'gitlab':
      return token('x-gitlab-token', headers['x-gitlab-token'] ?? '', secret);
    case 'gitee':
      return gitee(headers, secret, nowMs);
    case 'generic':
      return token('authorization', bearer(headers['authorization'] ?? ''), secret);
  }
}

function hmac(name: string, prefix: string, headers: WebhookHeaders, body: Uint8Array, secret: string): Verification {
  const given = headers[name] ?? '';
  if (given === '') return { kind: 'refused', reason: `${name} is missing` };
  const expected = `${prefix}${createHmac('sha256', secret).update(body).digest('hex')}`;
  return equal(given, expected) ? { kind: 'verified', signature: expected } : { kind: 'refused', reason: `${name} does not fit the body and the secret` };
}

function token(name: string, given: string, secret: string): Verification {
  if (given === '') return { kind: 'refused', reason: `${name} is missing` };
  return equal(given, secret) ? { kind: 'verified', signature: null } : { kind: 'refused', reason: `${name} is another token` };
}

/**
 * The password itself, or a signature of the time: base64 of HMAC-SHA256 over "<ms>\n<secret>", percent-encoded or not. It does not
 * cover the body, so only a recent one counts.
 */
function gitee(headers: WebhookHeaders, secret: string, nowMs: number): Verification {
  const given = headers['x-gitee-token'] ?? '';
  const plain = token('x-gitee-token', given, secret);
  if (plain.kind === 'verified' || given === '') return plain;
  const timestamp = headers['x-gitee-timestamp'] ?? '';
  const expected = createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64');
  const fits = [equal(given, expected), equal(given, encodeURIComponent(expected))].includes(true);
  if (!fits) return { kind: 'refused', reason: 'x-gitee-token is neither the password nor the signature of x-gitee-timestamp' };
  const isRecent = /^\d{13}$/.test(timestamp) && Math.abs(nowMs - Number(timestamp)) <= WEBHOOK_CLOCK_MS;
  return isRecent ? { kind: 'verified', signature: expected } : { kind: 'refused', reason: 'x-gitee-timestamp is not of the last five minutes' };
}

function bearer(authorization: string): string {
  return /^bearer /i.test(authorization) ? authorization.slice('bearer '.length).trim() : '';
}

/** Hashed first: the time depends neither on the content nor on the length of what is compared. */
function equal(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
