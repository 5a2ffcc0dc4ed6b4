// Patterns of a JSON schema in the dialect of Helm: Go's regular expressions have no lookahead.
import type { JsonSchema } from '../settings/settingsSchema.ts';

const lookahead = /^\^\(\?([=!])((?:[^()]|\([^()]*\))*)\)/;

/**
 * The same schema without lookaheads: each at the start of a pattern becomes a schema of its own, in `allOf`. A pattern that has
 * others is left out: the server checks it at start.
 */
export function withoutLookaheads(schema: JsonSchema): JsonSchema {
  return mapped(schema) as JsonSchema;
}

function mapped(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(mapped);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, mapped(value)]));
  const { pattern, ...rest } = copy;
  return typeof pattern === 'string' ? { ...rest, ...splitPattern(pattern) } : copy;
}

function splitPattern(pattern: string): JsonSchema {
  const conditions: JsonSchema[] = [];
  let rest = pattern;
  for (let match = lookahead.exec(rest); match !== null; match = lookahead.exec(rest)) {
    const condition = { pattern: `^${match[2] ?? ''}` };
    conditions.push(match[1] === '=' ? condition : { not: condition });
    rest = `^${rest.slice(match[0].length)}`;
  }
  const isCheckable = !/\(\?[=!<]|\\[1-9]/.test(rest);
  return { ...(isCheckable ? { pattern: rest } : {}), ...(conditions.length === 0 ? {} : { allOf: conditions }) };
}
