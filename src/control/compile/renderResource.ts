// The body of a plain-text file: decoded, placeholders resolved, encrypted values decrypted, encoded again; or its bytes as they are.
import { resolveText } from '../../core/placeholders/resolveText.ts';
import { decryptFileText } from '../../core/encryption/decryptFileText.ts';
import type { ResolutionOptions } from '../../model/backend.ts';
import type { Decryption } from '../../model/encryption.ts';
import type { Environment } from '../../model/environment.ts';
import type { TreeFile } from '../../model/fileTree.ts';
import type { Representation } from '../../model/request.ts';

/** (compatibility document 1.5, 6.11). An unknown but well-formed charset is read as UTF-8. */
export function renderResource(
  file: TreeFile,
  environment: Environment,
  representation: Representation & { readonly kind: 'text' | 'binary' },
  resolvePlaceholders: boolean,
  { limits, encryption }: ResolutionOptions,
  decryption: Decryption,
): Uint8Array {
  // A copy: the file is a view of shared memory, which text decoders refuse.
  const bytes = new Uint8Array(file.bytes());
  if (representation.kind === 'binary') return bytes;
  const text = decoderOf(representation.charset).decode(bytes);
  const resolved = resolvePlaceholders ? resolveText(text, environment, limits) : text;
  // After the placeholders, which may bring encrypted values of their own. (compatibility document 5.6)
  const isDecrypted = encryption.enabled && encryption.plainTextEncrypt;
  return new TextEncoder().encode(isDecrypted ? decryptFileText(file.path, resolved, limits, decryption) : resolved);
}

/** Names of ISO-8859-1; the platform's decoder reads them as windows-1252 (Node 24; Node 20 does not). */
const latin1Names = new Set(['iso-8859-1', 'iso8859-1', 'iso8859_1', 'iso_8859-1', 'latin1', 'l1']);
const latin1Decoder = {
  decode: (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'),
};

function decoderOf(charset: string | null): { decode(bytes: Uint8Array): string } {
  if (charset !== null && latin1Names.has(charset.toLowerCase())) return latin1Decoder;
  // ignoreBOM: a byte order mark is part of the text, as it is for the original.
  try {
    return new TextDecoder(charset ?? 'utf-8', { ignoreBOM: true });
  } catch (error) {
    if (error instanceof RangeError) return new TextDecoder('utf-8', { ignoreBOM: true });
    throw error;
  }
}
