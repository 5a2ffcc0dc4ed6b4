// One document of a configuration file, flattened.
import type { Property } from './value.ts';

/** Keys in document order; a repeated key has the first position and the last value. (compatibility document 4.3) */
export interface ConfigDocument {
  readonly properties: ReadonlyMap<string, Property>;
}
