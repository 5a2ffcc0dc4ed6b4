// What changed between two versions of an answer, and several such steps as one.
import type { KeyChange } from '../../model/push.ts';
import { readFlatJson } from './flatJson.ts';
import { readMergedBody, secretKeys } from './mergedBody.ts';

/** What is told of a secret that was: it may still open something, and nobody needs it. */
const MASK = '"***"';

/**
 * Both are merged bodies, so that equal values are equal texts. In the order of the keys. A key that became secret, or is none any
 * more, has changed.
 */
export function keyChanges(before: string, after: string): readonly KeyChange[] {
  const [oldBody, newBody] = [readMergedBody(before), readMergedBody(after)];
  const [oldSecrets, newSecrets] = [secretKeys(oldBody), secretKeys(newBody)];
  const old = readFlatJson(oldBody.properties);
  const changes: KeyChange[] = [];
  for (const [key, to] of readFlatJson(newBody.properties)) {
    const from = old.get(key) ?? null;
    old.delete(key);
    const [wasSecret, isSecret] = [oldSecrets.has(key), newSecrets.has(key)];
    if (from === to && wasSecret === isSecret) continue;
    const shown = from !== null && (wasSecret || isSecret) ? MASK : from;
    changes.push(isSecret ? [key, shown, to, true] : [key, shown, to]);
  }
  for (const [key, from] of old) changes.push(oldSecrets.has(key) ? [key, MASK, null, true] : [key, from, null]);
  return inOrder(changes);
}

/** Steps that follow each other; what ends as it began is left out, unless a secret was in between: then nobody knows. */
export function mergeKeyChanges(steps: readonly (readonly KeyChange[])[]): readonly KeyChange[] {
  const merged = new Map<string, { from: string | null; to: string | null; isSecret: boolean; wasEverSecret: boolean }>();
  for (const [key, from, to, isSecret = false] of steps.flat()) {
    const known = merged.get(key);
    if (known === undefined) {
      merged.set(key, { from, to, isSecret, wasEverSecret: isSecret });
      continue;
    }
    known.to = to;
    known.wasEverSecret ||= isSecret || from === MASK;
    known.isSecret = isSecret;
  }
  const changes: KeyChange[] = [];
  for (const [key, { from, to, isSecret, wasEverSecret }] of merged) {
    if (from === to && (from === null || !wasEverSecret)) continue;
    const shown = wasEverSecret && from !== null ? MASK : from;
    changes.push(isSecret ? [key, shown, to, true] : [key, shown, to]);
  }
  return inOrder(changes);
}

function inOrder(changes: KeyChange[]): readonly KeyChange[] {
  return changes.sort(([a], [b]) => (a < b ? -1 : 1));
}
