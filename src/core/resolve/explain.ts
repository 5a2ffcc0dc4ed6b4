// Where each value of an environment comes from, and what it hides.
import type { Environment, PropertySource } from '../../model/environment.ts';
import type { Property, Value } from '../../model/value.ts';

export interface ExplainedValue {
  readonly source: string;
  /** Relative to the source's root, null for overrides. */
  readonly path: string | null;
  /** From 1, null where the format has no lines. */
  readonly line: number | null;
  readonly revision: string | null;
  /** `***` when it is secret: it was encrypted. */
  readonly value: Value;
  readonly secret?: true;
}

export interface ExplainedKey {
  readonly key: string;
  readonly winner: ExplainedValue;
  /** In order of precedence, the highest first. */
  readonly hidden: readonly ExplainedValue[];
}

/** One entry per flat key, in order of first appearance while walking the sources from the highest precedence down. */
export function explain(environment: Environment): ExplainedKey[] {
  const values = new Map<string, ExplainedValue[]>();
  for (const source of environment.propertySources) {
    for (const [key, property] of source.properties) {
      const known = values.get(key);
      const value = explained(source, property);
      if (known === undefined) values.set(key, [value]);
      else known.push(value);
    }
  }
  const keys: ExplainedKey[] = [];
  for (const [key, [winner, ...hidden]] of values) {
    if (winner !== undefined) keys.push({ key, winner, hidden });
  }
  return keys;
}

function explained(source: PropertySource, property: Property): ExplainedValue {
  const line = /^(\d+):\d+$/.exec(property.origin ?? '')?.[1];
  return {
    source: source.name,
    path: source.provenance?.path ?? null,
    line: line === undefined ? null : Number(line),
    revision: source.provenance?.revision ?? null,
    ...(property.cipher === 'decrypted' ? { value: '***', secret: true } : { value: property.value }),
  };
}
