// Builds the tree of the .yml and .json formats from merged flat keys.
import type { ResolutionLimits } from '../../model/backend.ts';
import { Failure } from '../../model/failure.ts';
import type { Value } from '../../model/value.ts';
import { splitKey, type KeyStep } from './splitKey.ts';
import type { Tree, TreeList, TreeObject } from './tree.ts';

/**
 * (compatibility document 4.6)
 *
 * @throws {Failure} KEY_MALFORMED, KEY_CONFLICT, LIMIT_EXCEEDED
 */
export function buildTree(properties: ReadonlyMap<string, Value>, limits: ResolutionLimits): TreeObject {
  const builder = new TreeBuilder(limits);
  for (const [key, value] of properties) builder.store(key, value);
  return builder.root;
}

/** What a list element without a value takes in an answer: `null,`. */
const holeBytes = 5;

class TreeBuilder {
  readonly root: TreeObject = new Map();
  readonly #limits: ResolutionLimits;
  #holeBytes = 0;
  #key = '';

  constructor(limits: ResolutionLimits) {
    this.#limits = limits;
  }

  store(key: string, value: Value): void {
    const { steps, problem } = splitKey(key);
    this.#key = key;
    const depthMax = this.#limits.nestingDepthMax;
    if (steps.length > depthMax) throw this.#exceeded('nestingDepthMax', `has more than ${depthMax} levels`);
    let node: TreeObject | TreeList = this.root;
    let prefix = '';
    for (const [position, step] of steps.entries()) {
      const next = steps[position + 1];
      // Not before: a conflict on the way to the malformed step is a conflict.
      if (next === undefined && problem !== null) throw new Failure('KEY_MALFORMED', `the key "${shortened(key)}" cannot become a tree: ${problem}`);
      if (next === undefined) {
        if (node instanceof Map) node.set(prefix + String(step), value);
        else node[this.#fill(node, step)] = value;
      } else if (node instanceof Map) {
        const name = String(step);
        const existing: Tree | undefined = node.get(name);
        // A name that holds a scalar cannot hold an object too: it becomes the start of the last name instead.
        if (typeof next === 'string' && isFilled(existing) && !(existing instanceof Map)) prefix = `${name}.`;
        else {
          const container = this.#container(existing, next);
          node.set(name, container);
          node = container;
        }
      } else {
        const index = this.#fill(node, step);
        const container = this.#container(node[index], next);
        node[index] = container;
        node = container;
      }
    }
  }

  /** The list or object that a level holds, or a new one. */
  #container(existing: Tree | undefined, next: KeyStep): TreeObject | TreeList {
    if (typeof next === 'number') {
      if (!isFilled(existing)) return [];
      if (Array.isArray(existing)) return existing;
    } else {
      if (!isFilled(existing)) return new Map();
      if (existing instanceof Map) return existing;
    }
    throw new Failure('KEY_CONFLICT', `the key "${shortened(this.#key)}" meets something that is no ${typeof next === 'number' ? 'list' : 'object'}`);
  }

  /** Makes the list long enough for an index. */
  #fill(list: TreeList, step: KeyStep): number {
    const index = Number(step);
    const { listIndexMax, bodyBytesMax } = this.#limits;
    if (index > listIndexMax) throw this.#exceeded('listIndexMax', `has an index above ${listIndexMax}`);
    // Without this many short keys could ask for more holes than memory holds.
    this.#holeBytes += Math.max(0, index - list.length) * holeBytes;
    if (this.#holeBytes > bodyBytesMax) throw this.#exceeded('bodyBytesMax', 'makes the lists longer than an answer may be');
    while (list.length <= index) list.push(null);
    return index;
  }

  #exceeded(limit: keyof ResolutionLimits, what: string): Failure {
    return new Failure('LIMIT_EXCEEDED', `the key "${shortened(this.#key)}" ${what} (server.limits.${limit})`);
  }
}

function isFilled(node: Tree | undefined): node is Exclude<Tree, null> {
  return node !== undefined && node !== null;
}

/** For messages. */
function shortened(key: string): string {
  return key.length > 200 ? `${key.slice(0, 200)}…` : key;
}
