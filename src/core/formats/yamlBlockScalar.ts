// Reads a YAML block scalar: `|` keeps lines, `>` folds them.
import { isBreak, isBreakOrEnd, nul, space, tab, type YamlCursor } from './yamlCursor.ts';
import type { Token } from './yamlToken.ts';

interface Header {
  /** What happens to the breaks at the end: one stays (clip), none (strip), all (keep). */
  readonly chomping: 'clip' | 'strip' | 'keep';
  /** Columns that the text is further in than the block around it; null where the first line tells. */
  readonly increment: number | null;
}

/** The cursor is at the indicator; `outerIndent` is the column of the surrounding block, -1 outside of all. */
export function scanBlockScalar(cursor: YamlCursor, isFolded: boolean, outerIndent: number): Token {
  const start = cursor.mark();
  cursor.skip(1);
  const header = scanHeader(cursor);
  skipRestOfLine(cursor);
  const indentMin = Math.max(outerIndent + 1, 1);
  let indent: number;
  let breaks: string;
  if (header.increment === null) {
    const leading = takeLeadingBreaks(cursor);
    breaks = leading.breaks;
    indent = Math.max(indentMin, leading.widest);
  } else {
    indent = indentMin + header.increment - 1;
    breaks = takeBreaks(cursor, indent);
  }
  const chunks: string[] = [];
  let lineBreak = '';
  while (cursor.column === indent && cursor.peek() !== nul) {
    chunks.push(breaks);
    const isIndented = isBlank(cursor.peek());
    let length = 0;
    while (!isBreakOrEnd(cursor.peek(length))) length += 1;
    chunks.push(cursor.take(length));
    lineBreak = cursor.takeBreak();
    breaks = takeBreaks(cursor, indent);
    if (cursor.column !== indent || cursor.peek() === nul) break;
    if (!isFolded || lineBreak !== '\n' || isIndented || isBlank(cursor.peek())) chunks.push(lineBreak);
    else if (breaks === '') chunks.push(' ');
  }
  if (header.chomping !== 'strip') chunks.push(lineBreak);
  if (header.chomping === 'keep') chunks.push(breaks);
  return { kind: 'scalar', start, end: cursor.mark(), text: chunks.join(''), handle: null, isPlain: false };
}

function isBlank(code: number): boolean {
  return code === space || code === tab;
}

function scanHeader(cursor: YamlCursor): Header {
  let chomping: Header['chomping'] | null = null;
  let increment: number | null = null;
  for (let i = 0; i < 2; i += 1) {
    const code = cursor.peek();
    if (chomping === null && (code === 0x2b || code === 0x2d)) {
      chomping = code === 0x2b ? 'keep' : 'strip';
    } else if (increment === null && code >= 0x30 && code <= 0x39) {
      if (code === 0x30) throw cursor.failure('the indentation of a block scalar is 1 to 9');
      increment = code - 0x30;
    } else {
      break;
    }
    cursor.skip(1);
  }
  if (cursor.peek() !== space && !isBreakOrEnd(cursor.peek())) throw cursor.failure(`${cursor.describe()} behind the block indicator`);
  return { chomping: chomping ?? 'clip', increment };
}

function skipRestOfLine(cursor: YamlCursor): void {
  cursor.skipBlanks();
  if (cursor.peek() === 0x23) cursor.skipToBreak();
  if (!isBreakOrEnd(cursor.peek())) throw cursor.failure(`${cursor.describe()} behind the block indicator`);
  cursor.takeBreak();
}

/** Empty lines before the first line of text, and the widest indentation among all of them and it. */
function takeLeadingBreaks(cursor: YamlCursor): { readonly breaks: string; readonly widest: number } {
  let breaks = '';
  let widest = 0;
  for (let code = cursor.peek(); code === space || isBreak(code); code = cursor.peek()) {
    if (code === space) {
      cursor.skipBlanks();
      widest = Math.max(widest, cursor.column);
    } else {
      breaks += cursor.takeBreak();
    }
  }
  return { breaks, widest };
}

/** Empty lines; stops at the indentation of the text or at what is less far in. */
function takeBreaks(cursor: YamlCursor, indent: number): string {
  let breaks = '';
  for (;;) {
    while (cursor.column < indent && cursor.peek() === space) cursor.skip(1);
    const lineBreak = cursor.takeBreak();
    if (lineBreak === '') return breaks;
    breaks += lineBreak;
  }
}
