// Writes a tree as YAML in block style.
import type { BoundedText } from './boundedText.ts';
import type { Tree, TreeList, TreeObject } from './tree.ts';
import { yamlPlainTag } from './yamlPlainTag.ts';
import { yamlScalar, type YamlScalar } from './yamlScalar.ts';
import { YamlText } from './yamlText.ts';
import { yamlTextFeatures } from './yamlTextFeatures.ts';

/**
 * Two columns of indentation, dashes of a list below its key not indented, a line end at the end. `stripDocument`: of a tree
 * with the one name `document` only the value is written, as a string if it is no list. (compatibility document 4.7)
 */
export function writeYaml(tree: TreeObject, stripDocument: boolean, output: BoundedText): void {
  const writer = new YamlWriter(new YamlText(output));
  const document = tree.size === 1 && stripDocument ? tree.get('document') : undefined;
  if (document === undefined) writer.writeRoot(tree, false);
  else writer.writeRoot(document, !Array.isArray(document));
}

/** Where a node stands. `indent` is that of the collection around it, null at the root. */
interface Place {
  readonly indent: number | null;
  readonly isValueOfName: boolean;
}

/** A name that is longer, its tag included, gets a question mark and a line of its own. */
const simpleNameLengthMax = 128;

class YamlWriter {
  readonly #text: YamlText;

  constructor(text: YamlText) {
    this.#text = text;
  }

  writeRoot(tree: Tree, isString: boolean): void {
    const place: Place = { indent: null, isValueOfName: false };
    if (!isString || Array.isArray(tree)) {
      this.#write(tree, place);
    } else if (tree instanceof Map) {
      // The original writes what it found with the tag of a string, whatever it is.
      this.#text.indicator('!!str', { needsBlank: true });
      this.#writeObject(tree, place);
    } else {
      this.#writeScalar({ ...yamlScalar(tree), tag: 'str' }, place, false);
    }
    this.#text.indent(0);
  }

  #write(tree: Tree, place: Place): void {
    if (tree instanceof Map) this.#writeObject(tree, place);
    else if (Array.isArray(tree)) this.#writeList(tree, place);
    else this.#writeScalar(yamlScalar(tree), place, false);
  }

  #writeObject(tree: TreeObject, place: Place): void {
    if (tree.size === 0) {
      this.#text.indicator('{}', { needsBlank: true });
      return;
    }
    const indent = place.indent === null ? 0 : place.indent + 2;
    for (const [name, child] of tree) {
      const scalar = yamlScalar(name);
      this.#text.indent(indent);
      if (isSimpleName(scalar)) {
        this.#writeScalar(scalar, { indent, isValueOfName: true }, true);
        this.#text.indicator(':', { needsBlank: false });
      } else {
        this.#text.indicator('?', { needsBlank: true, keepsIndentation: true });
        this.#writeScalar(scalar, { indent, isValueOfName: false }, false);
        this.#text.indent(indent);
        this.#text.indicator(':', { needsBlank: true, keepsIndentation: true });
      }
      this.#write(child, { indent, isValueOfName: true });
    }
  }

  #writeList(tree: TreeList, place: Place): void {
    // A list at the start of a line is that of another list; below a name the dashes are not indented.
    const isDedented = place.isValueOfName && !this.#text.isInIndentation;
    const indent = place.indent === null ? 0 : place.indent + (isDedented ? 0 : 2);
    for (const child of tree) {
      this.#text.indent(indent);
      this.#text.indicator('-', { needsBlank: true, keepsIndentation: true });
      this.#write(child, { indent, isValueOfName: false });
    }
  }

  #writeScalar(scalar: YamlScalar, place: Place, isSimpleName: boolean): void {
    const style = styleOf(scalar, isSimpleName);
    const isImplicit = style === 'plain' ? scalar.tag === yamlPlainTag(scalar.text) : scalar.tag === 'str';
    if (!isImplicit) this.#text.indicator(`!!${scalar.tag}`, { needsBlank: true });
    const indent = (place.indent ?? 0) + 2;
    if (style === 'plain') this.#text.plain(scalar.text, indent, !isSimpleName);
    else if (style === 'single') this.#text.singleQuoted(scalar.text, indent, !isSimpleName);
    else if (style === 'literal') this.#text.literal(scalar.text, indent);
    else this.#text.doubleQuoted(scalar.text, indent, !isSimpleName);
  }
}

function styleOf({ text, tag, wanted }: YamlScalar, isSimpleName: boolean): 'plain' | 'single' | 'literal' | 'double' {
  const features = yamlTextFeatures(text);
  if (wanted === 'plain' && features.allowsPlain && tag === yamlPlainTag(text)) return 'plain';
  if (wanted === 'literal') return features.allowsLiteral && !isSimpleName ? 'literal' : 'double';
  return features.allowsSingleQuoted ? 'single' : 'double';
}

function isSimpleName({ text, tag }: YamlScalar): boolean {
  return text !== '' && !yamlTextFeatures(text).isMultiLine && `!!${tag}`.length + text.length < simpleNameLengthMax;
}
