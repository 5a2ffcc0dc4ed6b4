// AES-256 as Spring Security uses it: the key from a password, the initialisation vector in front of the ciphertext.
import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes, type KeyObject } from 'node:crypto';

const IV_BYTES = 16;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const ROUNDS = 1_024;

export type AesMode = 'cbc' | 'gcm';

/** PBKDF2-HMAC-SHA1; some 0.6 ms. (compatibility document 5.4) */
export function deriveAesKey(password: string, salt: Uint8Array): Buffer {
  return pbkdf2Sync(password, salt, ROUNDS, KEY_BYTES, 'sha1');
}

/** IV ‖ ciphertext, and the tag behind it in the mode `gcm`. */
export function aesEncrypt(mode: AesMode, key: KeyObject | Uint8Array, plain: Uint8Array): Buffer {
  const iv = randomBytes(IV_BYTES);
  if (mode === 'cbc') {
    const cipher = createCipheriv('aes-256-cbc', key, iv);
    return Buffer.concat([iv, cipher.update(plain), cipher.final()]);
  }
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** null when it is too short, or padding or tag are wrong: another key, or damaged. */
export function aesDecrypt(mode: AesMode, key: KeyObject | Uint8Array, bytes: Uint8Array): Buffer | null {
  const end = mode === 'cbc' ? bytes.length : bytes.length - TAG_BYTES;
  if (end < IV_BYTES) return null;
  // Java's decryption of no block at all is no text, not an error.
  if (mode === 'cbc' && end === IV_BYTES) return Buffer.alloc(0);
  const iv = bytes.subarray(0, IV_BYTES);
  try {
    if (mode === 'cbc') {
      const decipher = createDecipheriv('aes-256-cbc', key, iv);
      return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES)), decipher.final()]);
    }
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(bytes.subarray(end));
    return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, end)), decipher.final()]);
  } catch (error) {
    if (isOpenSslError(error)) return null;
    throw error;
  }
}

/** Wrong padding, length or tag: what a ciphertext can cause; everything else is a bug. */
function isOpenSslError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return code.startsWith('ERR_OSSL') || /unable to authenticate data|bad decrypt|wrong final block length/i.test(error.message);
}
