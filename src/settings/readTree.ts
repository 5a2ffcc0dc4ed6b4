// Compares a tree of keys (the settings file, or the JSON of a `named` option) with the options and converts its values.
import { closestName } from '../base/closestName.ts';
import type { Assignment, Layer } from './assignment.ts';
import { segmentsKey } from './assignment.ts';
import { convertValue } from './convertValue.ts';
import { expectation } from './expectation.ts';
import { isOption, type EntriesType, type Option, type OptionGroup } from './option.ts';
import { optionList } from './optionList.ts';
import { camelCase } from './optionNames.ts';
import type { Origin } from './origin.ts';
import type { Problem } from './problem.ts';
import { describeNode, type RawEntry, type RawNode } from './rawNode.ts';
import { rawNodeFromJson } from './rawNodeFromJson.ts';

/** A whole file: `node` must be a mapping of the top-level groups. */
export function readTree(node: RawNode, group: OptionGroup): Layer {
  const reading = new Reading();
  reading.group(node, group, []);
  return reading;
}

/** The value of one option, from any layer. */
export function readOption(node: RawNode, option: Option, segments: readonly string[]): Layer {
  const reading = new Reading();
  reading.option(node, option, segments);
  return reading;
}

// No blank, because a repository's key is its name and its uri; no control character, because names are logged.
const entryName = /^[^\s\p{Cc}]+$/u;

class Reading implements Layer {
  readonly assignments: Assignment[] = [];
  readonly problems: Problem[] = [];
  readonly #seen = new Set<string>();

  group(node: RawNode, group: OptionGroup, parents: readonly string[]): void {
    if (node.kind === 'scalar' && node.value === null) return;
    if (node.kind !== 'mapping')
      return this.#problem(parents, `expected a mapping of ${Object.keys(group).join(', ')}; got ${describeNode(node)}`, node.origin);
    for (const entry of node.entries) {
      const name = camelCase(entry.key);
      const declared = Object.hasOwn(group, name) ? group[name] : undefined;
      const segments = [...parents, name];
      if (declared === undefined) this.#problem([...parents, entry.key], unknownKey(entry, group, parents), entry.origin);
      else if (!this.#firstTime(segments)) this.#problem(segments, 'set twice', entry.origin);
      else if (isOption(declared)) this.option(entry.node, declared, segments);
      else this.group(entry.node, declared, segments);
    }
  }

  option(node: RawNode, option: Option, segments: readonly string[]): void {
    if (option.type.kind === 'named') return this.#named(node, option.type.fields, segments);
    if (option.type.kind === 'entries') return this.#entries(node, option.type, segments);
    const conversion = convertValue(option, node);
    if (conversion.kind === 'problem') this.#problem(segments, conversion.message, conversion.origin);
    else this.assignments.push({ segments, option, value: conversion.value, origin: node.origin });
  }

  #named(node: RawNode, fields: OptionGroup, segments: readonly string[]): void {
    if (node.kind === 'text') {
      const parsed = node.text === '' ? null : rawNodeFromJson(node.text, node.origin);
      return parsed === null
        ? this.#problem(segments, 'expected a JSON object of names to their settings', node.origin)
        : this.#named(parsed, fields, segments);
    }
    if (node.kind === 'scalar' && node.value === null) return;
    if (node.kind !== 'mapping') return this.#problem(segments, `expected a mapping of names to their settings, got ${describeNode(node)}`, node.origin);
    for (const entry of node.entries) {
      const own = [...segments, entry.key];
      if (!entryName.test(entry.key)) this.#problem(segments, 'a name is empty or holds a blank', entry.origin);
      else if (isEmpty(entry.node)) this.#problem(own, 'nothing is set', entry.origin);
      else this.group(entry.node, fields, own);
    }
  }

  #entries(node: RawNode, type: EntriesType, segments: readonly string[]): void {
    if (node.kind === 'scalar' && node.value === null) return;
    if (node.kind !== 'sequence') return this.#problem(segments, `expected ${expectation(type)}; got ${describeNode(node)}`, node.origin);
    for (const [index, item] of node.items.entries()) this.#entry(item, type, [...segments, String(index)]);
  }

  #entry(node: RawNode, type: EntriesType, segments: readonly string[]): void {
    if (node.kind !== 'mapping') return this.#problem(segments, `expected a mapping with a type; got ${describeNode(node)}`, node.origin);
    const tag = node.entries.find((entry) => entry.key === 'type');
    if (tag === undefined) return this.#problem(segments, `the entry has no type; expected ${expectation(type.typeOption.type)}`, node.origin);
    this.option(tag.node, type.typeOption, [...segments, 'type']);
    const variant = tag.node.kind === 'scalar' && Object.hasOwn(type.variants, tag.node.source) ? type.variants[tag.node.source] : undefined;
    if (variant !== undefined) this.group({ ...node, entries: node.entries.filter((entry) => entry !== tag) }, variant, segments);
  }

  #firstTime(segments: readonly string[]): boolean {
    const key = segmentsKey(segments);
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }

  #problem(segments: readonly string[], message: string, origin: Origin): void {
    this.problems.push({ path: segments.join('.'), message, origin });
  }
}

function isEmpty(node: RawNode): boolean {
  return node.kind === 'scalar' ? node.value === null : node.kind === 'mapping' && node.entries.length === 0;
}

function unknownKey(entry: RawEntry, group: OptionGroup, parents: readonly string[]): string {
  const name = camelCase(entry.key);
  if (name.includes('.')) return 'unknown key: keys with dots are written as nested mappings';
  const near = closestName(name, Object.keys(group));
  if (near !== null) return `unknown key, did you mean ${[...parents, near].join('.')}?`;
  const elsewhere = optionList().filter((listed) => listed.segments.at(-1) === name);
  if (elsewhere.length > 0) return `unknown key here, did you mean ${elsewhere.map((listed) => listed.path).join(' or ')}?`;
  return `unknown key; known here: ${Object.keys(group).join(', ')}`;
}
