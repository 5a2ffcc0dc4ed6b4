// Replaces the placeholders of a text by values, and the placeholders in those.
import type { ErrorCode } from '../../model/errorCodes.ts';
import { Failure } from '../../model/failure.ts';
import type { ExpansionBudget } from './expansionBudget.ts';
import { parsePlaceholders, placeholderPrefix, placeholderSuffix, type Part } from './parsePlaceholders.ts';

export interface ExpanderRules {
  /** The text that stands for a key; null when there is none. */
  readonly lookup: (key: string) => string | null;
  /** Whether backslashes escape (parsePlaceholders.ts). */
  readonly escapes: boolean;
  /** What is unresolvable and has no default fails, instead of staying as it is. */
  readonly isStrict: boolean;
  readonly circularCode: ErrorCode;
}

export class PlaceholderExpander {
  readonly #rules: ExpanderRules;
  readonly #budget: ExpansionBudget;
  /** Keys whose values are being expanded. */
  readonly #visiting = new Set<string>();

  constructor(rules: ExpanderRules, budget: ExpansionBudget) {
    this.#rules = rules;
    this.#budget = budget;
  }

  /** @throws {Failure} the circular code of the rules, PLACEHOLDER_UNRESOLVED when strict, LIMIT_EXCEEDED */
  expand(text: string): string {
    return this.#join(parsePlaceholders(text, this.#rules.escapes, this.#budget));
  }

  #join(parts: readonly Part[]): string {
    let text = '';
    for (const part of parts) text += part.kind === 'text' ? part.text : this.#placeholder(part);
    return text;
  }

  #placeholder(part: Exclude<Part, { kind: 'text' }>): string {
    if (part.kind === 'simple') {
      const value = this.#value(part.whole) ?? (part.key === part.whole ? null : this.#value(part.key));
      return value ?? part.fallback ?? this.#unresolvable(part.key);
    }
    this.#budget.enter();
    const key = this.#join(part.key);
    const value = this.#value(key) ?? (part.fallback === null ? this.#unresolvable(key) : this.#join(part.fallback));
    this.#budget.leave();
    return value;
  }

  #value(key: string): string | null {
    const found = this.#rules.lookup(key);
    if (found === null) return null;
    this.#budget.spend(found);
    if (this.#visiting.has(key)) throw new Failure(this.#rules.circularCode, `the placeholder \${${key}} refers to itself`);
    if (!found.includes(placeholderPrefix)) return found;
    this.#visiting.add(key);
    this.#budget.enter();
    const value = this.expand(found);
    this.#budget.leave();
    this.#visiting.delete(key);
    return value;
  }

  #unresolvable(key: string): string {
    if (this.#rules.isStrict) throw new Failure('PLACEHOLDER_UNRESOLVED', `the value of a referenced key holds the unknown placeholder \${${key}}`);
    return placeholderPrefix + key + placeholderSuffix;
  }
}
