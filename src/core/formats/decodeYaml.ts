// Turns the bytes of a YAML file into text: byte order marks, strict decoding, no control characters.
import { contentInvalid } from './contentFailure.ts';

/**
 * UTF-8, or UTF-16 of either byte order when the file begins with its mark; the mark is removed. Malformed bytes and
 * characters that YAML does not allow are a CONTENT_INVALID. (compatibility document 3.2)
 */
export function decodeYaml(path: string, bytes: Uint8Array): string {
  const text = decode(path, bytes);
  const forbidden = forbiddenCharacter.exec(text);
  if (forbidden !== null) {
    const before = text.slice(0, forbidden.index).split(/\r\n|[\n\r]/);
    const code = (forbidden[0].codePointAt(0) ?? 0).toString(16).padStart(4, '0');
    throw contentInvalid(path, before.length, (before.at(-1) ?? '').length + 1, `character U+${code} is not allowed`);
  }
  return text;
}

// C0 without tab, LF, CR; DEL; C1 without NEL; lone surrogates; the two non-characters of the basic plane.
// oxlint-disable-next-line no-control-regex
const forbiddenCharacter = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])/;

function decode(path: string, bytes: Uint8Array): string {
  try {
    if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16le', strict).decode(swapBytes(bytes.subarray(2)));
    if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le', strict).decode(bytes.subarray(2));
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return new TextDecoder('utf-8', strict).decode(bytes.subarray(3));
    return new TextDecoder('utf-8', strict).decode(bytes);
  } catch (cause) {
    throw contentInvalid(path, malformedLine(bytes), 1, 'bytes that are neither UTF-8 nor marked UTF-16', cause);
  }
}

const strict = { fatal: true, ignoreBOM: true } as const;

/** Not every build of Node.js knows UTF-16BE. An odd last byte stays, and the decoder refuses it. */
function swapBytes(bytes: Uint8Array): Uint8Array {
  const swapped = Uint8Array.from(bytes);
  for (let i = 0; i + 1 < swapped.length; i += 2) {
    const first = swapped[i] ?? 0;
    swapped[i] = swapped[i + 1] ?? 0;
    swapped[i + 1] = first;
  }
  return swapped;
}

/** The line of the first malformed byte of a UTF-8 file, from 1: the longest prefix of whole lines that decodes, plus one. */
function malformedLine(bytes: Uint8Array): number {
  const lenient = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const index = lenient.indexOf('\ufffd');
  return lenient.slice(0, Math.max(index, 0)).split('\n').length;
}
