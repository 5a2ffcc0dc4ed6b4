// Reads the JSON text of a variable or a flag.
import type { Origin } from './origin.ts';
import type { RawNode } from './rawNode.ts';

/** null when the text is not JSON. */
export function rawNodeFromJson(text: string, origin: Origin): RawNode | null {
  try {
    return toNode(JSON.parse(text), origin);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function toNode(value: unknown, origin: Origin): RawNode {
  if (Array.isArray(value)) return { kind: 'sequence', items: value.map((item: unknown) => toNode(item, origin)), origin };
  if (typeof value === 'object' && value !== null) {
    return { kind: 'mapping', entries: Object.entries(value).map(([key, entry]) => ({ key, origin, node: toNode(entry, origin) })), origin };
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return { kind: 'scalar', value, source: String(value), origin };
  return { kind: 'scalar', value: null, source: '', origin };
}
