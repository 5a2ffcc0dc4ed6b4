// One value given to one option by one layer: a file, the environment, the flags.
import type { Option } from './option.ts';
import { formatOrigin, type Origin } from './origin.ts';
import type { Problem } from './problem.ts';

export interface Assignment {
  /** Names down to the option; below a `named` option the name of the entry is one of them. */
  readonly segments: readonly string[];
  readonly option: Option;
  readonly value: unknown;
  readonly origin: Origin;
}

/** What one layer says, in its own order. */
export interface Layer {
  readonly assignments: readonly Assignment[];
  readonly problems: readonly Problem[];
}

/** A key for maps: segments may hold dots. */
export function segmentsKey(segments: readonly string[]): string {
  return segments.join('\0');
}

/** The names below a `named` option, in the order in which they were first set. */
export function entryNames(segments: readonly string[], assignments: Iterable<Assignment>): readonly string[] {
  const names = new Set<string>();
  for (const assignment of assignments) {
    const name = assignment.segments[segments.length];
    if (name !== undefined && segments.every((segment, index) => assignment.segments[index] === segment)) names.add(name);
  }
  return [...names];
}

/** Collects a layer whose values come one by one, and finds those that are set twice. */
export class LayerBuilder implements Layer {
  readonly assignments: Assignment[] = [];
  readonly problems: Problem[] = [];
  readonly #setBy = new Map<string, Origin>();

  add(part: Layer): void {
    this.problems.push(...part.problems);
    for (const assignment of part.assignments) {
      const key = segmentsKey(assignment.segments);
      const first = this.#setBy.get(key);
      if (first === undefined) {
        this.#setBy.set(key, assignment.origin);
        this.assignments.push(assignment);
      } else {
        this.problem(assignment.segments, `set twice, also by ${formatOrigin(first)}`, assignment.origin);
      }
    }
  }

  problem(segments: readonly string[], message: string, origin: Origin): void {
    this.problems.push({ path: segments.join('.'), message, origin });
  }
}
