// The Accept header, parsed and sorted: descending quality, then more specific first, then as listed.

export interface MediaRange {
  /** Lower case; `*` for any. */
  readonly type: string;
  /** Lower case; `*` for any, `*+json` for any of that suffix. */
  readonly subtype: string;
  /** Without `q`, as written, in order. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  readonly quality: number;
}

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const RANGE = new RegExp(`^(${TOKEN})/(${TOKEN})$`);
const PARAMETER = new RegExp(`^(${TOKEN})\\s*=\\s*(${TOKEN}|"(?:[^"\\\\\\x00-\\x1f\\x7f]|\\\\[\\x20-\\x7e])*")$`);

/**
 * Ranges with q=0 are left out (RFC 9110, 12.4.2). '' means `*` `/` `*`. null when the header cannot be parsed.
 * (compatibility document 1.3)
 */
export function mediaRanges(accept: string): readonly MediaRange[] | null {
  if (accept.trim() === '') return [{ type: '*', subtype: '*', parameters: [], quality: 1 }];
  const ranges: MediaRange[] = [];
  for (const element of splitUnquoted(accept, ',')) {
    const text = element.trim();
    if (text === '') continue;
    const range = parseRange(text);
    if (range === null) return null;
    if (range.quality > 0) ranges.push(range);
  }
  return ranges.sort((a, b) => b.quality - a.quality || specificity(b) - specificity(a));
}

export function isConcrete(range: MediaRange): boolean {
  return !range.type.includes('*') && !range.subtype.includes('*');
}

/** Whether the range admits the type; parameters are not looked at. */
export function admits(range: MediaRange, type: string, subtype: string): boolean {
  if (range.type === '*') return true;
  if (range.type !== type) return false;
  if (range.subtype === '*' || range.subtype === subtype) return true;
  return range.subtype.startsWith('*+') && subtype.endsWith(range.subtype.slice(1));
}

/** `type/subtype` and the parameters that pass. */
export function mediaTypeText(range: MediaRange, keep: (name: string) => boolean = () => true): string {
  const kept = range.parameters.filter(([name]) => keep(name.toLowerCase()));
  return [`${range.type}/${range.subtype}`, ...kept.map(([name, value]) => `${name}=${value}`)].join(';');
}

function specificity(range: MediaRange): number {
  if (range.type === '*') return 0;
  if (range.subtype.includes('*')) return 1;
  return 2 + range.parameters.length;
}

function parseRange(text: string): MediaRange | null {
  const [name = '', ...rest] = splitUnquoted(text, ';').map((part) => part.trim());
  const match = RANGE.exec(name === '*' ? '*/*' : name);
  if (match === null) return null;
  const [, type = '', subtype = ''] = match;
  if (type === '*' && subtype !== '*') return null;
  let quality = 1;
  const parameters: (readonly [string, string])[] = [];
  for (const part of rest) {
    if (part === '') continue;
    const [, key = '', value = ''] = PARAMETER.exec(part) ?? [];
    if (key === '') return null;
    if (key.toLowerCase() !== 'q') {
      parameters.push([key, value]);
      continue;
    }
    quality = Number(value);
    if (!(quality >= 0 && quality <= 1)) return null;
  }
  return { type: type.toLowerCase(), subtype: subtype.toLowerCase(), parameters, quality };
}

/** Splits at a character outside of quoted strings. */
function splitUnquoted(text: string, separator: ',' | ';'): string[] {
  if (!text.includes('"')) return text.split(separator);
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (quoted && character === '\\') index += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === separator) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}
