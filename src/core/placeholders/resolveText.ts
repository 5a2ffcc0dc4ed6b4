// Resolves the placeholders of a whole text: a plain-text file or a rendered .properties answer.
import type { Environment } from '../../model/environment.ts';
import type { ErrorCode } from '../../model/errorCodes.ts';
import { PLACEHOLDER_CHARACTERS_MAX, PLACEHOLDER_DEPTH_MAX } from '../../model/limits.ts';
import { ExpansionBudget, type PlaceholderLimits } from './expansionBudget.ts';
import { maskEscapes, unmaskEscapes } from './maskEscapes.ts';
import { PlaceholderExpander } from './placeholderExpander.ts';
import { propertyLookup } from './propertyLookup.ts';
import { valueText } from './valueText.ts';

const fixedLimits: PlaceholderLimits = { nestingDepthMax: PLACEHOLDER_DEPTH_MAX, bodyBytesMax: PLACEHOLDER_CHARACTERS_MAX };

/**
 * What is unknown and has no default stays. `circularCode` is the failure of a reference to itself: it differs between
 * plain-text files and the flat formats. (compatibility document 4.8, the text engine)
 *
 * @throws {Failure} `circularCode`, LIMIT_EXCEEDED
 */
export function resolveText(
  text: string,
  environment: Environment,
  limits: PlaceholderLimits = fixedLimits,
  circularCode: ErrorCode = 'RESOURCE_PLACEHOLDER_CIRCULAR',
): string {
  const find = propertyLookup(environment);
  const lookup = (key: string): string | null => {
    const value = find(key);
    return value === undefined ? null : valueText(value);
  };
  const expander = new PlaceholderExpander({ lookup, escapes: true, isStrict: false, circularCode }, new ExpansionBudget(limits));
  return unmaskEscapes(expander.expand(maskEscapes(text)));
}
