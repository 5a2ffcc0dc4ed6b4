// Turns what a file, a variable or a flag says into the value of an option, or says why not.
import { parseByteSize, formatByteSize } from '../base/byteSize.ts';
import { formatDuration, parseDuration } from '../base/duration.ts';
import { redactUrl } from '../base/redactUrl.ts';
import { Secret } from '../base/secret.ts';
import { expectation } from './expectation.ts';
import type { Option, OptionType } from './option.ts';
import type { Origin } from './origin.ts';
import { describeNode, type RawNode } from './rawNode.ts';
import { rawNodeFromJson } from './rawNodeFromJson.ts';

export type Conversion = { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'problem'; readonly message: string; readonly origin: Origin };

/** For every type but `named` and `entries`, whose fields are options of their own. */
export function convertValue(option: Option, node: RawNode): Conversion {
  const type = option.type;
  if (option.default === null && isUnset(node)) return value(null);
  switch (type.kind) {
    case 'list':
      return convertList(type.min, node);
    case 'map':
      return convertMap(node);
    case 'string':
    case 'secret':
    case 'choice':
      return convertText(type, node);
    case 'boolean':
      return convertBoolean(node);
    case 'integer':
    case 'fraction':
    case 'duration':
    case 'bytes':
      return convertQuantity(type, node);
    case 'named':
    case 'entries':
      return mismatch(type, node);
  }
}

function isUnset(node: RawNode): boolean {
  return (node.kind === 'scalar' && node.value === null) || (node.kind === 'text' && node.text === '');
}

function value(converted: unknown): Conversion {
  return { kind: 'value', value: converted };
}

function problem(message: string, node: RawNode): Conversion {
  return { kind: 'problem', message, origin: node.origin };
}

function mismatch(type: OptionType, node: RawNode): Conversion {
  const text = textOf(node);
  const shown = type.kind !== 'secret' && text !== null && text.length <= 60 ? `'${redactUrl(text)}'` : describeNode(node);
  const quoted = node.kind === 'scalar' && typeof node.value === 'string' && /^(true|false|-?\d+(\.\d+)?)$/.test(node.value);
  const hint = quoted && (type.kind === 'integer' || type.kind === 'fraction' || type.kind === 'boolean') ? '; write it without quotes' : '';
  return problem(`expected ${expectation(type)}, got ${shown}${hint}`, node);
}

/** The text of a variable, a flag or any scalar; null for lists, mappings and nothing. */
function textOf(node: RawNode): string | null {
  if (node.kind === 'text') return node.text;
  return node.kind === 'scalar' && node.value !== null ? node.source : null;
}

function convertText(type: Extract<OptionType, { kind: 'string' | 'secret' | 'choice' }>, node: RawNode): Conversion {
  const text = textOf(node);
  if (text === null) return mismatch(type, node);
  if (type.kind === 'secret') return value(new Secret(text));
  if (text.includes('\0')) return problem('holds a NUL character', node);
  const fits = type.kind === 'choice' ? type.choices.includes(text) : type.rule === null || type.rule.regex.test(text);
  return fits ? value(text) : mismatch(type, node);
}

function convertBoolean(node: RawNode): Conversion {
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return value(node.value);
  const text = node.kind === 'text' ? node.text.toLowerCase() : '';
  return text === 'true' || text === 'false' ? value(text === 'true') : mismatch({ kind: 'boolean' }, node);
}

function convertQuantity(type: Extract<OptionType, { kind: 'integer' | 'fraction' | 'duration' | 'bytes' }>, node: RawNode): Conversion {
  const quantity = parseQuantity(type.kind, node);
  if (quantity === null) return mismatch(type, node);
  const format = type.kind === 'duration' ? formatDuration : type.kind === 'bytes' ? formatByteSize : String;
  if (quantity < type.min) return problem(`must be at least ${format(type.min)}, got ${format(quantity)}`, node);
  if (quantity > type.max) return problem(`must be at most ${format(type.max)}, got ${format(quantity)}`, node);
  return value(quantity);
}

function parseQuantity(kind: 'integer' | 'fraction' | 'duration' | 'bytes', node: RawNode): number | null {
  if (kind === 'duration' || kind === 'bytes') {
    const text = node.kind === 'scalar' && typeof node.value === 'boolean' ? null : textOf(node);
    if (text === null) return null;
    return kind === 'duration' ? parseDuration(text) : parseByteSize(text);
  }
  const number = numberOf(node);
  if (number === null || !Number.isFinite(number)) return null;
  return kind === 'integer' && !Number.isSafeInteger(number) ? null : number;
}

function numberOf(node: RawNode): number | null {
  if (node.kind === 'scalar') return typeof node.value === 'number' ? node.value : null;
  return node.kind === 'text' && /^-?\d+(\.\d+)?$/.test(node.text) ? Number(node.text) : null;
}

function convertList(min: number, node: RawNode): Conversion {
  if (node.kind === 'text' && node.text.trimStart().startsWith('[')) {
    const parsed = rawNodeFromJson(node.text, node.origin);
    return parsed === null ? problem('expected a list separated by commas or a JSON array; this starts with [ but is no JSON', node) : convertList(min, parsed);
  }
  const items = listItems(node);
  if (items === null) return mismatch({ kind: 'list', min }, node);
  const texts: string[] = [];
  for (const item of items) {
    const text = textOf(item)?.trim() ?? '';
    if (text === '') return problem('an element of the list is empty or no text', item);
    texts.push(text);
  }
  return texts.length < min ? problem(`needs at least ${min === 1 ? 'one element' : `${min} elements`}`, node) : value(texts);
}

// A single text is a list separated by commas, as in Spring.
function listItems(node: RawNode): readonly RawNode[] | null {
  if (node.kind === 'sequence') return node.items;
  if (node.kind === 'mapping') return null;
  if (isUnset(node)) return [];
  const text = textOf(node);
  if (text === null) return null;
  return text.split(',').map((part): RawNode => ({ kind: 'text', text: part, origin: node.origin }));
}

function convertMap(node: RawNode): Conversion {
  if (node.kind === 'text') return convertMapText(node.text, node);
  if (isUnset(node)) return value(new Map());
  if (node.kind !== 'mapping') return mismatch({ kind: 'map' }, node);
  const flat = new Map<string, string>();
  const double = flatten('', node, flat);
  return double === null ? value(flat) : problem(`the key ${double.key} is set twice`, double.node);
}

function convertMapText(text: string, node: RawNode): Conversion {
  if (text.trimStart().startsWith('{')) {
    const parsed = rawNodeFromJson(text, node.origin);
    return parsed === null ? problem('expected a=b,c=d or a JSON object; this starts with { but is no JSON', node) : convertMap(parsed);
  }
  const flat = new Map<string, string>();
  for (const part of text === '' ? [] : text.split(',')) {
    const separator = part.indexOf('=');
    const key = part.slice(0, Math.max(0, separator)).trim();
    if (key === '') return problem('expected a=b,c=d or a JSON object; a part between two commas has no key or no =', node);
    if (flat.has(key)) return problem(`the key ${key} is set twice`, node);
    flat.set(key, part.slice(separator + 1));
  }
  return value(flat);
}

/** `{a: {b: 1, c: [x]}}` is `a.b`, `a.c[0]`. Returns the first key that occurs twice. */
function flatten(key: string, node: RawNode, into: Map<string, string>): { readonly key: string; readonly node: RawNode } | null {
  if (node.kind === 'mapping' || node.kind === 'sequence') {
    const children =
      node.kind === 'mapping'
        ? node.entries.map((entry) => ({ key: key === '' ? entry.key : `${key}.${entry.key}`, node: entry.node }))
        : node.items.map((item, index) => ({ key: `${key}[${index}]`, node: item }));
    for (const child of children) {
      const double = flatten(child.key, child.node, into);
      if (double !== null) return double;
    }
    return null;
  }
  if (into.has(key)) return { key, node };
  into.set(key, textOf(node) ?? '');
  return null;
}
