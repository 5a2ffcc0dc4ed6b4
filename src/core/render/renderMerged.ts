// Renders an environment as one flat JSON object, sorted by key: what subscribers get and what changes are found by.
import type { ResolutionLimits } from '../../model/backend.ts';
import type { Environment } from '../../model/environment.ts';
import { Failure } from '../../model/failure.ts';
import { valueResolver } from '../placeholders/valueResolver.ts';
import { BoundedText } from './boundedText.ts';
import { jsonScalar } from './jsonScalar.ts';
import { mergeProperties } from './mergeProperties.ts';

/**
 * Every key once, merged as in the flat formats. A value whose placeholders lead nowhere stays as it is written: the client may
 * know more. The same content gives the same bytes. Behind it, on a line of its own, the list of the keys whose values are secret:
 * decrypted, or with a decrypted value in a placeholder. No such line when there are none.
 *
 *     {"db.password":"s3cret","db.url":"postgres://app:s3cret@db"}
 *     ["db.password","db.url"]
 *
 * @throws {Failure} LIMIT_EXCEEDED
 */
export function renderMerged(environment: Environment, limits: ResolutionLimits): Uint8Array {
  let isSecret = false;
  const resolve = valueResolver(environment, limits, () => (isSecret = true));
  const output = new BoundedText(limits.bodyBytesMax);
  const merged = [...mergeProperties(environment)].sort(([a], [b]) => (a < b ? -1 : 1));
  const secrets: string[] = [];
  let separator = '{';
  for (const [key, { value, cipher }] of merged) {
    isSecret = cipher === 'decrypted';
    const shown = typeof value === 'string' ? resolvedOrRaw(value, resolve) : value;
    if (isSecret) secrets.push(key);
    output.append(`${separator}${JSON.stringify(key)}:${jsonScalar(shown)}`);
    separator = ',';
  }
  output.append(separator === '{' ? '{}' : '}');
  if (secrets.length > 0) output.append(`\n${JSON.stringify(secrets)}`);
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
