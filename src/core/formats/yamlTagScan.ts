// Reads the YAML tokens that are about nodes, not nodes themselves: anchors, aliases, tags, directives.
import { isBreakOrEnd, isGap, nul, space, type YamlCursor } from './yamlCursor.ts';
import type { Token } from './yamlToken.ts';

/** The cursor is at `&` or `*`. */
export function scanAnchorName(cursor: YamlCursor, kind: 'anchor' | 'alias'): Token {
  const start = cursor.mark();
  cursor.skip(1);
  let length = 0;
  while (!isGap(cursor.peek(length)) && !isOneOf(cursor.peek(length), ':,[]{}/.*&')) length += 1;
  if (length === 0) throw cursor.failure(`the name of an ${kind} is missing`);
  const text = cursor.take(length);
  if (!isGap(cursor.peek()) && !isOneOf(cursor.peek(), '?:,]}%@`')) {
    throw cursor.failure(`${cursor.describe()} in the name of an ${kind}`);
  }
  return { kind, start, end: cursor.mark(), text, handle: null, isPlain: false };
}

/** The cursor is at `!`. A lone `!` has the handle `!` and no text; `!<uri>` has no handle. */
export function scanTag(cursor: YamlCursor): Token {
  const start = cursor.mark();
  let handle: string | null = '!';
  let text = '';
  if (cursor.peek(1) === 0x3c) {
    cursor.skip(2);
    handle = null;
    text = takeUri(cursor);
    if (cursor.peek() !== 0x3e) throw cursor.failure('the ">" of a tag is missing');
    cursor.skip(1);
  } else if (isGap(cursor.peek(1))) {
    cursor.skip(1);
  } else {
    let length = 1;
    while (!isTagEnd(cursor.peek(length)) && cursor.peek(length) !== 0x21) length += 1;
    if (cursor.peek(length) === 0x21) handle = takeHandle(cursor);
    else cursor.skip(1);
    text = takeUri(cursor);
  }
  if (!isTagEnd(cursor.peek())) throw cursor.failure(`${cursor.describe()} in a tag`);
  return { kind: 'tag', start, end: cursor.mark(), text, handle, isPlain: false };
}

/**
 * The cursor is at the `%`. `%TAG` has its handle and, as text, its prefix; others have no handle and the text `name` or
 * `YAML major.minor`.
 */
export function scanDirective(cursor: YamlCursor): Token {
  const start = cursor.mark();
  cursor.skip(1);
  let text = takeWord(cursor);
  if (text === '') throw cursor.failure('the name of a directive is missing');
  if (!isTagEnd(cursor.peek())) throw cursor.failure(`${cursor.describe()} in the name of a directive`);
  let handle: string | null = null;
  if (text === 'YAML') {
    cursor.skipBlanks();
    text = `YAML ${takeVersion(cursor)}`;
  } else if (text === 'TAG') {
    cursor.skipBlanks();
    handle = takeHandle(cursor);
    if (cursor.peek() !== space) throw cursor.failure(`${cursor.describe()} in the handle of a tag`);
    cursor.skipBlanks();
    text = takeUri(cursor);
    if (!isTagEnd(cursor.peek())) throw cursor.failure(`${cursor.describe()} in the prefix of a tag`);
  } else {
    cursor.skipToBreak();
  }
  const end = cursor.mark();
  cursor.skipBlanks();
  if (cursor.peek() === 0x23) cursor.skipToBreak();
  if (!isBreakOrEnd(cursor.peek())) throw cursor.failure(`${cursor.describe()} behind a directive`);
  cursor.takeBreak();
  return { kind: 'directive', start, end, text, handle, isPlain: false };
}

/** A tab does not end a tag. */
function isTagEnd(code: number): boolean {
  return code === space || isBreakOrEnd(code);
}

function isOneOf(code: number, characters: string): boolean {
  return code !== nul && characters.includes(String.fromCharCode(code));
}

function takeWord(cursor: YamlCursor): string {
  let length = 0;
  while (/[\w-]/.test(String.fromCharCode(cursor.peek(length)))) length += 1;
  return cursor.take(length);
}

function takeVersion(cursor: YamlCursor): string {
  const major = takeNumber(cursor);
  if (cursor.peek() !== 0x2e) throw cursor.failure('the version of %YAML is no number');
  cursor.skip(1);
  const minor = takeNumber(cursor);
  if (!isTagEnd(cursor.peek())) throw cursor.failure('the version of %YAML is no number');
  return `${major}.${minor}`;
}

function takeNumber(cursor: YamlCursor): string {
  let length = 0;
  while (cursor.peek(length) >= 0x30 && cursor.peek(length) <= 0x39) length += 1;
  if (length === 0 || length > 3) throw cursor.failure('the version of %YAML is no number');
  return cursor.take(length);
}

/** `!`, `!!` or `!name!`. */
function takeHandle(cursor: YamlCursor): string {
  if (cursor.peek() !== 0x21) throw cursor.failure('a tag handle begins with "!"');
  cursor.skip(1);
  if (cursor.peek() === space) return '!';
  const name = takeWord(cursor);
  if (cursor.peek() !== 0x21) throw cursor.failure('a tag handle ends with "!"');
  cursor.skip(1);
  return `!${name}!`;
}

function takeUri(cursor: YamlCursor): string {
  const mark = cursor.mark();
  let length = 0;
  while (/[\w\-;/?:@&=+$,.!~*'()[\]%]/.test(String.fromCharCode(cursor.peek(length)))) length += 1;
  if (length === 0) throw cursor.failure(`${cursor.describe()} in a tag`);
  try {
    return decodeURIComponent(cursor.take(length));
  } catch (cause) {
    if (cause instanceof URIError) throw cursor.failure('a malformed % escape in a tag', mark);
    throw cause;
  }
}
