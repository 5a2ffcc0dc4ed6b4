// Which documents of a YAML object count, by their profile condition, and the one map that they become.
import type { ConfigDocument } from '../../model/document.ts';
import type { Property } from '../../model/value.ts';
import { commaList } from './commaList.ts';
import { profileExpression } from './profileExpression.ts';

/**
 * - none: applies always.
 * - profile: one profile by name.
 * - expression: several of them, or an expression.
 */
export type S3Condition =
  | { readonly kind: 'none' }
  | { readonly kind: 'profile'; readonly profile: string }
  | { readonly kind: 'expression'; readonly text: string };

/** Only these two spellings of the key are known, and no lists. (compatibility document 6.4) */
const CONDITION_KEYS = ['spring.config.activate.on-profile', 'spring.config.activate.onProfile'] as const;

export function s3Condition(document: ConfigDocument): S3Condition {
  for (const key of CONDITION_KEYS) {
    const property = document.properties.get(key);
    if (property === undefined) continue;
    const text = String(property.value);
    return /[!&|(,]/.test(text) ? { kind: 'expression', text } : { kind: 'profile', profile: text };
  }
  return { kind: 'none' };
}

/** Any of the elements of a comma list. Fails with CONTENT_INVALID. */
export function isExpressionMet(text: string, profiles: ReadonlySet<string>): boolean {
  return commaList(text)
    .map(profileExpression)
    .some((matches) => matches(profiles));
}

/** The documents as one map, later ones win; null when there is none. */
export function mergedDocuments(documents: readonly ConfigDocument[]): ReadonlyMap<string, Property> | null {
  const [first, ...rest] = documents;
  if (first === undefined) return null;
  if (rest.length === 0) return first.properties;
  const merged = new Map(first.properties);
  for (const { properties } of rest) for (const [key, property] of properties) merged.set(key, property);
  return merged;
}
