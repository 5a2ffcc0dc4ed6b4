// Resolves the placeholders of single string values, as the .yml and .json formats do.
import type { Environment } from '../../model/environment.ts';
import { ExpansionBudget, type PlaceholderLimits } from './expansionBudget.ts';
import { maskEscapes, unmaskEscapes } from './maskEscapes.ts';
import { placeholderPrefix, placeholderSuffix } from './parsePlaceholders.ts';
import { PlaceholderExpander } from './placeholderExpander.ts';
import { propertyLookup } from './propertyLookup.ts';
import { valueText } from './valueText.ts';

/**
 * A function from a value to the value with its placeholders resolved; all its calls share one budget. Two engines, one
 * within the other: the value of a referenced key is resolved on its own by the strict text engine, and what comes out is
 * read once more by the outer one. (compatibility document 4.8)
 *
 * `onSecret` is called when a decrypted value becomes part of the result. The function throws Failure PLACEHOLDER_CIRCULAR, PLACEHOLDER_UNRESOLVED, LIMIT_EXCEEDED.
 */
export function valueResolver(environment: Environment, limits: PlaceholderLimits, onSecret?: () => void): (value: string) => string {
  const budget = new ExpansionBudget(limits);
  const find = propertyLookup(environment, onSecret);
  const circularCode = 'PLACEHOLDER_CIRCULAR';
  const rawText = (key: string): string | null => {
    const value = find(key);
    return value === undefined ? null : valueText(value);
  };
  const resolvedText = (key: string): string | null => {
    const value = find(trimmed(key));
    if (typeof value !== 'string') return value === undefined ? null : valueText(value);
    // A new one for each key: only what this key leads to counts as a circle.
    return new PlaceholderExpander({ lookup: rawText, escapes: true, isStrict: true, circularCode }, budget).expand(value);
  };
  return (value) => {
    if (!hasPlaceholder(value)) return value;
    const expander = new PlaceholderExpander({ lookup: resolvedText, escapes: false, isStrict: false, circularCode }, budget);
    return unmaskEscapes(expander.expand(maskEscapes(value)));
  };
}

/** Whether anything but a closing brace follows a `${` and a closing brace comes later; other values keep their backslashes too. */
function hasPlaceholder(value: string): boolean {
  const lastClosing = value.lastIndexOf(placeholderSuffix);
  for (let start = value.indexOf(placeholderPrefix); start >= 0; start = value.indexOf(placeholderPrefix, start + 1)) {
    const inside = start + placeholderPrefix.length;
    if (inside >= lastClosing) return false;
    if (value[inside] !== placeholderSuffix) return true;
  }
  return false;
}

/** What Java calls white space: no no-break spaces, but the four separators of ASCII. */
const javaBlanks = '\t\n\v\f\r\u001c\u001d\u001e\u001f \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u2028\u2029\u205f\u3000';

/** Without the blanks at both ends. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && javaBlanks.includes(text.charAt(start))) start += 1;
  while (end > start && javaBlanks.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
