// A password as the key: hexadecimal text of AES-256-CBC, Spring Security's `Encryptors.text`.
import type { KeyObject } from 'node:crypto';
import { aesDecrypt, aesEncrypt } from './aesLayer.ts';
import { hexBytes } from './cipherText.ts';
import type { TextCipher } from './textCipher.ts';

/** Malformed UTF-8 is an error, as for the original; a byte order mark is part of the text. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** `key` is the derived key. (compatibility document 5.4) */
export function symmetricCipher(key: KeyObject): TextCipher {
  return {
    encrypt: (plainText) => aesEncrypt('cbc', key, Buffer.from(plainText, 'utf8')).toString('hex'),
    decrypt: (cipherText) => {
      const bytes = hexBytes(cipherText);
      const plain = bytes === null ? null : aesDecrypt('cbc', key, bytes);
      return plain === null ? null : strictText(plain);
    },
  };
}

function strictText(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
