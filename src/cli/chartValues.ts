// What the chart's values.yaml says of each value: path, default, and the comment above it.
import { isMap, isPair, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml';

export interface ChartValue {
  readonly path: readonly string[];
  readonly default: unknown;
  /** Empty when nothing stands above it. */
  readonly comment: string;
  /** Of a mapping with keys; null for everything else. */
  readonly children: readonly ChartValue[] | null;
}

/** Throws with the place when the text is no YAML. */
export function chartValues(text: string): readonly ChartValue[] {
  const document = parseDocument(text);
  if (document.errors[0] !== undefined) throw document.errors[0];
  return isMap(document.contents) ? valuesOf(document.contents, [], document.commentBefore ?? '') : [];
}

function valuesOf(map: YAMLMap, path: readonly string[], before: string): readonly ChartValue[] {
  return map.items.filter(isPair).map((pair, index) => valueOf(pair, path, index === 0 ? before : ''));
}

/** The comment of a mapping's first key belongs to the mapping, as the parser sees it. */
function valueOf(pair: Pair, parent: readonly string[], before: string): ChartValue {
  const key = isScalar(pair.key) ? pair.key : null;
  const path = [...parent, String(key?.value)];
  const value = pair.value;
  const comment = (key?.commentBefore ?? before)
    .split('\n')
    .map((line) => line.trim())
    .join(' ');
  const children = isMap(value) && value.items.length > 0 ? valuesOf(value, path, value.commentBefore ?? '') : null;
  return { path, default: isMap(value) || value === null ? (value?.toJSON() ?? null) : (value as { toJSON(): unknown }).toJSON(), comment, children };
}
