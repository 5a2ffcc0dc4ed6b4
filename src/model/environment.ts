// The answer to "what is the configuration of this application, profile and label".
import type { Property } from './value.ts';

/** Where a property source was read; null for `overrides`. `path` is relative to the source's root. */
export interface Provenance {
  readonly source: string;
  readonly revision: string | null;
  readonly path: string;
}

/** Flat keys in document order. (compatibility document 2.3, 2.5) */
export interface PropertySource {
  readonly name: string;
  readonly properties: ReadonlyMap<string, Property>;
  readonly provenance: Provenance | null;
  /** The v2 form has plain values too, as upstream's backend knows no origins; /explain has them all the same. */
  readonly hidesOrigins?: true;
}

/** `propertySources[0]` has the highest precedence. Fields as on the wire. (compatibility document 2.1) */
export interface Environment {
  readonly name: string;
  readonly profiles: string;
  readonly label: string | null;
  readonly version: string | null;
  readonly state: string | null;
  readonly propertySources: readonly PropertySource[];
}
