// The scalar that stands for a value in YAML: its text, its type and the style that is wanted for it.
import { javaDouble } from '../../base/javaDouble.ts';
import { Failure } from '../../model/failure.ts';
import type { Value } from '../../model/value.ts';
import { valueText } from '../placeholders/valueText.ts';
import type { YamlTag } from './yamlPlainTag.ts';

export interface YamlScalar {
  readonly text: string;
  readonly tag: YamlTag;
  readonly wanted: 'plain' | 'single' | 'literal';
}

/** (compatibility document 4.7) */
export function yamlScalar(value: Value | null): YamlScalar {
  if (value === null) return { text: 'null', tag: 'null', wanted: 'plain' };
  switch (typeof value) {
    case 'string':
      return stringScalar(value);
    case 'boolean':
      return { text: String(value), tag: 'bool', wanted: 'plain' };
    case 'bigint':
      return { text: String(value), tag: 'int', wanted: 'plain' };
    case 'number':
      return { text: doubleText(value), tag: 'float', wanted: 'plain' };
    default:
      return { text: valueText(value), tag: 'binary', wanted: 'literal' };
  }
}

/** All that YAML allows to stand for itself somewhere; surrogates only in pairs. */
const printable = /^[\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

const lineBreak = /[\n\u0085\u2028\u2029]/;

function stringScalar(text: string): YamlScalar {
  if (!printable.test(text)) {
    if (/\p{Surrogate}/u.test(text)) throw new Failure('CONTENT_INVALID', 'a string with half of a surrogate pair cannot be written as YAML');
    return { text: valueText(new TextEncoder().encode(text)), tag: 'binary', wanted: 'literal' };
  }
  if (lineBreak.test(text)) return { text, tag: 'str', wanted: 'literal' };
  return { text, tag: 'str', wanted: isZeroPadded(text) ? 'single' : 'plain' };
}

/** Digits that other readers take for a number, octal or decimal. */
function isZeroPadded(text: string): boolean {
  return /^0[0-9_]+$/.test(text);
}

function doubleText(value: number): string {
  if (Number.isNaN(value)) return '.NaN';
  if (Number.isFinite(value)) return javaDouble(value);
  return value > 0 ? '.inf' : '-.inf';
}
