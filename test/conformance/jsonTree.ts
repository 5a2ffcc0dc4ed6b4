// A JSON parser that keeps the order of keys, repeated keys and the spelling of numbers, for the comparer.

export type JsonTree =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** `token` as written: `2`, `2.0`, `1.0E10`. */
  | { readonly kind: 'number'; readonly token: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'array'; readonly items: readonly JsonTree[] }
  | { readonly kind: 'object'; readonly members: readonly JsonMember[] };

export interface JsonMember {
  readonly key: string;
  readonly value: JsonTree;
}

const numberToken = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const stringToken = /"(?:[ !#-[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const blanks = /[ \t\r\n]*/y;

/** @throws {SyntaxError} with the offset, when the text is no JSON of RFC 8259 */
export function parseJsonTree(text: string): JsonTree {
  const reader = new JsonReader(text);
  const tree = reader.readValue();
  reader.expectEnd();
  return tree;
}

class JsonReader {
  private readonly text: string;
  private offset = 0;

  constructor(text: string) {
    this.text = text;
  }

  readValue(): JsonTree {
    this.match(blanks);
    const tree = this.readBareValue();
    this.match(blanks);
    return tree;
  }

  expectEnd(): void {
    if (this.offset !== this.text.length) this.fail('text after the value');
  }

  private readBareValue(): JsonTree {
    const character = this.text[this.offset];
    if (character === '{') return { kind: 'object', members: this.readList('{', '}', () => this.readMember()) };
    if (character === '[') return { kind: 'array', items: this.readList('[', ']', () => this.readValue()) };
    if (character === '"') return { kind: 'string', value: this.readString() };
    if (this.take('true')) return { kind: 'boolean', value: true };
    if (this.take('false')) return { kind: 'boolean', value: false };
    if (this.take('null')) return { kind: 'null' };
    const token = this.match(numberToken);
    return token === '' ? this.fail('no JSON value') : { kind: 'number', token };
  }

  private readList<Element>(open: string, close: string, readElement: () => Element): readonly Element[] {
    const elements: Element[] = [];
    this.take(open);
    this.match(blanks);
    if (this.take(close)) return elements;
    do elements.push(readElement());
    while (this.take(','));
    if (!this.take(close)) this.fail(`neither , nor ${close}`);
    return elements;
  }

  private readMember(): JsonMember {
    this.match(blanks);
    const key = this.readString();
    this.match(blanks);
    if (!this.take(':')) this.fail('no : after a key');
    return { key, value: this.readValue() };
  }

  private readString(): string {
    const token = this.match(stringToken);
    return token === '' ? this.fail('no JSON string') : (JSON.parse(token) as string);
  }

  private take(literal: string): boolean {
    const isNext = this.text.startsWith(literal, this.offset);
    if (isNext) this.offset += literal.length;
    return isNext;
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.offset;
    const token = pattern.exec(this.text)?.[0] ?? '';
    this.offset += token.length;
    return token;
  }

  private fail(reason: string): never {
    throw new SyntaxError(`${reason} at offset ${this.offset}: ${JSON.stringify(this.text.slice(this.offset, this.offset + 30))}`);
  }
}
