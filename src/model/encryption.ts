// Requests of the encryption endpoints on their way from a worker to a compile thread, and their answers on the way back.
import type { ErrorCode } from './errorCodes.ts';

/** The body as it came, and what tells how to read it. */
export interface EncryptionQuestion {
  readonly operation: 'encrypt' | 'decrypt';
  readonly contentType: string;
  /** A query keeps the body from being read as a form. */
  readonly hasQuery: boolean;
  readonly body: Uint8Array;
}

export type EncryptionAnswer =
  | { readonly kind: 'text'; readonly text: string }
  /** The error object of the encryption endpoints. (compatibility document 1.8 c) */
  | { readonly kind: 'problem'; readonly problem: EncryptionProblem }
  /** The error object of all other routes. */
  | { readonly kind: 'failed'; readonly code: ErrorCode };

export interface EncryptionProblem {
  readonly status: number;
  readonly description: string;
  readonly name: string;
}

/** What a worker knows of the keys: enough for every answer that needs no key. */
export interface EncryptionFacts {
  readonly hasKey: boolean;
  /** False: only the public half of the default key is there. */
  readonly canDecrypt: boolean;
  /** The text of /key; null when the default key is symmetric or there is none. */
  readonly publicKeyText: string | null;
}

/** How resolution treats encrypted values. (compatibility document 5.3, 5.6) */
export interface EncryptionPolicy {
  /** False: they are served as they are, for clients that decrypt. */
  readonly enabled: boolean;
  readonly plainTextEncrypt: boolean;
  readonly prefixInvalidProperties: boolean;
}

/** What resolution is given to decrypt with. */
export interface Decryption {
  /** The text behind the marker, prefixes included, decrypted; null when it cannot be, or there is no key. */
  readonly decrypt: (cipherText: string) => string | null;
  /** Told of each value that cannot be decrypted: its key, and the name of its source. */
  readonly onFailure: (key: string, source: string) => void;
}
