// The body of a delivery: a JSON object, or a form with paths. (compatibility document 7)

export type WebhookBodyKind = 'json' | 'form';

export type WebhookBody =
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly kind: 'invalid'; readonly message: string };

/** null: a type that the route does not take. */
export function webhookBodyKind(contentType: string): WebhookBodyKind | null {
  const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded') return 'form';
  return type === 'application/json' || (type.startsWith('application/') && type.endsWith('+json')) ? 'json' : null;
}

export function parseWebhookBody(kind: WebhookBodyKind, text: string): WebhookBody {
  return kind === 'form' ? parseForm(text) : parseObject(text);
}

/** A single `path` is split at commas, several are taken as they are; `repository` is ours. */
function parseForm(text: string): WebhookBody {
  const form = new URLSearchParams(text);
  const values = form.getAll('path');
  const [first] = values;
  if (first === undefined) return { kind: 'invalid', message: 'the form has no path' };
  const path = values.length > 1 ? values : first === '' ? [] : first.split(',').map((part) => part.trim());
  return { kind: 'object', fields: { path, repository: form.getAll('repository') } };
}

function parseObject(text: string): WebhookBody {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { kind: 'object', fields: value as Readonly<Record<string, unknown>> };
    return { kind: 'invalid', message: 'the body is no JSON object' };
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: 'invalid', message: 'the body is no JSON' };
    throw error;
  }
}
