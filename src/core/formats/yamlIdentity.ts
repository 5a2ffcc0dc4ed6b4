// When two YAML keys are the same key: of equal type and value, whatever they look like.
import { javaDouble } from '../../base/javaDouble.ts';
import type { SizeBudget } from './sizeBudget.ts';
import type { ScalarContent, YamlContent } from './yamlContent.ts';

/** Equal texts mean equal keys: `1` and `0x1`, `port` and `"port"`; but not `1` and `1.0`. (compatibility document 4.2) */
export function yamlIdentity(content: YamlContent, budget: SizeBudget, depth = 0): string {
  if (content.kind === 'scalar') return scalarIdentity(content);
  budget.checkDepth(depth);
  const parts: string[] = [];
  if (content.kind === 'list') {
    for (const item of content.items) parts.push(yamlIdentity(item, budget, depth + 1));
    if (content.isSet) parts.sort();
  } else {
    for (const entry of content.entries) {
      parts.push(JSON.stringify([yamlIdentity(entry.key, budget, depth + 1), yamlIdentity(entry.value, budget, depth + 1)]));
    }
    parts.sort();
  }
  budget.spendNodes(parts.length + 1);
  const identity = `${content.kind}${JSON.stringify(parts)}`;
  budget.spendKey(identity);
  return identity;
}

function scalarIdentity({ value, origin }: ScalarContent): string {
  const tracking = origin === null ? '' : 'tracked ';
  if (typeof value === 'string') return `${tracking}s${value}`;
  if (typeof value === 'number') return `${tracking}f${javaDouble(value)}`;
  if (value instanceof Uint8Array) return `${tracking}y${value.join()}`;
  return `${tracking}${typeof value}${value}`;
}
