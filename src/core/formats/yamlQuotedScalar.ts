// Reads a YAML scalar in single or double quotes.
import { isBreakOrEnd, nul, space, tab, type YamlCursor } from './yamlCursor.ts';
import type { Token } from './yamlToken.ts';

const apostrophe = 0x27;
const quotationMark = 0x22;
const backslash = 0x5c;

/** The cursor is at the opening quote. */
export function scanQuotedScalar(cursor: YamlCursor): Token {
  const start = cursor.mark();
  const quote = cursor.peek();
  cursor.skip(1);
  let text = takeContent(cursor, quote);
  while (cursor.peek() !== quote) text += takeGap(cursor) + takeContent(cursor, quote);
  cursor.skip(1);
  return { kind: 'scalar', start, end: cursor.mark(), text, handle: null, isPlain: false };
}

/** Up to the next blank, break or closing quote. */
function takeContent(cursor: YamlCursor, quote: number): string {
  let text = '';
  for (;;) {
    let length = 0;
    for (let code = cursor.peek(); !isStop(code); code = cursor.peek(length)) length += 1;
    text += cursor.take(length);
    const code = cursor.peek();
    if (code === apostrophe && quote === apostrophe) {
      if (cursor.peek(1) !== apostrophe) return text;
      text += "'";
      cursor.skip(2);
    } else if (code === apostrophe || (quote === apostrophe && (code === quotationMark || code === backslash))) {
      text += cursor.take(1);
    } else if (code === backslash) {
      text += takeEscape(cursor);
    } else {
      return text;
    }
  }
}

function isStop(code: number): boolean {
  if (code > backslash && code < 0x80) return false;
  return code === space || code === tab || code === apostrophe || code === quotationMark || code === backslash || isBreakOrEnd(code);
}

function takeGap(cursor: YamlCursor): string {
  let length = 0;
  for (let code = cursor.peek(); code === space || code === tab; code = cursor.peek(length)) length += 1;
  const blanks = cursor.take(length);
  if (cursor.peek() === nul) throw cursor.failure('the closing quote is missing');
  const lineBreak = cursor.takeBreak();
  if (lineBreak === '') return blanks;
  const breaks = takeFurtherBreaks(cursor);
  if (lineBreak !== '\n') return lineBreak + breaks;
  return breaks === '' ? ' ' : breaks;
}

function takeFurtherBreaks(cursor: YamlCursor): string {
  let breaks = '';
  for (;;) {
    if (cursor.isAtDocumentMarker()) throw cursor.failure('a document marker within quotes');
    cursor.skipBlanksAndTabs();
    const lineBreak = cursor.takeBreak();
    if (lineBreak === '') return breaks;
    breaks += lineBreak;
  }
}

const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};

const escapeDigits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** The cursor is at the backslash. */
function takeEscape(cursor: YamlCursor): string {
  const mark = cursor.mark();
  cursor.skip(1);
  if (cursor.takeBreak() !== '') return takeFurtherBreaks(cursor);
  const name = String.fromCharCode(cursor.peek());
  const replacement = escapes[name];
  if (replacement !== undefined) {
    cursor.skip(1);
    return replacement;
  }
  const digits = escapeDigits[name];
  if (digits === undefined) throw cursor.failure(`unknown escape \\${cursor.describe()}`, mark);
  cursor.skip(1);
  let hexadecimal = '';
  for (let i = 0; i < digits; i += 1) hexadecimal += String.fromCharCode(cursor.peek(i));
  if (!/^[0-9A-Fa-f]+$/.test(hexadecimal)) throw cursor.failure(`\\${name} needs ${digits} hexadecimal digits`, mark);
  cursor.skip(digits);
  const code = Number.parseInt(hexadecimal, 16);
  if (code > 0x10ffff) throw cursor.failure(`there is no character U+${hexadecimal}`, mark);
  return String.fromCodePoint(code);
}
