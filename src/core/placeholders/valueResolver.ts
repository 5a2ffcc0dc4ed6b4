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
 * The function throws Failure PLACEHOLDER_CIRCULAR, PLACEHOLDER_UNRESOLVED, LIMIT_EXCEEDED.
 */
export function valueResolver(environment: Environment, limits: PlaceholderLimits): (value: string) => string {
  const budget = new ExpansionBudget(limits);
  const find = propertyLookup(environment);
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

/** Without the blanks and control characters at both ends, as Java trims. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 0x20) start += 1;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end -= 1;
  return text.slice(start, end);
}
