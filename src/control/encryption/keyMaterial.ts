// The keys of the server as they travel to the compile threads. KeyObject goes through a structured clone and shows in no log.
import type { KeyObject } from 'node:crypto';
import type { RsaKeyPair, RsaParameters } from './rsaCipher.ts';

export type CipherKey =
  /** Derived from the password. */
  { readonly kind: 'symmetric'; readonly key: KeyObject } | { readonly kind: 'rsa'; readonly pair: RsaKeyPair; readonly parameters: RsaParameters };

/** A private key in a key store; an opened one was protected with the secret that stands beside it. */
export type StoredPrivateKey =
  | { readonly kind: 'opened'; readonly privateKey: KeyObject; readonly secret: KeyObject }
  /** Protected as in a JKS file. */
  | { readonly kind: 'jks'; readonly protectedKey: Uint8Array };

export interface StoredKey {
  readonly publicKey: KeyObject;
  /** null: a certificate alone. */
  readonly privateKey: StoredPrivateKey | null;
}

export interface KeyStoreKeys {
  readonly kind: 'keyStore';
  /** By alias in lower case: key stores do not distinguish. */
  readonly keys: ReadonlyMap<string, StoredKey>;
  readonly alias: string;
  /** The secret of keys without a `{secret:…}` prefix. */
  readonly secret: KeyObject;
  readonly parameters: RsaParameters;
}

export interface KeyMaterial {
  readonly current: CipherKey | KeyStoreKeys;
  /** They decrypt what the current one does not. */
  readonly previous: readonly CipherKey[];
}
