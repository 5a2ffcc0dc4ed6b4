// Splits a text into plain parts and placeholders, nested ones included.
import type { ExpansionBudget } from './expansionBudget.ts';

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  /** `${key:fallback}` without placeholders inside. `whole` is all between the braces: a property of that name comes first. */
  | { readonly kind: 'simple'; readonly whole: string; readonly key: string; readonly fallback: string | null }
  | { readonly kind: 'nested'; readonly key: readonly Part[]; readonly fallback: readonly Part[] | null };

export const placeholderPrefix = '${';
export const placeholderSuffix = '}';

/**
 * `escapes`: a backslash before `${` or before the colon takes its meaning and is removed; otherwise it is a character like
 * any other. A `${` that is never closed is text. (compatibility document 4.8)
 */
export function parsePlaceholders(text: string, escapes: boolean, budget: ExpansionBudget): readonly Part[] {
  if (!text.includes(placeholderPrefix)) return [{ kind: 'text', text }];
  return new PlaceholderParser(text, escapes, budget).parts(0, text.length);
}

class PlaceholderParser {
  readonly #text: string;
  readonly #escapes: boolean;
  readonly #budget: ExpansionBudget;
  readonly #closings: ReadonlyMap<number, number>;

  constructor(text: string, escapes: boolean, budget: ExpansionBudget) {
    this.#text = text;
    this.#escapes = escapes;
    this.#budget = budget;
    this.#closings = closingBraces(text);
  }

  parts(from: number, to: number): Part[] {
    const parts: Part[] = [];
    let pending = '';
    let position = from;
    for (let start = this.#nextPrefix(from, to); start >= 0; start = this.#nextPrefix(position, to)) {
      const inside = start + placeholderPrefix.length;
      const end = this.#closings.get(inside - 1);
      if (end === undefined) {
        pending += this.#text.slice(position, inside);
        position = inside;
      } else if (this.#isEscaped(this.#text, start, from)) {
        pending += this.#text.slice(position, start - 1) + placeholderPrefix;
        position = inside;
      } else {
        pending += this.#text.slice(position, start);
        if (pending !== '') parts.push({ kind: 'text', text: pending });
        pending = '';
        parts.push(this.#placeholder(inside, end));
        position = end + placeholderSuffix.length;
      }
    }
    pending += this.#text.slice(position, to);
    if (pending !== '') parts.push({ kind: 'text', text: pending });
    return parts;
  }

  #nextPrefix(from: number, to: number): number {
    const start = this.#text.indexOf(placeholderPrefix, from);
    return start < to ? start : -1;
  }

  #placeholder(from: number, to: number): Part {
    if (this.#nextPrefix(from, to) < 0) {
      const whole = this.#text.slice(from, to);
      return { kind: 'simple', whole, ...this.#section(whole) };
    }
    this.#budget.enter();
    const parts = this.parts(from, to);
    this.#budget.leave();
    return this.#nested(parts);
  }

  /** The first colon in a text part ends the key; what follows it, placeholders too, is the fallback. */
  #nested(parts: readonly Part[]): Part {
    const key: Part[] = [];
    for (const [index, part] of parts.entries()) {
      if (part.kind !== 'text') {
        key.push(part);
        continue;
      }
      const section = this.#section(part.text);
      key.push({ kind: 'text', text: section.key });
      if (section.fallback !== null) {
        return { kind: 'nested', key, fallback: [{ kind: 'text', text: section.fallback }, ...parts.slice(index + 1)] };
      }
    }
    return { kind: 'nested', key, fallback: null };
  }

  #section(text: string): { readonly key: string; readonly fallback: string | null } {
    let key = '';
    let position = 0;
    for (let colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', position)) {
      if (!this.#isEscaped(text, colon, 0)) return { key: key + text.slice(position, colon), fallback: text.slice(colon + 1) };
      key += `${text.slice(position, colon - 1)}:`;
      position = colon + 1;
    }
    return { key: key + text.slice(position), fallback: null };
  }

  #isEscaped(text: string, index: number, from: number): boolean {
    return this.#escapes && index > from && text.charCodeAt(index - 1) === 0x5c;
  }
}

/** Offset of the closing brace by offset of the opening one, for every `{` of a `${` that is closed. One pass, however deep. */
function closingBraces(text: string): ReadonlyMap<number, number> {
  const closings = new Map<number, number>();
  const open: number[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x7b) open.push(index);
    else if (code === 0x7d) {
      const start = open.pop();
      if (start !== undefined && text.charCodeAt(start - 1) === 0x24) closings.set(start, index);
    }
  }
  return closings;
}
