// Builds the node trees of a YAML file from its tokens; an alias is the very node that it names.
import type { SizeBudget } from './sizeBudget.ts';
import { type Mark, YamlCursor } from './yamlCursor.ts';
import type { MappingEntry, YamlNode } from './yamlNode.ts';
import { YamlScanner } from './yamlScanner.ts';
import { type Token, type TokenKind, tokenNames } from './yamlToken.ts';

/**
 * The root of each document in file order, null for one without content. The whole file is read first: an error in the
 * last document fails the file. (compatibility document 3.5)
 */
export function parseYamlDocuments(path: string, text: string, budget: SizeBudget): readonly (YamlNode | null)[] {
  return new YamlParser(new YamlCursor(path, text), budget).documents();
}

const yamlPrefix = 'tag:yaml.org,2002:';

interface Properties {
  readonly mark: Mark;
  readonly anchor: Token | null;
  readonly tag: string | null;
}

class YamlParser {
  readonly #cursor: YamlCursor;
  readonly #scanner: YamlScanner;
  readonly #budget: SizeBudget;
  /** null while the node that an anchor names is not complete. */
  readonly #anchors = new Map<string, YamlNode | null>();
  readonly #tagPrefixes = new Map([
    ['!', '!'],
    ['!!', yamlPrefix],
  ]);
  /** A handle is declared for the rest of the file, and once. */
  readonly #declaredHandles = new Set<string>();
  #depth = 0;

  constructor(cursor: YamlCursor, budget: SizeBudget) {
    this.#cursor = cursor;
    this.#scanner = new YamlScanner(cursor);
    this.#budget = budget;
  }

  documents(): (YamlNode | null)[] {
    const roots: (YamlNode | null)[] = [];
    // Only the first document may do without its marker.
    let needsMarker = this.#isNext('directive', 'documentStart', 'streamEnd');
    for (;;) {
      if (needsMarker) {
        while (this.#isNext('documentEnd')) this.#scanner.take();
        if (this.#isNext('streamEnd')) return roots;
        this.#takeDirectives();
        if (this.#isNext('streamEnd')) return roots;
        this.#expect('documentStart');
      }
      const isEmpty = needsMarker && this.#isNext('directive', 'documentStart', 'documentEnd', 'streamEnd');
      roots.push(isEmpty ? null : this.#node(true, false));
      this.#anchors.clear();
      needsMarker = true;
      if (this.#isNext('documentEnd')) this.#scanner.take();
    }
  }

  #takeDirectives(): void {
    let hasVersion = false;
    while (this.#isNext('directive')) {
      const directive = this.#scanner.take();
      if (directive.handle !== null) {
        if (this.#declaredHandles.has(directive.handle)) throw this.#cursor.failure(`%TAG ${directive.handle} is given twice`, directive.start);
        this.#declaredHandles.add(directive.handle);
        this.#tagPrefixes.set(directive.handle, directive.text);
      } else if (directive.text.startsWith('YAML ')) {
        if (hasVersion) throw this.#cursor.failure('%YAML is given twice', directive.start);
        if (!/^YAML 0*1\./.test(directive.text)) throw this.#cursor.failure('only YAML 1 can be read', directive.start);
        hasVersion = true;
      }
    }
  }

  /** `isIndentless`: a list may stand at the column of the key that it belongs to. */
  #node(isBlock: boolean, isIndentless: boolean): YamlNode {
    this.#budget.spendNodes(1);
    this.#budget.checkDepth(this.#depth);
    if (this.#isNext('alias')) return this.#alias(this.#scanner.take());
    const properties = this.#properties();
    const anchor = properties?.anchor ?? null;
    if (anchor !== null) this.#anchors.set(anchor.text, null);
    this.#depth += 1;
    const node = this.#content(isBlock, isIndentless, properties);
    this.#depth -= 1;
    // A node within may have taken the name over.
    if (anchor !== null && this.#anchors.get(anchor.text) === null) this.#anchors.set(anchor.text, node);
    return node;
  }

  #alias(token: Token): YamlNode {
    const node = this.#anchors.get(token.text);
    if (node === undefined) throw this.#cursor.failure(`there is no anchor "${token.text}" before this alias`, token.start);
    if (node === null) throw this.#cursor.failure(`the alias "${token.text}" stands within its own anchor`, token.start);
    return node;
  }

  #properties(): Properties | null {
    let anchor: Token | null = null;
    let tag: Token | null = null;
    const first = this.#scanner.peek();
    for (;;) {
      if (anchor === null && this.#isNext('anchor')) anchor = this.#scanner.take();
      else if (tag === null && this.#isNext('tag')) tag = this.#scanner.take();
      else break;
    }
    if (anchor === null && tag === null) return null;
    return { mark: first.start, anchor, tag: tag === null ? null : this.#fullTag(tag) };
  }

  #fullTag(token: Token): string {
    if (token.handle === null) return token.text;
    const prefix = this.#tagPrefixes.get(token.handle);
    if (prefix === undefined) throw this.#cursor.failure(`the tag handle "${token.handle}" is not declared`, token.start);
    return prefix + token.text;
  }

  #content(isBlock: boolean, isIndentless: boolean, properties: Properties | null): YamlNode {
    const token = this.#scanner.peek();
    const mark = properties?.mark ?? token.start;
    const writtenTag = properties?.tag ?? null;
    const tag = writtenTag === '!' ? null : writtenTag;
    const isAnchored = properties !== null && properties.anchor !== null;
    if (isIndentless && token.kind === 'blockEntry') return { kind: 'sequence', mark, tag, isAnchored, items: this.#indentlessItems() };
    if (token.kind === 'scalar') {
      this.#scanner.take();
      const isImplicit = writtenTag === '!' || (writtenTag === null && token.isPlain);
      return { kind: 'scalar', mark, tag, text: token.text, isImplicit };
    }
    if (token.kind === 'flowSequenceStart') return { kind: 'sequence', mark, tag, isAnchored, items: this.#flowItems() };
    if (token.kind === 'flowMappingStart') return { kind: 'mapping', mark, tag, isAnchored, entries: this.#flowEntries() };
    if (isBlock && token.kind === 'blockSequenceStart') return { kind: 'sequence', mark, tag, isAnchored, items: this.#blockItems() };
    if (isBlock && token.kind === 'blockMappingStart') return { kind: 'mapping', mark, tag, isAnchored, entries: this.#blockEntries() };
    if (properties !== null) return { kind: 'scalar', mark, tag, text: '', isImplicit: tag === null };
    throw this.#cursor.failure(`a value is missing before ${tokenNames[token.kind]}`, token.start);
  }

  /** Nothing is written where a value could be. */
  #empty(mark: Mark): YamlNode {
    this.#budget.spendNodes(1);
    return { kind: 'scalar', mark, tag: null, text: '', isImplicit: true };
  }

  #blockItems(): YamlNode[] {
    this.#scanner.take();
    const items: YamlNode[] = [];
    while (this.#isNext('blockEntry')) {
      const { end } = this.#scanner.take();
      items.push(this.#isNext('blockEntry', 'blockEnd') ? this.#empty(end) : this.#node(true, false));
    }
    this.#expect('blockEnd');
    return items;
  }

  #indentlessItems(): YamlNode[] {
    const items: YamlNode[] = [];
    while (this.#isNext('blockEntry')) {
      const { end } = this.#scanner.take();
      items.push(this.#isNext('blockEntry', 'key', 'value', 'blockEnd') ? this.#empty(end) : this.#node(true, false));
    }
    return items;
  }

  #blockEntries(): MappingEntry[] {
    this.#scanner.take();
    const entries: MappingEntry[] = [];
    while (this.#isNext('key')) {
      const key = this.#blockEntryPart(this.#scanner.take());
      entries.push({ key, value: this.#blockValue() });
    }
    this.#expect('blockEnd');
    return entries;
  }

  #blockValue(): YamlNode {
    if (this.#isNext('value')) return this.#blockEntryPart(this.#scanner.take());
    // SnakeYAML forgives a missing ":" here: `? [a, b] c`.
    return this.#isNext('scalar') ? this.#node(true, true) : this.#empty(this.#scanner.peek().start);
  }

  #blockEntryPart(indicator: Token): YamlNode {
    return this.#isNext('key', 'value', 'blockEnd') ? this.#empty(indicator.end) : this.#node(true, true);
  }

  #flowItems(): YamlNode[] {
    this.#scanner.take();
    const items: YamlNode[] = [];
    while (!this.#isNext('flowSequenceEnd')) {
      if (items.length > 0) {
        this.#expect('flowEntry');
        if (this.#isNext('flowSequenceEnd')) break;
      }
      const token = this.#scanner.peek();
      if (token.kind !== 'key') items.push(this.#node(false, false));
      else items.push({ kind: 'mapping', mark: token.start, tag: null, isAnchored: false, entries: [this.#flowPair('flowSequenceEnd')] });
    }
    this.#scanner.take();
    return items;
  }

  #flowEntries(): MappingEntry[] {
    this.#scanner.take();
    const entries: MappingEntry[] = [];
    while (!this.#isNext('flowMappingEnd')) {
      if (entries.length > 0) {
        this.#expect('flowEntry');
        if (this.#isNext('flowMappingEnd')) break;
      }
      if (this.#isNext('key')) {
        entries.push(this.#flowPair('flowMappingEnd'));
      } else {
        const key = this.#node(false, false);
        entries.push({ key, value: this.#empty(this.#scanner.peek().start) });
      }
    }
    this.#scanner.take();
    return entries;
  }

  /** `key: value` at a key token, within a flow mapping or as an entry of a flow sequence. */
  #flowPair(closing: TokenKind): MappingEntry {
    const keyToken = this.#scanner.take();
    const key = this.#isNext('value', 'flowEntry', closing) ? this.#empty(keyToken.end) : this.#node(false, false);
    if (!this.#isNext('value')) return { key, value: this.#empty(this.#scanner.peek().start) };
    const { end } = this.#scanner.take();
    return { key, value: this.#isNext('flowEntry', closing) ? this.#empty(end) : this.#node(false, false) };
  }

  #isNext(kind: TokenKind, other?: TokenKind, third?: TokenKind, fourth?: TokenKind): boolean {
    const next = this.#scanner.peek().kind;
    return next === kind || next === other || next === third || next === fourth;
  }

  #expect(kind: TokenKind): void {
    const token = this.#scanner.take();
    if (token.kind === kind) return;
    throw this.#cursor.failure(`${tokenNames[kind]} is missing before ${tokenNames[token.kind]}`, token.start);
  }
}
