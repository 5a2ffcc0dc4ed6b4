// Gives a YAML scalar its type: the rules of YAML 1.1 without timestamps.

/** null is YAML's null; a property's value is never null, so the flattener makes "" of it. */
export type YamlScalarValue = string | boolean | bigint | number | Uint8Array | null;

const yamlPrefix = 'tag:yaml.org,2002:';

/** The key that merges mappings into its own: a plain `<<`. (compatibility document 4.2) */
export function isMergeKey(text: string, tag: string | null, isImplicit: boolean): boolean {
  return tag === `${yamlPrefix}merge` || (tag === null && isImplicit && text === '<<');
}

/**
 * Value of a scalar that nothing but its text describes; undefined for a text that has the form of a number and is none
 * (`._`). (compatibility document 4.2)
 */
export function implicitValue(text: string): YamlScalarValue | undefined {
  if (text === '') return null;
  const first = text.charCodeAt(0);
  // Digits, signs and the point begin numbers; only a dozen words are something else.
  if (first >= 0x2b && first <= 0x39) return numberOrText(text);
  if (text.length <= 5) {
    if (nullWords.has(text)) return null;
    return booleanWords.get(text) ?? text;
  }
  return text;
}

/** Value of a scalar with a complete tag, or why it has none. */
export function taggedValue(text: string, tag: string): { readonly value: YamlScalarValue } | { readonly problem: string } {
  switch (tag.startsWith(yamlPrefix) ? tag.slice(yamlPrefix.length) : '') {
    case 'str':
      return { value: text };
    case 'null':
      return { value: null };
    case 'bool':
      return { value: booleanWords.get(text.toLowerCase()) ?? null };
    case 'int':
      if (text.length > taggedIntegerLengthMax) return { problem: `an integer of more than ${taggedIntegerLengthMax} characters` };
      return orProblem(integerValue(text), `"${text}" is no integer`);
    case 'float':
      return orProblem(floatValue(text), `"${text}" is no number`);
    case 'binary':
      return orProblem(binaryValue(text), 'malformed base64');
    default:
      return { problem: `the tag ${tag} is not supported here` };
  }
}

function orProblem(value: YamlScalarValue, problem: string): { readonly value: YamlScalarValue } | { readonly problem: string } {
  return value === null ? { problem } : { value };
}

const nullWords = new Set(['~', 'null', 'Null', 'NULL', ' ']);

const booleanWords = new Map<string, boolean>();
for (const [word, value] of [
  ['yes', true],
  ['no', false],
  ['true', true],
  ['false', false],
  ['on', true],
  ['off', false],
] as const) {
  booleanWords.set(word, value);
  booleanWords.set(word.toUpperCase(), value);
  booleanWords.set(word.slice(0, 1).toUpperCase() + word.slice(1), value);
}

const integerForm = /^[-+]?(?:0b_*[01][01_]*|0_*[0-7][0-7_]*|0|[1-9][0-9_]*|0x_*[0-9a-fA-F][0-9a-fA-F_]*|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;

const floatForm =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+|[-+]?\.[0-9_]+(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/** Reading an integer takes more than linear time; upstream would take it too. */
const taggedIntegerLengthMax = 100_000;

/** A longer text is no number, whatever it looks like. */
const numberLengthMax = 1024;

function numberOrText(text: string): bigint | number | string | undefined {
  if (text.length > numberLengthMax) return text;
  if (integerForm.test(text)) return integerValue(text) ?? undefined;
  return floatForm.test(text) ? (floatValue(text) ?? undefined) : text;
}

/** Also for a text that is tagged as integer and looks otherwise; null where there is none. */
function integerValue(written: string): bigint | null {
  const { sign, text } = withoutSign(written.replaceAll('_', ''));
  const negate = (value: bigint): bigint => (sign < 0 ? -value : value);
  const digits = (form: RegExp, prefix: string, rest: string): bigint | null => (form.test(rest) ? negate(BigInt(prefix + rest)) : null);
  if (text === '0') return 0n;
  if (text.startsWith('0b')) return digits(/^[01]+$/, '0b', text.slice(2));
  if (text.startsWith('0x')) return digits(/^[0-9a-fA-F]+$/, '0x', text.slice(2));
  if (text.startsWith('0')) return digits(/^[0-7]+$/, '0o', text.slice(1));
  if (!text.includes(':')) return digits(/^[0-9]+$/, '', text);
  const parts = text.split(':');
  if (!parts.every((part) => /^[0-9]+$/.test(part))) return null;
  // Base 60 is counted in 32 bits by SnakeYAML: 99999999999:00 is a small negative number.
  return negate(parts.reduce((total, part) => BigInt.asIntN(32, total * 60n + BigInt(part)), 0n));
}

function floatValue(written: string): number | null {
  const { sign, text } = withoutSign(written.replaceAll('_', '').toLowerCase());
  if (text === '.inf') return sign * Infinity;
  if (text === '.nan') return NaN;
  if (!text.includes(':')) {
    const value = javaParsedDouble(text);
    return value === null ? null : sign * value;
  }
  let total = 0;
  let base = 1;
  for (const part of text.split(':').reverse()) {
    const value = javaParsedDouble(part);
    if (value === null) return null;
    total += value * base;
    base = Math.imul(base, 60);
  }
  return sign * total;
}

function withoutSign(text: string): { readonly sign: 1 | -1; readonly text: string } {
  if (text.startsWith('-')) return { sign: -1, text: text.slice(1) };
  return { sign: 1, text: text.startsWith('+') ? text.slice(1) : text };
}

/** What Java's Double.valueOf takes, without its hexadecimal form. */
function javaParsedDouble(text: string): number | null {
  const match = /^[\0- ]*([-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[-+]?[0-9]+)?)[fd]?[\0- ]*$/.exec(text);
  return match === null ? null : Number(match[1]);
}

/** Padding may be left out, but not be wrong. */
const base64Form = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

function binaryValue(text: string): Uint8Array | null {
  const base64 = text.replaceAll(/[ \t\n\v\f\r]/g, '');
  return base64Form.test(base64) ? Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)) : null;
}
