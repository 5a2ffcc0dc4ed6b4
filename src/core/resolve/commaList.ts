// Comma lists as the protocol splits them: '' has no element, every comma makes one, blanks are kept.

export function commaList(text: string): string[] {
  return text === '' ? [] : text.split(',');
}
