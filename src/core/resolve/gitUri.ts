// The uri of a Git repository with its placeholders replaced by values of the request.
import { Failure } from '../../model/failure.ts';
import { hasPlaceholders, replacePlaceholders, type PlaceholderValues } from './replacePlaceholders.ts';

/** Segments of letters, digits and a few signs: nothing that could change scheme, host, query, or climb. */
const SAFE_VALUE = /^[\p{L}\p{Nd}_+,@~=][\p{L}\p{Nd}_+,@~=.-]*(?:\/[\p{L}\p{Nd}_+,@~=][\p{L}\p{Nd}_+,@~=.-]*)*$/u;

/** A scheme with a host, an scp-like host or a slash must come before the first placeholder. */
const STATIC_PREFIX = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/{]*\/|file:\/|\/|[^/{:]+:(?!\/\/)|\.{1,2}\/)[^{]*\{/i;

/** Fails with REQUEST_INVALID when a value that is used holds other characters. (compatibility document 3.10, 8.1) */
export function gitUri(template: string, values: PlaceholderValues): string {
  if (!hasPlaceholders(template)) return template;
  if (!STATIC_PREFIX.test(template)) throw new Failure('REQUEST_INVALID', `the uri ${JSON.stringify(template)} has a placeholder outside of its path`);
  for (const name of ['application', 'profile', 'label'] as const) {
    if (!template.includes(`{${name}}`)) continue;
    const value = values[name];
    if (!SAFE_VALUE.test(value) || value.includes('..')) {
      throw new Failure('REQUEST_INVALID', `the ${name} ${JSON.stringify(value)} cannot be part of a repository uri`);
    }
  }
  return replacePlaceholders(template, values);
}
