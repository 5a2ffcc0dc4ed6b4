// Decrypts the encrypted values within a plain-text file, in place.
import type { ResolutionLimits } from '../../model/backend.ts';
import type { Decryption } from '../../model/encryption.ts';
import { Failure } from '../../model/failure.ts';
import { limitExceeded } from '../formats/contentFailure.ts';
import { parseProperties } from '../formats/parseProperties.ts';
import { SizeBudget } from '../formats/sizeBudget.ts';
import type { YamlNode } from '../formats/yamlNode.ts';
import { parseYamlDocuments } from '../formats/yamlParser.ts';
import { CIPHER_MARKER } from './cipherPrefix.ts';

/**
 * Only `.properties`, `.json`, `.yml` and `.yaml`; other files stay as they are. The file is parsed to find its encrypted values,
 * then each occurrence of such a text is replaced. (compatibility document 5.6)
 *
 * @throws {Failure} CONTENT_INVALID, LIMIT_EXCEEDED, DECRYPTION_FAILED
 */
export function decryptFileText(path: string, text: string, limits: ResolutionLimits, { decrypt }: Decryption): string {
  const plainTexts = new Map<string, string>();
  // Parsed also when it holds no marker: a file that is broken fails.
  for (const value of encryptedValues(path, text, limits)) {
    const plainText = decrypt(value.replaceAll(CIPHER_MARKER, ''));
    if (plainText === null) throw new Failure('DECRYPTION_FAILED', `${path}: an encrypted value cannot be decrypted with the keys of this server`);
    plainTexts.set(value, plainText);
  }
  return plainTexts.size === 0 ? text : replaced(path, text, plainTexts, limits);
}

/** In one pass; where one value is the beginning of another, the longer one is meant. */
function replaced(path: string, text: string, plainTexts: ReadonlyMap<string, string>, limits: ResolutionLimits): string {
  const lengths = [...new Set([...plainTexts.keys()].map((value) => value.length))].sort((a, b) => b - a);
  let output = '';
  let copied = 0;
  for (let at = text.indexOf(CIPHER_MARKER); at >= 0; at = text.indexOf(CIPHER_MARKER, Math.max(at + 1, copied))) {
    const length = lengths.find((candidate) => plainTexts.has(text.slice(at, at + candidate)));
    if (length === undefined) continue;
    output += text.slice(copied, at) + (plainTexts.get(text.slice(at, at + length)) ?? '');
    copied = at + length;
    if (output.length > limits.bodyBytesMax) throw limitExceeded(path, 'bodyBytesMax', 'is larger than that when it is decrypted');
  }
  return output + text.slice(copied);
}

function encryptedValues(path: string, text: string, limits: ResolutionLimits): ReadonlySet<string> {
  const values = new Set<string>();
  const collect = (value: string): void => {
    if (value.startsWith(CIPHER_MARKER)) values.add(value.trim());
  };
  switch (/\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? '') {
    case 'properties':
      collectProperties(path, text, limits, collect);
      break;
    case 'json':
      collectJson(path, text, collect);
      break;
    case 'yml':
    case 'yaml':
      collectYaml(path, text, limits, collect);
  }
  return values;
}

function collectProperties(path: string, text: string, limits: ResolutionLimits, collect: (value: string) => void): void {
  // The reader takes ISO-8859-1; what is beyond it occurs in no ciphertext.
  const bytes = Buffer.from(text.replace(/[^\0-\xff]/g, '?'), 'latin1');
  for (const { properties } of parseProperties(path, bytes, limits)) {
    for (const { value } of properties.values()) if (typeof value === 'string') collect(value);
  }
}

/** Every string of a JSON text; those before a colon are keys. */
const jsonString = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?/g;

function collectJson(path: string, text: string, collect: (value: string) => void): void {
  if (text.trim() === '') return;
  try {
    JSON.parse(text);
  } catch (error) {
    // Its message would quote the text, which is full of secrets.
    throw new Failure('CONTENT_INVALID', `${path}: this is no JSON`, { cause: error instanceof Error ? error.name : error });
  }
  for (const [, literal = '', colon] of text.matchAll(jsonString)) if (colon === undefined) collect(JSON.parse(literal) as string);
}

function collectYaml(path: string, text: string, limits: ResolutionLimits, collect: (value: string) => void): void {
  // Aliases lead to nodes that were there before.
  const seen = new Set<YamlNode>();
  const pending: (YamlNode | null)[] = [...parseYamlDocuments(path, text.replace(/^\ufeff/, ''), new SizeBudget(path, limits))];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node === null || seen.has(node)) continue;
    seen.add(node);
    if (node.kind === 'scalar') collect(node.text);
    else pending.push(...(node.kind === 'sequence' ? node.items : node.entries.map((entry) => entry.value)));
  }
}
