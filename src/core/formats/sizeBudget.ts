// Counts what one file grows to, so that a small file can't become a huge answer.
import type { ResolutionLimits } from '../../model/backend.ts';
import { limitExceeded } from './contentFailure.ts';

export class SizeBudget {
  readonly path: string;
  readonly #limits: ResolutionLimits;
  #nodes = 0;
  #characters = 0;

  constructor(path: string, limits: ResolutionLimits) {
    this.path = path;
    this.#limits = limits;
  }

  /** Nodes are counted each time that they are reached: an alias repeats what it stands for. */
  spendNodes(count: number): void {
    this.#nodes += count;
    if (this.#nodes > this.#limits.yamlNodesMax) {
      throw limitExceeded(this.path, 'yamlNodesMax', `expands to more than ${this.#limits.yamlNodesMax} nodes`);
    }
  }

  /**
   * Every answer that holds the file holds its flat keys, so a file with more of them than one answer may have bytes
   * serves nobody; without this, a long key above many children would need gigabytes.
   */
  spendKey(key: string): void {
    this.#characters += key.length;
    if (this.#characters > this.#limits.bodyBytesMax) {
      throw limitExceeded(this.path, 'bodyBytesMax', `has flat keys of more than ${this.#limits.bodyBytesMax} characters`);
    }
  }

  /** `depth` is 0 for the top level of a document. */
  checkDepth(depth: number): void {
    if (depth > this.#limits.nestingDepthMax) {
      throw limitExceeded(this.path, 'nestingDepthMax', `is nested deeper than ${this.#limits.nestingDepthMax} levels`);
    }
  }
}
