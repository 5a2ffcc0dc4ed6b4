// The names of property sources: part of the contract, clients derive precedence from them.

export interface SourcePlace {
  /** Path in the tree. */
  readonly path: string;
  /** Text of the location or import entry it was found through. */
  readonly locationText: string;
  /** Number of the document in its file, from 0. */
  readonly documentNumber: number;
  readonly documentCount: number;
}

/** (compatibility document 2.3) */
export function nativeSourceName(place: SourcePlace): string {
  return place.documentCount === 1 ? `file:/${place.path}` : documentName(`/${place.path}`, place);
}

/**
 * `uri` as configured, placeholders resolved. Several documents: the private directory that upstream leaks is a fixed text here,
 * and every `]` is missing, as upstream. (compatibility document 2.3)
 */
export function gitSourceName(uri: string, repositoryId: string, place: SourcePlace): string {
  if (place.documentCount === 1) return `${uri}/${place.path}`;
  return `${uri}/${documentName(`/vortex/${repositoryId}/${place.path}`, place).replaceAll(']', '')}`;
}

function documentName(file: string, place: SourcePlace): string {
  return `Config resource 'file [${file}]' via location '${place.locationText}' (document #${place.documentNumber})`;
}
