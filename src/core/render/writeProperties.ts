// Writes merged flat keys as the .properties format shows them.
import type { Value } from '../../model/value.ts';
import { valueText } from '../placeholders/valueText.ts';
import type { BoundedText } from './boundedText.ts';

/** `key: value` lines without any escaping and without a line end behind the last. (compatibility document 4.5) */
export function writeProperties(properties: ReadonlyMap<string, Value>, output: BoundedText): void {
  let separator = '';
  for (const [key, value] of properties) {
    output.append(`${separator}${key}: ${valueText(value)}`);
    separator = '\n';
  }
}
