// The order of several backends, and what happens when one of them fails.
import type { Backend, ResolutionOptions } from '../../model/backend.ts';
import { Failure } from '../../model/failure.ts';

/** Highest precedence first: ascending `order`, ties as declared. (compatibility document 6.9) */
export function orderedBackends(backends: readonly Backend[]): Backend[] {
  return [...backends].sort((a, b) => a.order - b.order);
}

/**
 * One result per backend in that order. A failing one is left out when there are several and the option says so; otherwise its
 * failure is thrown. What is no Failure passes. (compatibility document 6.9)
 */
export function fromBackends<T>(options: ResolutionOptions, attempt: (backend: Backend) => T): T[] {
  const isTolerant = options.backends.length > 1 && !options.failOnCompositeError;
  return orderedBackends(options.backends).flatMap((backend) => {
    try {
      return [attempt(backend)];
    } catch (error) {
      if (!isTolerant || !(error instanceof Failure)) throw error;
      return [];
    }
  });
}
