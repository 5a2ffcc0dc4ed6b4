// Writes YAML character by character and knows the column, which decides about folding.
import type { BoundedText } from './boundedText.ts';

/** Behind this column a text is folded at the next blank. */
const columnMax = 80;

const indentWidth = 2;

/** The names of those characters that a double-quoted text cannot show; of the others only the ones that YAML cannot hold at all are missing. */
const doubleQuotedEscapes: ReadonlyMap<string, string> = new Map([
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\u0085', '\\N'],
  ['\u00a0', '\\_'],
  ['\u2028', '\\L'],
  ['\u2029', '\\P'],
]);

export class YamlText {
  readonly #output: BoundedText;
  #column = 0;
  /** The last character is a blank, or nothing is written yet. */
  #isAfterBlank = true;
  /** Nothing but indentation, and dashes that count as such, is on the line. */
  #isInIndentation = true;

  constructor(output: BoundedText) {
    this.#output = output;
  }

  get isInIndentation(): boolean {
    return this.#isInIndentation;
  }

  /** A mark of YAML's own. `keepsIndentation`: what follows on the line still counts as its first content. */
  indicator(mark: string, options: { readonly needsBlank: boolean; readonly keepsIndentation?: boolean }): void {
    this.#put(options.needsBlank && !this.#isAfterBlank ? ` ${mark}` : mark);
    this.#isAfterBlank = false;
    this.#isInIndentation = this.#isInIndentation && options.keepsIndentation === true;
  }

  /** Goes to a column, on this line if nothing is in the way. */
  indent(column: number): void {
    if (!this.#isInIndentation || this.#column > column || (this.#column === column && !this.#isAfterBlank)) this.breakLine('\n');
    if (this.#column < column) {
      this.#put(' '.repeat(column - this.#column));
      this.#isAfterBlank = true;
    }
  }

  breakLine(lineBreak: string): void {
    this.#output.append(lineBreak);
    this.#column = 0;
    this.#isAfterBlank = true;
    this.#isInIndentation = true;
  }

  /** One line, folded at single blanks unless it is a simple key. */
  plain(text: string, indent: number, isFolded: boolean): void {
    if (text === '') return;
    if (!this.#isAfterBlank) this.#put(' ');
    this.#isAfterBlank = false;
    this.#isInIndentation = false;
    if (isFolded) this.#folded(text, indent);
    else this.#put(text);
    this.#isAfterBlank = false;
    this.#isInIndentation = false;
  }

  /** One line, folded like a plain one, but neither at its first blank nor at its last. */
  singleQuoted(text: string, indent: number, isFolded: boolean): void {
    this.indicator("'", { needsBlank: true });
    const escaped = text.replaceAll("'", "''");
    if (isFolded) this.#folded(escaped, indent);
    else this.#put(escaped);
    this.indicator("'", { needsBlank: false });
  }

  literal(text: string, indent: number): void {
    this.indicator(`|${literalHints(text)}`, { needsBlank: true });
    this.breakLine('\n');
    const pieces = text.split(/([\n\u0085\u2028\u2029])/);
    for (let position = 0; position < pieces.length; position += 2) {
      const line = pieces[position] ?? '';
      const lineBreak = pieces[position + 1];
      if (line !== '') {
        this.indent(indent);
        this.#put(line);
        this.#isAfterBlank = false;
        this.#isInIndentation = false;
      }
      if (lineBreak !== undefined || line !== '') this.breakLine(lineBreak ?? '\n');
    }
  }

  /** Folded before blanks and behind what is no ASCII character; a backslash at the line end keeps the line break out of the text. */
  doubleQuoted(text: string, indent: number, isFolded: boolean): void {
    this.indicator('"', { needsBlank: true });
    let run = '';
    for (let index = 0; index < text.length; index += 1) {
      const character = String.fromCodePoint(text.codePointAt(index) ?? 0);
      const isPlain = character >= ' ' && character <= '~' && character !== '"' && character !== '\\';
      if (!isPlain) {
        this.#put(run + (doubleQuotedEscapes.get(character) ?? character));
        run = '';
        index += character.length - 1;
      }
      const isFoldingPoint = index > 0 && index < text.length - 1 && (character === ' ' || run === '');
      // One column more behind an escape, as the original counts.
      if (isFolded && isFoldingPoint && this.#column + run.length > (isPlain ? columnMax : columnMax + 1)) {
        this.#put(`${run}\\`);
        this.indent(indent);
        run = '';
        if (text[isPlain ? index : index + 1] === ' ') this.#put('\\');
      }
      if (isPlain) run += character;
    }
    this.#put(run);
    this.indicator('"', { needsBlank: false });
  }

  /** A single blank behind the last column becomes a new line, if it is between words. */
  #folded(text: string, indent: number): void {
    if (this.#column + text.length <= columnMax) {
      this.#put(text);
      return;
    }
    const pieces = text.split(/( +)/);
    for (const [position, piece] of pieces.entries()) {
      const isOuter = (position === 1 && pieces[0] === '') || (position === pieces.length - 2 && pieces.at(-1) === '');
      if (position % 2 === 1 && piece === ' ' && this.#column > columnMax && !isOuter) this.indent(indent);
      else this.#put(piece);
    }
  }

  #put(text: string): void {
    this.#output.append(text);
    this.#column += text.length;
  }
}

/** How many columns are indentation, where the text itself begins with a blank, and what happens to the line breaks at its end. */
function literalHints(text: string): string {
  const hints = /^[ \n\u0085\u2028\u2029]/.test(text) ? String(indentWidth) : '';
  if (!/[\n\u0085\u2028\u2029]$/.test(text)) return `${hints}-`;
  return text.length === 1 || /[\n\u0085\u2028\u2029]{2}$/.test(text) ? `${hints}+` : hints;
}
