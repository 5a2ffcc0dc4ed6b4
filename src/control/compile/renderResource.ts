// The body of a plain-text file: decoded, placeholders resolved, encoded again; or its bytes as they are.
import { resolveText } from '../../core/placeholders/resolveText.ts';
import type { ResolutionLimits } from '../../model/backend.ts';
import type { Environment } from '../../model/environment.ts';
import type { TreeFile } from '../../model/fileTree.ts';
import type { Representation } from '../../model/request.ts';

/** (compatibility document 1.5, 6.11). An unknown but well-formed charset is read as UTF-8. */
export function renderResource(
  file: TreeFile,
  environment: Environment,
  representation: Representation & { readonly kind: 'text' | 'binary' },
  resolvePlaceholders: boolean,
  limits: ResolutionLimits,
): Uint8Array {
  // A copy: the file is a view of shared memory, which text decoders refuse.
  const bytes = new Uint8Array(file.bytes());
  if (representation.kind === 'binary') return bytes;
  const text = decoderOf(representation.charset).decode(bytes);
  return new TextEncoder().encode(resolvePlaceholders ? resolveText(text, environment, limits) : text);
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
