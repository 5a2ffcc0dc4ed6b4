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
      const close = key.indexOf(']', position);
      const digits = key.slice(position + 1, Math.max(close, 0));
      const index = /^[0-9]+$/.test(digits) ? Number(digits) : Infinity;
      if (index > javaIntegerMax) throw malformed(key, `"${digits}" is no index`);
      steps.push(index);
      position = close + 1;
    }
    if (position === key.length) return steps;
    if (key[position] !== '.') throw malformed(key, 'text follows an index');
    position += 1;
  }
}

const javaIntegerMax = 2_147_483_647;

/** The next point, or the next bracket that holds an integer, or the end. */
function nameEnd(key: string, from: number): number {
  const point = key.indexOf('.', from);
  const end = point < 0 ? key.length : point;
  for (let bracket = key.indexOf('[', from); bracket >= 0 && bracket < end; bracket = key.indexOf('[', bracket + 1)) {
    const close = key.indexOf(']', bracket);
    if (close < 0) break;
    if (isJavaInteger(key.slice(bracket + 1, close))) return bracket;
  }
  return end;
}

/** Also a negative one, which then is no index: such a key is refused, not taken as a name. */
function isJavaInteger(text: string): boolean {
  if (text.length > 64 || !/^[-+]?[0-9]+$/.test(text)) return false;
  const number = Number(text);
  return number <= javaIntegerMax && number >= -javaIntegerMax - 1;
}

function malformed(key: string, why: string): Failure {
  return new Failure('KEY_MALFORMED', `the key "${key}" cannot become a tree: ${why}`);
}
