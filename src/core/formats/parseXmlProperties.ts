// Reads Java's XML properties format, and no other XML: no entities of its own, nothing external, no nesting.
import type { ResolutionLimits } from '../../model/backend.ts';
import type { ConfigDocument } from '../../model/document.ts';
import type { Property } from '../../model/value.ts';
import { contentInvalid } from './contentFailure.ts';
import { decodeXml } from './decodeXml.ts';
import { SizeBudget } from './sizeBudget.ts';

/**
 * Always one document, perhaps without entries; no origins. The DOCTYPE of java.util.Properties is required; an unknown
 * entity reference stands for nothing. (compatibility document 3.1, 3.2)
 */
export function parseXmlProperties(path: string, bytes: Uint8Array, limits: ResolutionLimits): readonly ConfigDocument[] {
  const properties = new XmlPropertiesParser(path, decodeXml(path, bytes), new SizeBudget(path, limits)).parse();
  return [{ properties }];
}

const systemId = 'http://java.sun.com/dtd/properties.dtd';
const declarationForm = /<\?xml\s+version\s*=\s*(?:"1\.0"|'1\.0')[^?]*\?>/y;
const doctypeForm = /<!DOCTYPE\s+properties\s+(?:SYSTEM|PUBLIC\s+(?:"[^"]*"|'[^']*'))\s+(?:"([^"]*)"|'([^']*)')\s*>/y;
const openTagForm = /<([A-Za-z_:][\w:.-]*)((?:\s+[A-Za-z_:][\w:.-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const attributeForm = /([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const closeTagForm = /<\/([A-Za-z_:][\w:.-]*)\s*>/y;
const referenceForm = /&(?:#x([0-9A-Fa-f]+)|#([0-9]+)|([A-Za-z_:][\w:.-]*));/g;

const entities = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

interface OpenTag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly isClosed: boolean;
}

class XmlPropertiesParser {
  readonly #path: string;
  readonly #text: string;
  readonly #budget: SizeBudget;
  readonly #properties = new Map<string, Property>();
  #index = 0;
  #hasComment = false;

  constructor(path: string, text: string, budget: SizeBudget) {
    this.#path = path;
    this.#text = text;
    this.#budget = budget;
  }

  parse(): ReadonlyMap<string, Property> {
    if (this.#text.startsWith('<?xml') && this.#match(declarationForm) === null) throw this.#failure('only XML 1.0 can be read');
    this.#skipMisc();
    const at = this.#index;
    const doctype = this.#match(doctypeForm);
    if (doctype === null || (doctype[1] ?? doctype[2]) !== systemId) {
      throw this.#failure(`<!DOCTYPE properties SYSTEM "${systemId}"> is required here`, at);
    }
    this.#skipMisc();
    const root = this.#openTag();
    if (root.name !== 'properties') throw this.#failure('the root element is <properties>');
    if (!root.isClosed) this.#entries();
    this.#skipMisc();
    if (this.#index < this.#text.length) throw this.#failure('nothing may follow the root element');
    return this.#properties;
  }

  /** Text between the elements means nothing, whatever it is. */
  #entries(): void {
    for (;;) {
      this.#content();
      if (this.#text.startsWith('</', this.#index)) return this.#closeTag('properties');
      const tag = this.#openTag();
      if (tag.name === 'comment') {
        if (this.#hasComment) throw this.#failure('there may be one <comment>');
        this.#hasComment = true;
        if (!tag.isClosed) this.#content();
      } else if (tag.name === 'entry') {
        const key = tag.attributes.get('key');
        if (key === undefined) throw this.#failure('an <entry> needs a key');
        const value = tag.isClosed ? '' : this.#content();
        this.#budget.spendKey(key);
        this.#properties.set(key, { value, origin: null });
      } else {
        throw this.#failure(`<${tag.name}> is not allowed here`);
      }
      if (!tag.isClosed) this.#closeTag(tag.name);
    }
  }

  /** Text up to the next tag: references and CDATA resolved, comments and processing instructions left out. */
  #content(): string {
    let content = '';
    for (;;) {
      const next = this.#text.indexOf('<', this.#index);
      if (next < 0) throw this.#failure('a closing tag is missing');
      content += this.#resolve(this.#text.slice(this.#index, next));
      this.#index = next;
      if (this.#text.startsWith('<![CDATA[', next)) content += this.#takeThrough(']]>', 9);
      else if (!this.#skipCommentOrInstruction()) return content;
    }
  }

  #openTag(): OpenTag {
    const match = this.#match(openTagForm);
    if (match === null) throw this.#failure('a tag is malformed or not allowed here');
    const attributes = new Map<string, string>();
    for (const [, name = '', double, single] of (match[2] ?? '').matchAll(attributeForm)) {
      // The first of two equal attributes counts.
      if (!attributes.has(name)) attributes.set(name, this.#resolve((double ?? single ?? '').replaceAll(/[\t\n]/g, ' ')));
    }
    return { name: match[1] ?? '', attributes, isClosed: match[3] === '/' };
  }

  #closeTag(name: string): void {
    const at = this.#index;
    if (this.#match(closeTagForm)?.[1] === name) return;
    this.#index = at;
    throw this.#failure(`</${name}> is missing here`);
  }

  #resolve(text: string): string {
    if (!text.includes('&')) return text;
    const at = this.#index;
    const resolved = text.replaceAll(referenceForm, (_, hexadecimal?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return entities.get(name) ?? '';
      const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
      if (code > 0x10ffff) throw this.#failure('a character reference is too large', at);
      return String.fromCodePoint(code);
    });
    if (text.replaceAll(referenceForm, '').includes('&')) throw this.#failure('a lone "&" has to be written &amp;', at);
    return resolved;
  }

  #skipMisc(): void {
    do {
      while (/\s/.test(this.#text.charAt(this.#index))) this.#index += 1;
    } while (this.#skipCommentOrInstruction());
  }

  #skipCommentOrInstruction(): boolean {
    if (this.#text.startsWith('<!--', this.#index)) {
      if (this.#takeThrough('-->', 4).includes('--')) throw this.#failure('"--" within a comment');
      return true;
    }
    if (!this.#text.startsWith('<?', this.#index) || /^<\?xml\s/i.test(this.#text.slice(this.#index, this.#index + 6))) return false;
    this.#takeThrough('?>', 2);
    return true;
  }

  /** Moves behind `terminator`; returns what stands before it, without the first `prefixLength` characters. */
  #takeThrough(terminator: string, prefixLength: number): string {
    const start = this.#index + prefixLength;
    const stop = this.#text.indexOf(terminator, start);
    if (stop < 0) throw this.#failure(`${terminator} is missing`);
    this.#index = stop + terminator.length;
    return this.#text.slice(start, stop);
  }

  /** `form` is sticky. */
  #match(form: RegExp): RegExpExecArray | null {
    form.lastIndex = this.#index;
    const match = form.exec(this.#text);
    if (match !== null) this.#index = form.lastIndex;
    return match;
  }

  #failure(what: string, index = this.#index): Error {
    const lines = this.#text.slice(0, index).split('\n');
    return contentInvalid(this.#path, lines.length, (lines.at(-1) ?? '').length + 1, what);
  }
}
