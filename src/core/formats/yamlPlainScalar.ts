// Reads a YAML scalar without quotes, which ends at whatever could be something else.
import { carriageReturn, isGap, lineFeed, nul, space, tab, type YamlCursor } from './yamlCursor.ts';
import type { Token } from './yamlToken.ts';

/** `indent` is the column of the surrounding block: lines that are not further in end the scalar. */
export function scanPlainScalar(cursor: YamlCursor, indent: number, isInFlow: boolean): Token {
  const start = cursor.mark();
  let end = start;
  let text = '';
  let gap = '';
  while (cursor.peek() !== 0x23) {
    const length = runLength(cursor, isInFlow);
    if (length === 0) break;
    text += gap + cursor.take(length);
    end = cursor.mark();
    gap = takeGap(cursor);
    if (gap === '' || (!isInFlow && cursor.column < indent + 1)) break;
  }
  return { kind: 'scalar', start, end, text, handle: null, isPlain: true };
}

function runLength(cursor: YamlCursor, isInFlow: boolean): number {
  for (let length = 0; ; length += 1) {
    const code = cursor.peek(length);
    // Letters first: nearly every character of a file is one.
    if (code >= 0x61 && code <= 0x7a) continue;
    if (isGap(code)) return length;
    if (code === 0x3a) {
      const next = cursor.peek(length + 1);
      if (isGap(next) || (isInFlow && isFlowIndicator(next))) return length;
    } else if (isInFlow && (isFlowIndicator(code) || code === 0x3f)) {
      return length;
    }
  }
}

function isFlowIndicator(code: number): boolean {
  return code === 0x2c || code === 0x5b || code === 0x5d || code === 0x7b || code === 0x7d;
}

/**
 * Blanks and breaks between two runs as the scalar gets them: one break is a blank, further ones stay. '' where the
 * scalar ends: directly, or before a document marker.
 */
function takeGap(cursor: YamlCursor): string {
  const code = cursor.peek();
  if (code === lineFeed || code === carriageReturn || code > tab) {
    if (code > space && code < 0x80) return '';
  } else if (code === nul) return '';
  const blanksStart = cursor.index;
  let blanks = 0;
  for (let next = code; next === space || next === tab; next = cursor.peek(blanks)) blanks += 1;
  const text = cursor.take(blanks);
  const lineBreak = cursor.takeBreak();
  if (lineBreak === '') return cursor.index === blanksStart ? '' : text;
  if (isAtEndOfContent(cursor)) return '';
  let breaks = '';
  for (;;) {
    cursor.skipBlanks();
    const next = cursor.takeBreak();
    if (next === '') break;
    breaks += next;
    if (isAtEndOfContent(cursor)) return '';
  }
  if (lineBreak !== '\n') return lineBreak + breaks;
  return breaks === '' ? ' ' : breaks;
}

/** A line that begins with `---` ends the scalar even without a gap behind it, and is an error then in most places. */
function isAtEndOfContent(cursor: YamlCursor): boolean {
  const hyphen = 0x2d;
  return (cursor.peek() === hyphen && cursor.peek(1) === hyphen && cursor.peek(2) === hyphen) || cursor.isAtDocumentMarker();
}
