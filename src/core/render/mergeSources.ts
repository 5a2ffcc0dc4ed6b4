// Merges the sources of an environment into one flat map, as the flat formats show them.
import type { Environment } from '../../model/environment.ts';
import type { Property, Value } from '../../model/value.ts';

/**
 * Plain keys in order of first appearance from the lowest source up, then the keys with brackets, grouped by the text
 * before the first `[`: a source that has any key of a group replaces the whole group. (compatibility document 4.4)
 */
export function mergeSources(environment: Environment): ReadonlyMap<string, Value> {
  const merged = new Map<string, Value>();
  const groups = new Map<string, ReadonlyMap<string, Value>>();
  for (const { properties } of environment.propertySources.toReversed()) {
    for (const [key, { value }] of properties) {
      if (!key.includes('[')) merged.set(key, value);
    }
    for (const [prefix, group] of bracketGroups(properties)) groups.set(prefix, group);
  }
  merged.delete('spring.profiles');
  for (const group of groups.values()) {
    for (const [key, value] of group) merged.set(key, value);
  }
  return merged;
}

function bracketGroups(properties: ReadonlyMap<string, Property>): ReadonlyMap<string, ReadonlyMap<string, Value>> {
  const groups = new Map<string, Map<string, Value>>();
  for (const [key, { value }] of properties) {
    const bracket = key.indexOf('[');
    if (bracket < 0) continue;
    const prefix = key.slice(0, bracket);
    let group = groups.get(prefix);
    if (group === undefined) groups.set(prefix, (group = new Map()));
    group.set(key, value);
  }
  return groups;
}
