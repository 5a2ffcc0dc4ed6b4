// Makes what is logged safe and bounded: secrets masked, URLs without credentials, errors as plain objects, limits on size.
import { redactUrl } from '../base/redactUrl.ts';
import { Secret } from '../base/secret.ts';

const mask = '***';
/** Names of fields whose value is never shown, whatever it is. */
const secretName = /pass(word|wd|phrase)|secret|token|credential|authorization|cookie|private.?key|api.?key/i;

const depthMax = 6;
const itemsMax = 100;
const textCharactersMax = 8_192;

export interface CleanRecord {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Pure: the input is left as it is. */
export function cleanFields(record: CleanRecord): CleanRecord {
  return { message: cleanText(record.message), fields: cleanObject(record.fields, 0) };
}

function cleanValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return cleanText(value);
    case 'bigint':
      return value.toString();
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'object':
      return value === null ? null : cleanStructure(value, depth);
    case 'boolean':
    case 'undefined':
      return value;
    default:
      return `[${typeof value}]`;
  }
}

function cleanStructure(value: object, depth: number): unknown {
  if (value instanceof Secret) return mask;
  if (value instanceof Error) return cleanError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof URL) return cleanText(value.href);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  // Also what ends a structure that holds itself.
  if (depth >= depthMax) return '[deeper]';
  if (value instanceof Map) return cleanObject(Object.fromEntries([...value].map(([key, entry]) => [String(key), entry])), depth);
  const items = value instanceof Set ? [...value] : value;
  if (Array.isArray(items)) {
    const shown = items.slice(0, itemsMax).map((item) => cleanValue(item, depth + 1));
    return items.length > itemsMax ? [...shown, `[${items.length - itemsMax} more]`] : shown;
  }
  return cleanObject(value, depth);
}

function cleanObject(value: object, depth: number): Readonly<Record<string, unknown>> {
  const entries = Object.entries(value);
  const shown = entries.slice(0, itemsMax).map(([key, entry]): [string, unknown] => [key, secretName.test(key) ? mask : cleanValue(entry, depth + 1)]);
  return Object.fromEntries(entries.length > itemsMax ? [...shown, ['more', entries.length - itemsMax]] : shown);
}

/** `code`: of a Failure or of the system. Causes are nested. */
function cleanError(error: Error, depth: number): unknown {
  const code = (error as { readonly code?: unknown }).code;
  return {
    type: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    message: cleanText(error.message),
    stack: cleanText(error.stack ?? ''),
    ...(error.cause === undefined || depth >= depthMax ? {} : { cause: cleanValue(error.cause, depth + 1) }),
  };
}

/** Cut before it is searched for credentials, and never within a URL: half a URL is not recognised as one. */
function cleanText(text: string): string {
  if (text.length <= textCharactersMax) return text.includes('://') ? redactUrl(text) : text;
  const head = text.slice(0, textCharactersMax);
  const wordStart = Math.max(head.lastIndexOf(' '), head.lastIndexOf('\n'), head.lastIndexOf('\t')) + 1;
  const shown = head.includes('://', wordStart) ? head.slice(0, wordStart) : head;
  return `${redactUrl(shown)}[${text.length - shown.length} more]`;
}
