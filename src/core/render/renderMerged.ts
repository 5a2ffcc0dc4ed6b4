// Renders an environment as one flat JSON object, sorted by key: what subscribers get and what changes are found by.
import type { ResolutionLimits } from '../../model/backend.ts';
import type { Environment } from '../../model/environment.ts';
import { Failure } from '../../model/failure.ts';
import { valueResolver } from '../placeholders/valueResolver.ts';
import { BoundedText } from './boundedText.ts';
import { jsonScalar } from './jsonScalar.ts';
import { mergeSources } from './mergeSources.ts';

/**
 * Every key once, merged as in the flat formats. A value whose placeholders lead nowhere stays as it is written: the client may
 * know more. The same content gives the same bytes.
 *
 * @throws {Failure} LIMIT_EXCEEDED
 */
export function renderMerged(environment: Environment, limits: ResolutionLimits): Uint8Array {
  const resolve = valueResolver(environment, limits);
  const output = new BoundedText(limits.bodyBytesMax);
  const merged = [...mergeSources(environment)].sort(([a], [b]) => (a < b ? -1 : 1));
  let separator = '{';
  for (const [key, value] of merged) {
    const shown = typeof value === 'string' ? resolvedOrRaw(value, resolve) : value;
    output.append(`${separator}${JSON.stringify(key)}:${jsonScalar(shown)}`);
    separator = ',';
  }
  output.append(separator === '{' ? '{}' : '}');
  return output.encode();
}

function resolvedOrRaw(value: string, resolve: (value: string) => string): string {
  try {
    return resolve(value);
  } catch (error) {
    if (error instanceof Failure && (error.code === 'PLACEHOLDER_UNRESOLVED' || error.code === 'PLACEHOLDER_CIRCULAR')) return value;
    throw error;
  }
}
