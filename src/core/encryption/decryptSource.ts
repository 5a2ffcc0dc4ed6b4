// Decrypts the encrypted values of one property source, or marks those that cannot be.
import type { Decryption, EncryptionPolicy } from '../../model/encryption.ts';
import type { PropertySource } from '../../model/environment.ts';
import type { Property } from '../../model/value.ts';
import { CIPHER_MARKER } from './cipherPrefix.ts';

/**
 * A value that was encrypted goes from its place to the end of its source; one that cannot be decrypted becomes `invalid.` and
 * its key with `<n/a>`, or its text without the marker. (compatibility document 5.2, 5.3)
 *
 * The line of the file stays known for /explain; the v2 form shows such values without it.
 */
export function decryptSource(source: PropertySource, policy: EncryptionPolicy, { decrypt, onFailure }: Decryption): PropertySource {
  if (!policy.enabled) return source;
  let properties: Map<string, Property> | null = null;
  for (const [key, { value, origin }] of source.properties) {
    if (typeof value !== 'string' || !value.startsWith(CIPHER_MARKER)) continue;
    properties ??= new Map(source.properties);
    properties.delete(key);
    const cipherText = value.slice(CIPHER_MARKER.length);
    const plainText = decrypt(cipherText);
    if (plainText === null) onFailure(key, source.name);
    if (plainText !== null) properties.set(key, { value: plainText, origin, cipher: 'decrypted' });
    else if (policy.prefixInvalidProperties) properties.set(`invalid.${key}`, { value: '<n/a>', origin, cipher: 'failed' });
    else properties.set(key, { value: cipherText, origin, cipher: 'failed' });
  }
  return properties === null ? source : { ...source, properties };
}
