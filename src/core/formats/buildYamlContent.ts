// Works out tags, merge keys and duplicate keys of a YAML node tree.
import type { Failure } from '../../model/failure.ts';
import { contentInvalid } from './contentFailure.ts';
import type { SizeBudget } from './sizeBudget.ts';
import type { Mark } from './yamlCursor.ts';
import { makeList, makeMap, type MapContentEntry, type ScalarContent, type YamlContent } from './yamlContent.ts';
import { yamlIdentity } from './yamlIdentity.ts';
import type { MappingEntry, MappingNode, ScalarNode, SequenceNode, YamlNode } from './yamlNode.ts';
import { implicitValue, isMergeKey, taggedValue } from './yamlScalar.ts';

/** Recursive structures never get here: the parser refuses an alias within its own anchor. (compatibility document 4.2) */
export function buildYamlContent(root: YamlNode, budget: SizeBudget): YamlContent {
  return new Builder(budget).value(root);
}

const mapTag = 'tag:yaml.org,2002:map';
const seqTag = 'tag:yaml.org,2002:seq';
const setTag = 'tag:yaml.org,2002:set';
const omapTag = 'tag:yaml.org,2002:omap';

/** An entry whose key is built already. */
interface KeyedEntry {
  readonly key: YamlContent;
  readonly entry: MappingEntry;
}

class Builder {
  readonly #budget: SizeBudget;
  /** What has an anchor is built once. */
  readonly #built = new Map<YamlNode, YamlContent>();
  /** Entries of the anchored mappings that were built. */
  readonly #builtEntries = new Map<MappingNode, readonly KeyedEntry[]>();
  /** Anchored mappings that were merged before they were built: upstream has taken their merge keys away. */
  readonly #stripped = new Map<MappingNode, readonly MappingEntry[]>();
  /** Aliases can lead deeper than the file is nested. */
  #depth = 0;

  constructor(budget: SizeBudget) {
    this.#budget = budget;
  }

  value(node: YamlNode): YamlContent {
    if (node.kind === 'scalar') return this.#scalar(node, node.mark);
    const known = node.isAnchored ? this.#built.get(node) : undefined;
    if (known !== undefined) return known;
    this.#budget.checkDepth(this.#depth);
    this.#depth += 1;
    const content = node.kind === 'sequence' ? this.#sequence(node) : this.#mapping(node);
    this.#depth -= 1;
    if (node.isAnchored) this.#built.set(node, content);
    return content;
  }

  #scalar(node: ScalarNode, origin: Mark | null): ScalarContent {
    const value = node.tag === null ? this.#implicit(node) : this.#tagged(node, node.tag);
    // What is tracked is never null: an empty string takes its place, as a key too.
    return { kind: 'scalar', value: value === null && origin !== null ? '' : value, origin };
  }

  #implicit(node: ScalarNode): ScalarContent['value'] {
    if (!node.isImplicit) return node.text;
    if (node.text === '<<') throw this.#failure(node.mark, '"<<" is a merge key; as a value it needs quotes');
    const value = implicitValue(node.text);
    if (value === undefined) throw this.#failure(node.mark, `"${node.text}" looks like a number and is none`);
    return value;
  }

  #tagged(node: ScalarNode, tag: string): ScalarContent['value'] {
    const tagged = taggedValue(node.text, tag);
    if ('problem' in tagged) throw this.#failure(node.mark, tagged.problem);
    return tagged.value;
  }

  #sequence(node: SequenceNode): YamlContent {
    // Whatever its tag says.
    if (node.items.length === 0) return { kind: 'scalar', value: '', origin: node.mark };
    if (node.tag !== null && node.tag !== seqTag && node.tag !== omapTag) {
      throw this.#failure(node.mark, `the tag ${node.tag} does not fit a list`);
    }
    if (node.tag === omapTag) return this.#orderedMapping(node);
    return makeList(
      node.items.map((item) => this.value(item)),
      false,
    );
  }

  #mapping(node: MappingNode): YamlContent {
    if (node.tag !== null && node.tag !== mapTag && node.tag !== setTag) {
      throw this.#failure(node.mark, `the tag ${node.tag} does not fit a mapping`);
    }
    const entries = this.#ownEntries(node);
    if (node.isAnchored) this.#builtEntries.set(node, entries);
    if (node.tag === setTag)
      return makeList(
        entries.map(({ key }) => key),
        true,
      );
    return makeMap(entries.map(({ key, entry }) => ({ key, value: this.value(entry.value), mark: entry.key.mark })));
  }

  /** `!!omap [a: 1, b: 2]` is the mapping; of a repeated key the last value counts, at the position of the first. */
  #orderedMapping(node: SequenceNode): YamlContent {
    const entries = new Map<string, MapContentEntry>();
    for (const item of node.items) {
      const pair = item.kind === 'mapping' && item.entries.length === 1 ? item.entries[0] : undefined;
      if (pair === undefined) throw this.#failure(item.mark, 'an element of !!omap is one key with one value');
      const key = this.#key(pair.key, true);
      entries.set(yamlIdentity(key, this.#budget), { key, value: this.value(pair.value), mark: pair.key.mark });
    }
    return makeMap([...entries.values()]);
  }

  /** `isTracked`: upstream meets this key without knowing that it is one, see #mergedEntries. */
  #key(node: YamlNode, isTracked: boolean): YamlContent {
    return node.kind === 'scalar' ? this.#scalar(node, isTracked ? node.mark : null) : this.value(node);
  }

  /** The entries of a mapping that is being built: no key twice, merge keys replaced by what they bring. */
  #ownEntries(node: MappingNode): readonly KeyedEntry[] {
    const entries = this.#stripped.get(node) ?? node.entries;
    const keyed: KeyedEntry[] = [];
    const identities = new Set<string>();
    for (const entry of entries) {
      if (isMerge(entry)) continue;
      const key = this.#key(entry.key, false);
      const identity = yamlIdentity(key, this.#budget);
      if (identities.has(identity)) throw this.#failure(entry.key.mark, `duplicate key${keyText(entry.key)}`);
      identities.add(identity);
      keyed.push({ key, entry });
    }
    return keyed.length === entries.length ? keyed : this.#withMerges(entries, keyed);
  }

  /**
   * A key keeps the position of its first appearance; the mapping's own entry wins over a merged one, of merged ones the
   * first.
   */
  #withMerges(entries: readonly MappingEntry[], ownEntries: readonly KeyedEntry[]): readonly KeyedEntry[] {
    const result = new Map<string, KeyedEntry>();
    let ownIndex = 0;
    for (const entry of entries) {
      if (isMerge(entry)) {
        for (const merged of this.#mergedEntries(entry.value)) {
          const identity = yamlIdentity(merged.key, this.#budget);
          if (!result.has(identity)) result.set(identity, merged);
        }
      } else {
        const own = ownEntries[ownIndex] as KeyedEntry;
        ownIndex += 1;
        result.set(yamlIdentity(own.key, this.#budget), own);
      }
    }
    return [...result.values()];
  }

  /**
   * A mapping that is written in the merge itself (no alias) was not built before. Upstream does not know its keys as
   * keys then: they equal no other, so both entries stay, and the later one wins when they are flattened.
   */
  *#mergedEntries(value: YamlNode, depth = 0): Generator<KeyedEntry> {
    this.#budget.checkDepth(depth);
    for (const mapping of this.#mergedMappings(value)) {
      const known = this.#builtEntries.get(mapping);
      this.#budget.spendNodes((known ?? mapping.entries).length + 1);
      if (known !== undefined) {
        yield* known;
        continue;
      }
      const entries = this.#stripped.get(mapping) ?? mapping.entries;
      if (mapping.isAnchored)
        this.#stripped.set(
          mapping,
          entries.filter((entry) => !isMerge(entry)),
        );
      for (const entry of entries) {
        if (isMerge(entry)) yield* this.#mergedEntries(entry.value, depth + 1);
        else yield { key: this.#key(entry.key, true), entry };
      }
    }
  }

  #mergedMappings(value: YamlNode): readonly MappingNode[] {
    if (value.kind === 'mapping') return [value];
    if (value.kind === 'scalar') throw this.#failure(value.mark, 'only a mapping or a list of mappings can be merged');
    return value.items.map((item) => {
      if (item.kind !== 'mapping') throw this.#failure(item.mark, 'only mappings can be merged');
      return item;
    });
  }

  #failure(mark: Mark, what: string): Failure {
    return contentInvalid(this.#budget.path, mark.line + 1, mark.column + 1, what);
  }
}

function isMerge({ key }: MappingEntry): boolean {
  return key.kind === 'scalar' && isMergeKey(key.text, key.tag, key.isImplicit);
}

function keyText(key: YamlNode): string {
  return key.kind === 'scalar' ? ` "${key.text}"` : '';
}
