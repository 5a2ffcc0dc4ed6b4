// The value of one configuration key, with the kind that the file stated.

/**
 * string and boolean as they are; bigint for every integer (any number of digits); number for every
 * floating-point value (1.0 stays a float); Uint8Array for YAML `!!binary`. There is no null: a YAML null is "".
 * (compatibility document 4.2, 11.1)
 */
export type Value = string | boolean | bigint | number | Uint8Array;

/**
 * `origin` is `<line>:<column>`, both from 1, of the first character of the value; null where the format has no
 * origins (XML properties, YAML set elements). (compatibility document 2.4)
 */
export interface Property {
  readonly value: Value;
  readonly origin: string | null;
  /** Absent unless the file holds it encrypted: `decrypted` values are secret, `failed` ones are no value at all. */
  readonly cipher?: 'decrypted' | 'failed';
}
