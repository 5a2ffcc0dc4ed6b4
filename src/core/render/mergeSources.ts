// The values of the merged properties, for the flat formats.
import type { Environment } from '../../model/environment.ts';
import type { Value } from '../../model/value.ts';
import { mergeProperties } from './mergeProperties.ts';

/** In the order of mergeProperties. */
export function mergeSources(environment: Environment): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>();
  for (const [key, { value }] of mergeProperties(environment)) values.set(key, value);
  return values;
}
