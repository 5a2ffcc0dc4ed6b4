// The text form of a value, as the text formats and placeholders show it.
import { javaDouble } from '../../base/javaDouble.ts';
import type { Value } from '../../model/value.ts';

/** Integers in full, doubles the Java way, binary values as base64. (compatibility document 4.2, 4.5) */
export function valueText(value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return javaDouble(value);
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  return String(value);
}
