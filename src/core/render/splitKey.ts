// Splits a flat key into the levels of the tree that it names.

/** A number is an index of a list, a string a name in an object. The first step is always a name. */
export type KeyStep = string | number;

export interface SplitKey {
  /** At least one. */
  readonly steps: readonly KeyStep[];
  /** Why the last step is none, so that the key has to be refused there; null for a well-formed key. */
  readonly problem: string | null;
}

/**
 * `a.b[0][1].c` is `a`, `b`, 0, 1, `c`. A bracket pair with anything but an integer is part of the name, and so is a bracket
 * that is never closed; a trailing point gives an empty name. (compatibility document 4.6)
 */
export function splitKey(key: string): SplitKey {
  const steps: KeyStep[] = [];
  let position = 0;
  for (;;) {
    const end = nameEnd(key, position);
    steps.push(key.slice(position, end));
    if (end === position && end < key.length) return { steps, problem: 'a name is missing' };
    position = end;
    while (key[position] === '[') {
      bracketedIndex.lastIndex = position;
      const match = bracketedIndex.exec(key);
      const index = match === null ? Infinity : Number(match[1]);
      steps.push(index);
      if (index > javaIntegerMax) return { steps, problem: 'there is no index in a bracket' };
      position = bracketedIndex.lastIndex;
      if (position < key.length && key[position] !== '.' && key[position] !== '[') return { steps, problem: 'text follows an index' };
    }
    if (position === key.length) return { steps, problem: null };
    position += 1;
  }
}

const javaIntegerMax = 2_147_483_647;

const bracketedIndex = /\[([0-9]+)\]/y;

/** The next point, or the next bracket that holds an integer, or the end. */
function nameEnd(key: string, from: number): number {
  for (let index = from; index < key.length; index += 1) {
    const character = key[index];
    if (character === '.') return index;
    if (character === '[' && isJavaInteger(key, index + 1)) return index;
  }
  return key.length;
}

const bracketedInteger = /([-+]?[0-9]+)\]/y;

/** Also a negative one, which then is no index: such a key is refused, not taken as a name. */
function isJavaInteger(key: string, from: number): boolean {
  bracketedInteger.lastIndex = from;
  const digits = bracketedInteger.exec(key)?.[1];
  if (digits === undefined) return false;
  const number = Number(digits);
  return number <= javaIntegerMax && number >= -javaIntegerMax - 1;
}
