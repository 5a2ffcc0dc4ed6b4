// One key in use: text to ciphertext and back.

export interface TextCipher {
  encrypt(plainText: string): string;
  /** null when it was not encrypted with this key, or only the public half of the key is here. */
  decrypt(cipherText: string): string | null;
}
