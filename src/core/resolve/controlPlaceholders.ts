// `${key}` and `${key:default}` in the keys that steer resolution: looked up in the served documents only, never in the server's environment.
import type { ListSetting } from './documentControl.ts';

export type ControlLookup = (key: string) => string | null;

const DEPTH_MAX = 16;

/** The elements of a setting, trimmed. What cannot be resolved stays as it is. (compatibility document 3.5, 8.4) */
export function controlElements(setting: ListSetting | null, lookup: ControlLookup): string[] {
  if (setting === null) return [];
  if (setting.kind === 'elements') return setting.elements.map((element) => resolveControlText(element, lookup).trim());
  const text = resolveControlText(setting.text, lookup);
  return text.trim() === '' ? [] : text.split(',').map((element) => element.trim());
}

export function resolveControlText(text: string, lookup: ControlLookup, depth = 0): string {
  if (depth > DEPTH_MAX || !text.includes('${')) return text;
  // Innermost first; the marks keep what could not be resolved from being found again.
  let result = text;
  for (let round = 0; round < DEPTH_MAX; round += 1) {
    const replaced = result.replace(/\$\{([^${}]*)\}/g, (_whole, content: string) => {
      const value = placeholderValue(content, lookup);
      return value === null ? `\u0001${content}\u0002` : resolveControlText(value, lookup, depth + 1);
    });
    if (replaced === result) break;
    result = replaced;
  }
  return result.replaceAll('\u0001', '${').replaceAll('\u0002', '}');
}

function placeholderValue(content: string, lookup: ControlLookup): string | null {
  const whole = lookup(content);
  if (whole !== null) return whole;
  const colon = content.indexOf(':');
  if (colon === -1) return null;
  return lookup(content.slice(0, colon)) ?? content.slice(colon + 1);
}
