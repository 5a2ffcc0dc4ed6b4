// Flattens the content of a YAML document to keys with dots and brackets.
import type { ConfigDocument } from '../../model/document.ts';
import type { Property } from '../../model/value.ts';
import { contentInvalid } from './contentFailure.ts';
import type { SizeBudget } from './sizeBudget.ts';
import { contentSize, type MapContent, type MapContentEntry, type ScalarContent, type YamlContent } from './yamlContent.ts';
import type { Mark } from './yamlCursor.ts';
import { yamlKeyText } from './yamlKeyText.ts';

/**
 * null for a document that counts as empty: null, an empty string, an empty list. One that is no mapping has the key
 * `document`. (compatibility document 3.5, 4.3)
 */
export function flattenYaml(root: YamlContent, budget: SizeBudget): ConfigDocument | null {
  if (root.kind === 'scalar' && root.value === '') return null;
  budget.spendNodes(contentSize(root));
  const flattener = new Flattener(budget);
  if (root.kind === 'map') flattener.map(root, '', false, 0);
  else flattener.add('document', root, false, 0);
  return { properties: flattener.properties };
}

class Flattener {
  readonly properties = new Map<string, Property>();
  readonly #budget: SizeBudget;

  constructor(budget: SizeBudget) {
    this.#budget = budget;
  }

  map(content: MapContent, parent: string, isInList: boolean, depth: number): void {
    const path = isBlank(parent) ? '' : parent;
    if (isInList) {
      for (const entry of content.entries) this.add(join(path, this.#listKey(entry)), entry.value, true, depth + 1);
    } else if (content.entries.every((entry) => isPlainKey(entry.key))) {
      for (const entry of content.entries) this.add(join(path, this.#key(entry)), entry.value, false, depth + 1);
    } else {
      // `8080` and `"[8080]"` are two keys that become one: the later replaces all of the earlier.
      const values = new Map<string, YamlContent>();
      for (const entry of content.entries) values.set(this.#key(entry), entry.value);
      for (const [key, value] of values) this.add(join(path, key), value, false, depth + 1);
    }
  }

  /** `isInList`: below a list, at any depth. */
  add(path: string, content: YamlContent, isInList: boolean, depth: number): void {
    this.#budget.checkDepth(depth);
    if (content.kind === 'map') {
      this.map(content, path, isInList, depth);
    } else if (content.kind === 'scalar') {
      this.#put(path, { value: content.value ?? '', origin: originText(content.origin) });
    } else if (content.items.length === 0) {
      this.#put(path, { value: '', origin: null });
    } else {
      const prefix = isBlank(path) ? '' : path;
      let index = 0;
      for (const item of content.items) {
        this.add(`${prefix}[${index}]`, item, true, depth + 1);
        index += 1;
      }
    }
  }

  #put(key: string, property: Property): void {
    this.#budget.spendKey(key);
    // Map.set keeps the position of the first: a repeated flat key has the last value there.
    this.properties.set(key, property);
  }

  #key(entry: MapContentEntry): string {
    const text = yamlKeyText(entry.key, entry.mark, this.#budget);
    return isString(entry.key) ? text : `[${text}]`;
  }

  #listKey(entry: MapContentEntry): string {
    if (isPlainKey(entry.key)) return this.#key(entry);
    const { line, column } = entry.mark;
    throw contentInvalid(this.#budget.path, line + 1, column + 1, 'within a list a key has to be a string: put it in quotes');
  }
}

function isString(key: YamlContent): key is ScalarContent {
  return key.kind === 'scalar' && typeof key.value === 'string';
}

/** A string that is known as a key (yamlContent.ts). */
function isPlainKey(key: YamlContent): boolean {
  return isString(key) && key.origin === null;
}

function join(path: string, key: string): string {
  if (path === '') return key;
  return key.startsWith('[') ? path + key : `${path}.${key}`;
}

/** A parent of blanks alone counts as empty. */
function isBlank(path: string): boolean {
  if (path.charCodeAt(0) > 0x20 && path.charCodeAt(0) < 0x80) return false;
  return javaWhitespace.test(path);
}

/** Java's Character.isWhitespace: JavaScript's, without the no-break spaces and the byte order mark. */
// oxlint-disable-next-line no-control-regex
const javaWhitespace = /^[\t-\r\x1c-\x20\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]*$/;

function originText(mark: Mark | null): string | null {
  return mark === null ? null : `${mark.line + 1}:${mark.column + 1}`;
}
