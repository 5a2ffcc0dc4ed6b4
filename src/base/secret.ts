// A text that no log line, dump, message or error can show by accident; it is read by `reveal()` only.

const mask = '***';

/**
 * The text lives in a private field: JSON.stringify, util.inspect, template strings and string concatenation show `***`,
 * and a structured clone (a message to another thread) holds nothing.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return mask;
  }

  toJSON(): string {
    return mask;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return mask;
  }
}
