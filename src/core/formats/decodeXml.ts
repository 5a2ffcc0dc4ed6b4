// Turns the bytes of an XML file into text: byte order mark, else the declared encoding, else UTF-8.
import { contentInvalid } from './contentFailure.ts';

/** Line ends arrive as LF, as XML asks. Malformed bytes and unknown encodings are a CONTENT_INVALID. */
export function decodeXml(path: string, bytes: Uint8Array): string {
  return decode(path, bytes).replaceAll(/\r\n?/g, '\n');
}

function decode(path: string, bytes: Uint8Array): string {
  const encoding = encodingOf(bytes);
  // What the platform's decoder calls iso-8859-1 is windows-1252.
  if (latin1Names.has(encoding)) return latin1(bytes);
  if (!unicodeNames.has(encoding)) throw contentInvalid(path, 1, 1, `the encoding ${encoding} is not supported`);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw contentInvalid(path, 1, 1, `bytes that are not ${encoding}`, cause);
  }
}

const latin1Names = new Set(['iso-8859-1', 'latin1', 'us-ascii', 'ascii']);
const unicodeNames = new Set(['utf-8', 'utf8', 'utf-16le', 'utf-16be']);

function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  const declaration = /^<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']/.exec(latin1(bytes.subarray(0, 256)));
  return declaration?.[1]?.toLowerCase() ?? 'utf-8';
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
