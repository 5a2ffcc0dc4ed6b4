// Short ways to parse a text in tests and to look at what came out.
import { parseConfigFile } from '../../../../src/core/formats/parseConfigFile.ts';
import type { ResolutionLimits } from '../../../../src/model/backend.ts';
import { Failure } from '../../../../src/model/failure.ts';
import type { Value } from '../../../../src/model/value.ts';

export const roomyLimits: ResolutionLimits = {
  fileBytesMax: 1_000_000,
  yamlNodesMax: 100_000,
  nestingDepthMax: 50,
  listIndexMax: 1_000,
  bodyBytesMax: 1_000_000,
};

export function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content;
}

/** Each document as `[key, value, origin]` rows. */
export function readRows(path: string, content: string | Uint8Array, limits = roomyLimits): [string, Value, string | null][][] {
  return parseConfigFile(path, bytesOf(content), limits).map(({ properties }) => [...properties].map(([key, { value, origin }]) => [key, value, origin]));
}

/** `[key, value]` rows of the only document of a YAML file. */
export function yamlEntries(text: string): [string, Value][] {
  const documents = readRows('conf/app.yml', text);
  if (documents.length !== 1) throw new Error(`${documents.length} documents`);
  return (documents[0] ?? []).map(([key, value]) => [key, value]);
}

/** `key origin` of the only document of a file. */
export function origins(path: string, content: string | Uint8Array): string[] {
  return (readRows(path, content)[0] ?? []).map(([key, , origin]) => `${key} ${origin}`);
}

/** `CODE message` of the failure that reading ends with; '' when it does not fail. */
export function failureOf(path: string, content: string | Uint8Array, limits = roomyLimits): string {
  try {
    parseConfigFile(path, bytesOf(content), limits);
    return '';
  } catch (error) {
    if (error instanceof Failure) return `${error.code} ${error.message}`;
    throw error;
  }
}

/** `line:column` of the CONTENT_INVALID that a YAML text ends with, '' when it does not fail. */
export function yamlErrorAt(text: string): string {
  const failure = failureOf('app.yml', text);
  return /^CONTENT_INVALID app\.yml:(\d+:\d+): ./.exec(failure)?.[1] ?? failure;
}
