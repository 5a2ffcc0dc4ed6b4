// Splits a flat key into the levels of the tree that it names.
import { Failure } from '../../model/failure.ts';

/** A number is an index of a list, a string a name in an object. The first step is always a name. */
export type KeyStep = string | number;

/**
 * `a.b[0][1].c` is `a`, `b`, 0, 1, `c`. A bracket pair with anything but an integer is part of the name, and so is a bracket
 * that is never closed; a trailing point gives an empty name. (compatibility document 4.6)
 *
 * @throws {Failure} KEY_MALFORMED
 */
export function splitKey(key: string): readonly KeyStep[] {
  const steps: KeyStep[] = [];
  let position = 0;
  for (;;) {
    const end = nameEnd(key, position);
    if (end === position && end < key.length) throw malformed(key, 'a name is missing');
    steps.push(key.slice(position, end));
    position = end;
    while (key[position] === '[') {
      bracketedIndex.lastIndex = position;
      const match = bracketedIndex.exec(key);
      const index = match === null ? Infinity : Number(match[1]);
      if (index > javaIntegerMax) throw malformed(key, 'what follows is no index');
      steps.push(index);
      position = bracketedIndex.lastIndex;
    }
    if (position === key.length) return steps;
    if (key[position] !== '.') throw malformed(key, 'text follows an index');
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

function malformed(key: string, why: string): Failure {
  return new Failure('KEY_MALFORMED', `the key "${key.slice(0, 200)}" cannot become a tree: ${why}`);
}
