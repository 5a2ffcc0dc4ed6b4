// Merges the sources of an environment into one flat map, as the flat formats show them.
import type { Environment } from '../../model/environment.ts';
import type { Property } from '../../model/value.ts';

/**
 * Plain keys in order of first appearance from the lowest source up, then the keys with brackets, grouped by the text
 * before the first `[`: a source that has any key of a group replaces the whole group. (compatibility document 4.4)
 */
export function mergeProperties(environment: Environment): ReadonlyMap<string, Property> {
  const merged = new Map<string, Property>();
  const groups = new Map<string, ReadonlyMap<string, Property>>();
  for (const { properties } of environment.propertySources.toReversed()) {
    for (const [key, property] of properties) {
      if (!key.includes('[')) merged.set(key, property);
    }
    for (const [prefix, group] of bracketGroups(properties)) groups.set(prefix, group);
  }
  merged.delete('spring.profiles');
  for (const group of groups.values()) {
    for (const [key, property] of group) merged.set(key, property);
  }
  return merged;
}

function bracketGroups(properties: ReadonlyMap<string, Property>): ReadonlyMap<string, ReadonlyMap<string, Property>> {
  const groups = new Map<string, Map<string, Property>>();
  for (const [key, property] of properties) {
    const bracket = key.indexOf('[');
    if (bracket < 0) continue;
    const prefix = key.slice(0, bracket);
    let group = groups.get(prefix);
    if (group === undefined) groups.set(prefix, (group = new Map()));
    group.set(key, property);
  }
  return groups;
}
