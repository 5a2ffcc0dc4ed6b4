// Gathers the text of one answer and refuses to grow beyond what an answer may have.
import { Failure } from '../../model/failure.ts';

export class BoundedText {
  readonly #bytesMax: number;
  #text = '';

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  append(text: string): void {
    this.#text += text;
    // Every character has at least one byte.
    if (this.#text.length > this.#bytesMax) throw this.#exceeded();
  }

  /** UTF-8. */
  encode(): Uint8Array {
    const bytes = new TextEncoder().encode(this.#text);
    if (bytes.length > this.#bytesMax) throw this.#exceeded();
    return bytes;
  }

  toString(): string {
    return this.#text;
  }

  #exceeded(): Failure {
    return new Failure('LIMIT_EXCEEDED', `the answer has more than ${this.#bytesMax} bytes (server.limits.bodyBytesMax)`);
  }
}
