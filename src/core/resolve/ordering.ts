// The order of several backends, and what happens when one of them fails.
import type { Backend, ResolutionOptions } from '../../model/backend.ts';
import { memberResult, type MemberAttempt } from './formerContent.ts';
import type { ResolveContext } from './resolveContext.ts';

/** Highest precedence first: ascending `order`, ties as declared. (compatibility document 6.9) */
export function orderedBackends(backends: readonly Backend[]): Backend[] {
  return [...backends].sort((a, b) => a.order - b.order);
}

/**
 * One result per backend in that order. Of several, one whose content is broken answers from its former content; where there is none
 * it is left out when the option says so. Otherwise its failure is thrown. What is no Failure passes. (compatibility document 6.9)
 */
export function fromBackends<T>(options: ResolutionOptions, context: ResolveContext, attempt: MemberAttempt<T>): T[] {
  if (options.backends.length === 1) return options.backends.map((backend) => attempt(backend, context));
  return orderedBackends(options.backends).flatMap((backend) => {
    const result = memberResult(backend, context, attempt);
    if (result.kind === 'value') return [result.value];
    if (options.failOnCompositeError) throw result.failure;
    context.onPassedOver(result.failure);
    return [];
  });
}
