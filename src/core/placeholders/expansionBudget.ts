// Counts what the placeholders of one answer cost, so that a few short lines cannot ask for gigabytes.
import { Failure } from '../../model/failure.ts';
import { PLACEHOLDER_EXPANSIONS_MAX } from '../../model/limits.ts';

export interface PlaceholderLimits {
  /** Placeholders within placeholders and values within values, together. */
  readonly nestingDepthMax: number;
  /** Characters that placeholders insert, each time that they do. */
  readonly bodyBytesMax: number;
}

export class ExpansionBudget {
  readonly #limits: PlaceholderLimits;
  #depth = 0;
  #expansions = 0;
  #characters = 0;

  constructor(limits: PlaceholderLimits) {
    this.#limits = limits;
  }

  /** One level further in; `leave` must follow, except after a failure, which ends the whole answer. */
  enter(): void {
    this.#depth += 1;
    const max = this.#limits.nestingDepthMax;
    if (this.#depth > max) throw new Failure('LIMIT_EXCEEDED', `placeholders are nested deeper than ${max} levels (server.limits.nestingDepthMax)`);
  }

  leave(): void {
    this.#depth -= 1;
  }

  /** One value is inserted. */
  spend(value: string): void {
    this.#expansions += 1;
    if (this.#expansions > PLACEHOLDER_EXPANSIONS_MAX) {
      throw new Failure('LIMIT_EXCEEDED', `one answer resolves more than ${PLACEHOLDER_EXPANSIONS_MAX} placeholders`);
    }
    this.#characters += value.length;
    const max = this.#limits.bodyBytesMax;
    if (this.#characters > max) throw new Failure('LIMIT_EXCEEDED', `placeholders insert more than ${max} characters (server.limits.bodyBytesMax)`);
  }
}
