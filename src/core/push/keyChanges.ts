// What changed between two versions of an answer, and several such steps as one.
import type { KeyChange } from '../../model/push.ts';
import { readFlatJson } from './flatJson.ts';

/** Both are merged bodies, so that equal values are equal texts. In the order of the keys. */
export function keyChanges(before: string, after: string): readonly KeyChange[] {
  const old = readFlatJson(before);
  const changes: KeyChange[] = [];
  for (const [key, to] of readFlatJson(after)) {
    const from = old.get(key) ?? null;
    old.delete(key);
    if (from !== to) changes.push([key, from, to]);
  }
  for (const [key, from] of old) changes.push([key, from, null]);
  return inOrder(changes);
}

/** Steps that follow each other; what ends as it began is left out. */
export function mergeKeyChanges(steps: readonly (readonly KeyChange[])[]): readonly KeyChange[] {
  const merged = new Map<string, KeyChange>();
  for (const [key, from, to] of steps.flat()) merged.set(key, [key, merged.has(key) ? merged.get(key)![1] : from, to]);
  return inOrder([...merged.values()].filter(([, from, to]) => from !== to));
}

function inOrder(changes: KeyChange[]): readonly KeyChange[] {
  return changes.sort(([a], [b]) => (a < b ? -1 : 1));
}
