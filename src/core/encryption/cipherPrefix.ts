// The `{key:value}` prefixes between the marker and the ciphertext: which there are, and the text without them.

export const CIPHER_MARKER = '{cipher}';

/** Everything up to it is cut, whatever it is. */
const PLAIN_MARKER = '{plain}';

const lineEnd = /[\n\r\u0085\u2028\u2029]/;

/**
 * Without the run of `{…:…}` at the start, or without everything up to `{plain}`. Upstream's expression `^(\{.*?:.*?\})*`,
 * but in time that grows with the text and not with its square. (compatibility document 5.2)
 */
export function withoutPrefixes(text: string): string {
  const plain = text.indexOf(PLAIN_MARKER);
  if (plain >= 0) return text.slice(plain + PLAIN_MARKER.length);
  let start = 0;
  while (text[start] === '{') {
    const colon = text.indexOf(':', start + 1);
    const end = colon < 0 ? -1 : text.indexOf('}', colon + 1);
    if (end < 0 || lineEnd.test(text.slice(start, end))) break;
    start = end + 1;
  }
  return text.slice(start);
}

/** In order, without `name` and `profiles`, which only upstream's own locators look at. (compatibility document 5.2) */
export function prefixesOf(text: string): ReadonlyMap<string, string> {
  const prefixes = new Map<string, string>();
  const cleaned = withoutGreedy(withoutGreedy(text, '{name:'), '{profiles:');
  const plain = cleaned.indexOf(PLAIN_MARKER);
  const scanned = plain < 0 ? cleaned : cleaned.slice(0, plain);
  let start = 0;
  for (let end = scanned.indexOf('}'); end >= 0; end = scanned.indexOf('}', start)) {
    const token = trimmed(scanned.slice(start, end));
    start = end + 1;
    if (!token.startsWith('{')) continue;
    const colon = token.indexOf(':');
    if (colon > 0 && !token.endsWith(':')) prefixes.set(token.slice(1, colon), token.slice(colon + 1));
    else prefixes.set(token.slice(1), '');
  }
  prefixes.delete('name');
  prefixes.delete('profiles');
  return prefixes;
}

/** What encryption puts before a ciphertext so that decryption finds the same key. */
export function prefixText(prefixes: ReadonlyMap<string, string>): string {
  return [...prefixes].map(([key, value]) => `{${key}:${value}}`).join('');
}

/** Without the first `{name:` that has a `}` on its line, up to the last one there: prefixes behind it go too, as upstream. */
function withoutGreedy(text: string, opening: string): string {
  for (let start = text.indexOf(opening); start >= 0; start = text.indexOf(opening, start + 1)) {
    const lineLength = text.slice(start).search(lineEnd);
    const line = lineLength < 0 ? text.slice(start) : text.slice(start, start + lineLength);
    const end = line.lastIndexOf('}');
    if (end >= 0) return text.slice(0, start) + text.slice(start + end + 1);
    // Every further opening on this line ends in vain too.
    start += line.length;
  }
  return text;
}

/** As Java trims: blanks and control characters. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 0x20) start += 1;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end -= 1;
  return text.slice(start, end);
}
