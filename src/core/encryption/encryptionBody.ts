// What text a request to /encrypt or /decrypt means by its body.
import type { EncryptionQuestion } from '../../model/encryption.ts';

const formType = 'application/x-www-form-urlencoded';

/** null: it cannot be read. (compatibility document 5.5) */
export function encryptionText({ operation, contentType, hasQuery, body }: EncryptionQuestion): string | null {
  // A servlet container reads a form first, and what is left of it is the form written anew.
  const isForm = contentType.includes(formType) && !hasQuery;
  const text = isForm ? rewrittenForm(Buffer.from(body).toString('utf8')) : decoded(body, contentType);
  if (text === null || !text.endsWith('=') || isPlainText(contentType)) return text;
  const unescaped = urlDecoded(text);
  if (unescaped === null) return null;
  return operation === 'encrypt' ? unescaped.slice(0, -1) : withoutFormEnd(unescaped.replaceAll(' ', '+'));
}

/** With a parameter it is another type. */
function isPlainText(contentType: string): boolean {
  return contentType.trim().toLowerCase() === 'text/plain';
}

/** `curl -d` makes `<hex>=` of a ciphertext; base64 may end in `=` of its own, but is never odd with it. */
function withoutFormEnd(text: string): string {
  if (!text.endsWith('=') || text.length % 2 === 0) return text;
  const candidate = text.slice(0, -1);
  return /^[0-9a-f]*$/i.test(candidate) || /^[A-Za-z0-9+/=\s]*$/.test(candidate) ? candidate : text;
}

function decoded(body: Uint8Array, contentType: string): string | null {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset, { ignoreBOM: true }).decode(body);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** `my%20secret` becomes `my+secret=`: parameters in order of their names' first appearance, all values of a name together. */
function rewrittenForm(form: string): string | null {
  const parameters = new Map<string, string[]>();
  for (const part of form.split('&')) {
    const equals = part.indexOf('=');
    const name = urlDecoded(equals < 0 ? part : part.slice(0, equals));
    const value = urlDecoded(equals < 0 ? '' : part.slice(equals + 1));
    if (name === null || value === null) return null;
    if (name === '') continue;
    const values = parameters.get(name);
    if (values === undefined) parameters.set(name, [value]);
    else values.push(value);
  }
  return [...parameters].flatMap(([name, values]) => values.map((value) => `${urlEncoded(name)}=${urlEncoded(value)}`)).join('&');
}

/** null when a percent sign is not followed by two hexadecimal digits. */
function urlDecoded(text: string): string | null {
  if (/%(?![0-9a-f]{2})/i.test(text)) return null;
  const bytes = Buffer.from(text.replaceAll('+', ' '), 'utf8').toString('latin1');
  const unescaped = bytes.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(unescaped, 'latin1').toString('utf8');
}

/** As java.net.URLEncoder. */
function urlEncoded(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
