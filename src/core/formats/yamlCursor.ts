// A reading position in the text of a YAML file, with the line and column that origins and indentation are made of.
import type { Failure } from '../../model/failure.ts';
import { contentInvalid } from './contentFailure.ts';

/** `line` and `column` from 0; the column counts code points. */
export interface Mark {
  readonly line: number;
  readonly column: number;
}

export const nul = 0;
export const tab = 9;
export const lineFeed = 10;
export const carriageReturn = 13;
export const space = 32;
const nextLine = 0x85;
const lineSeparator = 0x2028;
const paragraphSeparator = 0x2029;
const byteOrderMark = 0xfeff;

export function isBreak(code: number): boolean {
  return code === lineFeed || code === carriageReturn || code === nextLine || code === lineSeparator || code === paragraphSeparator;
}

/** The end of the text counts as a break. */
export function isBreakOrEnd(code: number): boolean {
  return code === nul || isBreak(code);
}

/** Blank, tab, break or end: what separates tokens. */
export function isGap(code: number): boolean {
  return code <= space ? code === space || code === tab || code === lineFeed || code === carriageReturn || code === nul : isBreak(code);
}

export class YamlCursor {
  readonly path: string;
  readonly #text: string;
  /** Offset in UTF-16 units. */
  index = 0;
  line = 0;
  #lineStart = 0;
  /** True if the text holds a character that is no column of its own: then columns have to be counted. */
  readonly #isWide: boolean;
  #countedTo = 0;
  #uncounted = 0;
  #uncountedAtLineStart = 0;

  constructor(path: string, text: string) {
    this.path = path;
    // Four ends: the longest look ahead is three characters (`---` and what follows).
    this.#text = `${text}\0\0\0\0`;
    this.#isWide = /[\ud800-\udbff]/.test(text);
  }

  /** UTF-16 unit at the position or `ahead` units behind it; `nul` at the end. */
  peek(ahead = 0): number {
    return this.#text.charCodeAt(this.index + ahead);
  }

  get column(): number {
    if (!this.#isWide) return this.index - this.#lineStart;
    this.#count();
    return this.index - this.#lineStart - (this.#uncounted - this.#uncountedAtLineStart);
  }

  mark(): Mark {
    return { line: this.line, column: this.column };
  }

  /** The next `length` units, which hold no line break; moves behind them. */
  take(length: number): string {
    const start = this.index;
    this.index = start + length;
    return this.#text.slice(start, this.index);
  }

  /** Moves behind a character that is no line break. */
  skip(length: number): void {
    this.index += length;
  }

  skipBlanks(): void {
    while (this.#text.charCodeAt(this.index) === space) this.index += 1;
  }

  skipBlanksAndTabs(): void {
    for (let code = this.peek(); code === space || code === tab; code = this.peek()) this.index += 1;
  }

  skipToBreak(): void {
    while (!isBreakOrEnd(this.peek())) this.index += 1;
  }

  /** Moves behind one line break and returns what it stands for; '' where there is none. */
  takeBreak(): string {
    const code = this.peek();
    if (!isBreak(code)) return '';
    const isPair = code === carriageReturn && this.peek(1) === lineFeed;
    this.index += isPair ? 2 : 1;
    // SnakeYAML takes a lone CR for a line end when it sees what follows: the last one of a file is a column.
    if (code === carriageReturn && !isPair && this.index === this.#text.length - 4) return '\n';
    this.line += 1;
    if (this.#isWide) {
      this.#count();
      this.#uncountedAtLineStart = this.#uncounted;
    }
    this.#lineStart = this.index;
    if (code === lineSeparator) return '\u2028';
    return code === paragraphSeparator ? '\u2029' : '\n';
  }

  /** At `---` or `...` with a gap behind; the caller knows that a line begins here. */
  isAtDocumentMarker(): boolean {
    return this.isAtTriple(0x2d) || this.isAtTriple(0x2e);
  }

  isAtTriple(code: number): boolean {
    return this.peek() === code && this.peek(1) === code && this.peek(2) === code && isGap(this.peek(3));
  }

  /** A second byte order mark at the very beginning of the text is no content and no column. */
  skipByteOrderMark(): void {
    if (this.index > 0 || this.peek() !== byteOrderMark) return;
    this.index = 1;
    this.#lineStart = 1;
  }

  failure(what: string, mark: Mark = this.mark()): Failure {
    return contentInvalid(this.path, mark.line + 1, mark.column + 1, what);
  }

  /** The character at the position, for messages. */
  describe(): string {
    const code = this.#text.codePointAt(this.index) ?? 0;
    if (this.index >= this.#text.length - 4) return 'the end of the file';
    if (code === tab) return 'a tab';
    return isBreak(code) ? 'the end of the line' : `"${String.fromCodePoint(code)}"`;
  }

  /** Offset in code points. */
  get pointIndex(): number {
    if (!this.#isWide) return this.index;
    this.#count();
    return this.index - this.#uncounted;
  }

  #count(): void {
    for (; this.#countedTo < this.index; this.#countedTo += 1) {
      const code = this.#text.charCodeAt(this.#countedTo);
      if (code >= 0xdc00 && code <= 0xdfff) this.#uncounted += 1;
    }
  }
}
