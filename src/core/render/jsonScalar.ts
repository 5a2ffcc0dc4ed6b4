// The JSON text of one value.
import { javaDouble } from '../../base/javaDouble.ts';
import type { Value } from '../../model/value.ts';
import { valueText } from '../placeholders/valueText.ts';

/** Integers in full, doubles the Java way, those that JSON has no number for and binary values as strings. (compatibility document 4.2) */
export function jsonScalar(value: Value): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Number.isFinite(value) ? javaDouble(value) : `"${String(value)}"`;
    case 'object':
      return `"${valueText(value)}"`;
    default:
      return String(value);
  }
}
