// Decrypts values in a compile thread and remembers them: the shared file of a fleet is decrypted once, not once per application.
import { DECRYPTED_VALUES } from '../../model/limits.ts';
import type { KeyRing } from './keyRing.ts';

/** Least recently used first out (a Map keeps insertion order). Failures are remembered too, or a wrong key would cost most. */
export class ValueDecryptor {
  private readonly ring: KeyRing | null;
  private readonly known = new Map<string, string | null>();
  private characters = 0;

  /** null: there is no key, and nothing can be decrypted. */
  constructor(ring: KeyRing | null) {
    this.ring = ring;
  }

  decrypt(cipherText: string): string | null {
    if (this.ring === null) return null;
    const known = this.known.get(cipherText);
    if (known !== undefined) {
      this.known.delete(cipherText);
      this.known.set(cipherText, known);
      return known;
    }
    const plainText = this.ring.decrypt(cipherText);
    this.known.set(cipherText, plainText);
    this.characters += weight(cipherText, plainText);
    while (this.known.size > DECRYPTED_VALUES.countMax || this.characters > DECRYPTED_VALUES.charactersMax) {
      const [oldest, freed] = this.known.entries().next().value!;
      this.known.delete(oldest);
      this.characters -= weight(oldest, freed);
    }
    return plainText;
  }
}

function weight(cipherText: string, plainText: string | null): number {
  return cipherText.length + (plainText?.length ?? 0);
}
