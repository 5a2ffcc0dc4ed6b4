// Compares two JSON texts by the rules of the corpus: order, number kinds and names of Git sources count. (corpus README 6)
import { parseJsonTree, type JsonMember, type JsonTree } from './jsonTree.ts';

export interface JsonRules {
  /** Object keys may come in any order. */
  readonly unordered: boolean;
}

/** The first difference, in words that name its place; null when the texts are equal by the rules. */
export function compareJson(expectedText: string, actualText: string, rules: JsonRules): string | null {
  const expected = parseJsonTree(expectedText);
  let actual: JsonTree;
  try {
    actual = parseJsonTree(actualText);
  } catch (error) {
    return `the body is no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  return compareTrees(expected, actual, { path: '$', unordered: rules.unordered });
}

interface Place {
  readonly path: string;
  readonly unordered: boolean;
}

function compareTrees(expected: JsonTree, actual: JsonTree, place: Place): string | null {
  const isSame = expected.kind === actual.kind;
  const difference = (): string => `${place.path}: expected ${describe(expected)}, got ${describe(actual)}`;
  if (!isSame) return difference();
  switch (expected.kind) {
    case 'null':
      return null;
    case 'boolean':
      return actual.kind === 'boolean' && actual.value === expected.value ? null : difference();
    case 'number':
      return actual.kind === 'number' && isSameNumber(expected.token, actual.token) ? null : difference();
    case 'string':
      return actual.kind === 'string' && isSameText(expected.value, actual.value, place.path) ? null : difference();
    case 'array':
      return actual.kind === 'array' ? compareArrays(expected.items, actual.items, place) : difference();
    case 'object':
      return actual.kind === 'object' ? compareObjects(expected.members, actual.members, place) : difference();
  }
}

function compareArrays(expected: readonly JsonTree[], actual: readonly JsonTree[], place: Place): string | null {
  for (const [index, item] of expected.entries()) {
    const other = actual[index];
    const path = `${place.path}[${index}]`;
    if (other === undefined) return `${path}: missing, expected ${describe(item)}`;
    const difference = compareTrees(item, other, { ...place, path });
    if (difference !== null) return difference;
  }
  const extra = actual[expected.length];
  return extra === undefined ? null : `${place.path}[${expected.length}]: not expected: ${describe(extra)}`;
}

function compareObjects(expected: readonly JsonMember[], actual: readonly JsonMember[], place: Place): string | null {
  const isOverrides = expected.some((member) => member.key === 'name' && member.value.kind === 'string' && member.value.value === 'overrides');
  const expectedMembers = place.unordered ? sortedByKey(expected) : expected;
  const actualMembers = place.unordered ? sortedByKey(actual) : actual;
  for (const [index, member] of expectedMembers.entries()) {
    const other = actualMembers[index];
    const path = `${place.path}.${/^\w+$/.test(member.key) ? member.key : JSON.stringify(member.key)}`;
    if (other === undefined) return `${path}: missing, expected ${describe(member.value)}`;
    if (other.key !== member.key) return `${place.path}: key ${index + 1} is ${JSON.stringify(other.key)}, expected ${JSON.stringify(member.key)}`;
    const unordered = place.unordered || (isOverrides && member.key === 'source');
    const difference = compareTrees(member.value, other.value, { path, unordered });
    if (difference !== null) return difference;
  }
  const extra = actualMembers[expectedMembers.length];
  return extra === undefined ? null : `${place.path}: key ${JSON.stringify(extra.key)} is not expected`;
}

function sortedByKey(members: readonly JsonMember[]): readonly JsonMember[] {
  return members.toSorted((left, right) => (left.key < right.key ? -1 : Number(left.key > right.key)));
}

/** Equal kind (integer or floating point) and equal value; integers of any size. */
function isSameNumber(expected: string, actual: string): boolean {
  const isInteger = !/[.eE]/.test(expected);
  if (isInteger !== !/[.eE]/.test(actual)) return false;
  return isInteger ? BigInt(expected) === BigInt(actual) : Object.is(Number(expected), Number(actual));
}

function isSameText(expected: string, actual: string, path: string): boolean {
  if (expected === actual) return true;
  return /^\$\.propertySources\[\d+\]\.name$/.test(path) && isSameGitSourceName(expected, actual);
}

/**
 * `<uri>/Config resource 'file [<working copy>/<file>' via location '<directory>' (document #n)`: the working copy is the
 * server's own. The file's path inside the repository is the location's directory and the file's last segment.
 */
function isSameGitSourceName(expected: string, actual: string): boolean {
  const pattern = /^(.+\/Config resource 'file \[)(.*[^\]])(' via location '(.*)' \(document #\d+\))$/;
  const [, head, file = '', tail, location = ''] = pattern.exec(expected) ?? [];
  const [, actualHead, actualFile = '', actualTail] = pattern.exec(actual) ?? [];
  if (head === undefined || head !== actualHead || tail !== actualTail) return false;
  const pathInside = `/${location}${file.slice(file.lastIndexOf('/') + 1)}`;
  return file.endsWith(pathInside) && actualFile.endsWith(pathInside);
}

function describe(tree: JsonTree): string {
  switch (tree.kind) {
    case 'null':
      return 'null';
    case 'boolean':
      return String(tree.value);
    case 'number':
      return `the number ${tree.token}`;
    case 'string':
      return JSON.stringify(tree.value);
    case 'array':
      return `an array of ${tree.items.length}`;
    case 'object':
      return `an object with the keys ${tree.members.map((member) => member.key).join(', ')}`;
  }
}
