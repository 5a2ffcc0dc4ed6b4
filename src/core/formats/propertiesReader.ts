// Reads the characters of a .properties file: escapes, joined lines, and the positions that origins are made of.
import { contentInvalid } from './contentFailure.ts';

const end = -1;
const tab = 9;
const lineFeed = 10;
const formFeed = 12;
const carriageReturn = 13;
const space = 32;
const backslash = 0x5c;

const escapes = new Map([
  [0x74, tab],
  [0x72, carriageReturn],
  [0x6e, lineFeed],
  [0x66, formFeed],
]);

/**
 * One logical character at a time. The order in which lines and columns are counted follows Spring Boot's loader: what it
 * counts oddly (an escape is one column; a marker line with trailing blanks shifts the next line) is visible in origins.
 * (compatibility document 2.4)
 */
export class PropertiesReader {
  /** The current character, -1 at the end of the file. */
  code = end;
  /** The current character was written with a backslash, so it is no separator, no blank and no line end. */
  isEscaped = false;
  readonly #path: string;
  readonly #text: string;
  #index = 0;
  /** Line breaks read so far. */
  #line = 0;
  #column = -1;
  #wasEndCounted = false;

  constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
  }

  /** False at the end of the file. */
  read(): boolean {
    // A loop, since a file may join any number of lines.
    while (this.#readLogical() === 'joined');
    return this.code !== end;
  }

  /** Does not notice when it passes a line end: columns go on. */
  skipBlanks(): void {
    while (this.isBlank()) this.#readRaw();
  }

  skipRestOfLine(): void {
    while (this.code !== lineFeed && this.code !== end) this.#readRaw();
    this.#column = -1;
  }

  isBlank(): boolean {
    return !this.isEscaped && (this.code === space || this.code === tab || this.code === formFeed);
  }

  isEndOfLine(): boolean {
    return this.code === end || (!this.isEscaped && this.code === lineFeed);
  }

  /** Column of the current character from 0. */
  get column(): number {
    return this.#column;
  }

  origin(): string {
    return `${this.#line + 1}:${this.#column + 1}`;
  }

  /** CR, LF and CRLF all arrive as LF. */
  #readRaw(): void {
    this.#column += 1;
    if (this.#index >= this.#text.length) {
      this.code = end;
      this.#countLastLine();
      return;
    }
    this.code = this.#text.charCodeAt(this.#index);
    this.#index += 1;
    if (this.code === carriageReturn) {
      if (this.#text.charCodeAt(this.#index) === lineFeed) this.#index += 1;
      this.code = lineFeed;
    }
    if (this.code === lineFeed) this.#line += 1;
  }

  /** The end of the file ends a line that has no line end of its own. */
  #countLastLine(): void {
    if (this.#wasEndCounted) return;
    this.#wasEndCounted = true;
    const last = this.#text.charCodeAt(this.#text.length - 1);
    if (this.#text.length > 0 && last !== lineFeed && last !== carriageReturn) this.#line += 1;
  }

  #readLogical(): 'read' | 'joined' {
    this.isEscaped = false;
    this.#readRaw();
    if (this.#column === 0) this.skipBlanks();
    if (this.code === backslash) {
      this.isEscaped = true;
      return this.#readEscaped();
    }
    if (this.code === lineFeed) this.#column = -1;
    return 'read';
  }

  /** 'joined': the backslash stood at the end of a line. */
  #readEscaped(): 'read' | 'joined' {
    // The character behind the backslash is no column of its own.
    this.#column -= 1;
    this.#readRaw();
    const replacement = escapes.get(this.code);
    if (replacement !== undefined) {
      this.code = replacement;
    } else if (this.code === lineFeed) {
      this.#column = -1;
      return 'joined';
    } else if (this.code === 0x75) {
      this.#readUnicode();
    }
    return 'read';
  }

  #readUnicode(): void {
    const digits = this.#text.slice(this.#index, this.#index + 4);
    if (!/^[0-9A-Fa-f]{4}$/.test(digits)) {
      throw contentInvalid(this.#path, this.#line + 1, this.#column + 1, '\\u needs four hexadecimal digits');
    }
    this.#index += 4;
    this.code = Number.parseInt(digits, 16);
  }
}
