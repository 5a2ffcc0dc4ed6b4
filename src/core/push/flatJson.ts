// Takes a flat JSON object apart without reading its values: a number keeps every digit.
import { assert } from '../../base/assert.ts';

const string = String.raw`"[^"\\]*(?:\\.[^"\\]*)*"`;
const member = new RegExp(String.raw`[{,](${string}):(${string}|[^,}]+)`, 'y');

/** Quoted key → JSON text of the value, in order. Only for the object of a merged body. */
export function readFlatJson(text: string): Map<string, string> {
  const members = new Map<string, string>();
  member.lastIndex = 0;
  if (text === '{}') return members;
  for (let found = member.exec(text); found !== null; found = member.exec(text)) {
    members.set(found[1]!, found[2]!);
    if (member.lastIndex === text.length - 1) return members;
  }
  assert(false, 'a merged body is a flat JSON object');
}
