// The text of a YAML key that is no string, as Java's toString writes it.
import { javaDouble } from '../../base/javaDouble.ts';
import { contentInvalid } from './contentFailure.ts';
import type { SizeBudget } from './sizeBudget.ts';
import type { Mark } from './yamlCursor.ts';
import type { YamlContent } from './yamlContent.ts';

/** `8080`, `true`, `1.1`, `null`, `[x, y]`, `{m=n}`. `mark` is the key's place, for messages. (compatibility document 4.3) */
export function yamlKeyText(content: YamlContent, mark: Mark, budget: SizeBudget, depth = 0): string {
  budget.checkDepth(depth);
  if (content.kind === 'scalar') {
    const { value } = content;
    if (typeof value === 'number') return javaDouble(value);
    if (value instanceof Uint8Array) throw contentInvalid(budget.path, mark.line + 1, mark.column + 1, 'a binary key has no text');
    return String(value);
  }
  const textOf = (part: YamlContent): string => yamlKeyText(part, mark, budget, depth + 1);
  let text: string;
  if (content.kind === 'list') {
    budget.spendNodes(content.items.length + 1);
    text = `[${content.items.map(textOf).join(', ')}]`;
  } else {
    budget.spendNodes(content.entries.length + 1);
    text = `{${content.entries.map(({ key, value }) => `${textOf(key)}=${textOf(value)}`).join(', ')}}`;
  }
  budget.spendKey(text);
  return text;
}
