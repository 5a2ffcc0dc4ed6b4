// An RSA key pair as the key: a random password under RSA, the text under AES with that password.
//
//   base64( length of E, two bytes ‖ E = RSA(16 random bytes) ‖ AES(text; password = hex of those bytes, salt) )
//
//   (compatibility document 5.4)
import { constants, privateDecrypt, publicEncrypt, randomBytes, type KeyObject } from 'node:crypto';
import { aesDecrypt, aesEncrypt, deriveAesKey, type AesMode } from './aesLayer.ts';
import { base64Bytes } from './cipherText.ts';
import type { TextCipher } from './textCipher.ts';

export interface RsaParameters {
  readonly algorithm: 'DEFAULT' | 'OAEP';
  /** AES in the mode GCM instead of CBC. */
  readonly strong: boolean;
  readonly salt: Uint8Array;
}

export interface RsaKeyPair {
  readonly publicKey: KeyObject;
  /** null: it encrypts only. */
  readonly privateKey: KeyObject | null;
}

const PASSWORD_BYTES = 16;

export function rsaCipher(pair: RsaKeyPair, parameters: RsaParameters): TextCipher {
  const mode: AesMode = parameters.strong ? 'gcm' : 'cbc';
  return {
    encrypt: (plainText) => {
      const password = randomBytes(PASSWORD_BYTES);
      const encrypted = publicEncrypt(
        parameters.algorithm === 'OAEP'
          ? { key: pair.publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }
          : { key: pair.publicKey, padding: constants.RSA_PKCS1_PADDING },
        password,
      );
      const length = Buffer.alloc(2);
      length.writeUInt16BE(encrypted.length);
      const key = deriveAesKey(password.toString('hex'), parameters.salt);
      return Buffer.concat([length, encrypted, aesEncrypt(mode, key, Buffer.from(plainText, 'utf8'))]).toString('base64');
    },
    decrypt: (cipherText) => {
      const bytes = base64Bytes(cipherText);
      if (pair.privateKey === null || bytes === null || bytes.length < 2) return null;
      const end = 2 + bytes.readUInt16BE(0);
      if (end > bytes.length) return null;
      const password = rsaDecrypt(pair.privateKey, bytes.subarray(2, end), parameters.algorithm);
      if (password === null) return null;
      const key = deriveAesKey(password.toString('hex'), parameters.salt);
      return aesDecrypt(mode, key, bytes.subarray(end))?.toString('utf8') ?? null;
    },
  };
}

function rsaDecrypt(privateKey: KeyObject, encrypted: Uint8Array, algorithm: RsaParameters['algorithm']): Buffer | null {
  const modulusBytes = Math.ceil((privateKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
  if (encrypted.length === 0 || encrypted.length > modulusBytes) return null;
  const whole = Buffer.concat([Buffer.alloc(modulusBytes - encrypted.length), encrypted]);
  try {
    if (algorithm === 'OAEP') return privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, whole);
    return withoutPadding(privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, whole));
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_OSSL')) return null;
    throw error;
  }
}

/**
 * PKCS#1 v1.5 (RFC 8017, 7.2.2): 0 2, eight bytes or more that are not 0, 0, the message. Read here because Node 20 refuses this
 * padding, and later ones answer a wrong one with random bytes, of which one in 256 would decrypt to garbage. An oracle of
 * time gives nothing to who may use /decrypt, and nobody else sends ciphertexts.
 */
function withoutPadding(block: Buffer): Buffer | null {
  if (block[0] !== 0 || block[1] !== 2) return null;
  const end = block.indexOf(0, 2);
  return end < 10 ? null : block.subarray(end + 1);
}
