// Finds the parameters of a statement that an operator wrote: each ? outside of texts, quoted names and comments.

const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\n]*|\/\*[^]*?\*\/|\?/g;

export function parameterCount(statement: string): number {
  return [...statement.matchAll(token)].filter(([text]) => text === '?').length;
}

/** With the placeholders of PostgreSQL, $1 and so on. */
export function withNumberedParameters(statement: string): string {
  let number = 0;
  return statement.replace(token, (text) => {
    if (text !== '?') return text;
    number += 1;
    return `$${number}`;
  });
}
