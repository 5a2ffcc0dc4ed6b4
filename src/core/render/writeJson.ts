// Writes a tree as compact JSON.
import type { BoundedText } from './boundedText.ts';
import { jsonScalar } from './jsonScalar.ts';
import type { Tree } from './tree.ts';

/** (compatibility document 4.2, 4.6) */
export function writeJson(tree: Tree, output: BoundedText): void {
  if (tree === null) {
    output.append('null');
  } else if (tree instanceof Map) {
    let separator = '{';
    for (const [name, child] of tree) {
      output.append(`${separator}${JSON.stringify(name)}:`);
      writeJson(child, output);
      separator = ',';
    }
    output.append(separator === '{' ? '{}' : '}');
  } else if (Array.isArray(tree)) {
    let separator = '[';
    for (const child of tree) {
      output.append(separator);
      writeJson(child, output);
      separator = ',';
    }
    output.append(separator === '[' ? '[]' : ']');
  } else {
    output.append(jsonScalar(tree));
  }
}
