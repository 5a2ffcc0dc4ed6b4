// From the settings to the keys: derives, reads the key store, refuses what cannot be used. Runs once, in the primary.
import { createHash, createPrivateKey, createPublicKey, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { EncryptionFacts } from '../../model/encryption.ts';
import { Failure } from '../../model/failure.ts';
import type { Settings } from '../../settings/options.ts';
import { deriveAesKey } from './aesLayer.ts';
import type { CipherKey, KeyMaterial } from './keyMaterial.ts';
import { KeyRing } from './keyRing.ts';
import { loadKeyStore } from './loadKeyStore.ts';
import { publicKeyText } from './publicKeyText.ts';
import type { RsaParameters } from './rsaCipher.ts';

export interface LoadedKeys {
  /** null: none is configured. */
  readonly material: KeyMaterial | null;
  readonly facts: EncryptionFacts;
  /** Other keys, another text: answers of other keys are not served. It tells no more of a key than a ciphertext does. */
  readonly fingerprint: string;
  /** For the snapshot on disk, which holds decrypted values; null when nothing can be decrypted. */
  readonly sealKey: KeyObject | null;
}

/** A PEM in encrypt.key uses these, whatever encrypt.rsa says. (compatibility document 5.4) */
const pemParameters: RsaParameters = { algorithm: 'DEFAULT', strong: false, salt: Buffer.from('deadbeef', 'hex') };

/** @throws {Failure} ENCRYPTION_KEY_UNUSABLE */
export async function loadKeys(settings: Settings['encrypt']): Promise<LoadedKeys> {
  const material = await keyMaterial(settings);
  if (material === null) return { material, facts: { hasKey: false, canDecrypt: false, publicKeyText: null }, fingerprint: '', sealKey: null };
  const ring = new KeyRing(material);
  const pair = ring.defaultPair();
  const facts = {
    hasKey: true,
    canDecrypt: pair === null || pair.privateKey !== null,
    publicKeyText: pair === null ? null : publicKeyText(pair.publicKey),
  };
  return { material, facts, fingerprint: fingerprintOf(material), sealKey: sealKeyOf(material, pair?.privateKey ?? null) };
}

async function keyMaterial(settings: Settings['encrypt']): Promise<KeyMaterial | null> {
  const previous = [...settings.previousKeys].map(([name, entry]) => {
    const path = `encrypt.previousKeys.${name}`;
    return cipherKey(keyText(path, entry.key?.reveal() ?? null, entry.keyFile) ?? '', entry.salt, `${path}.key`);
  });
  if (settings.keyStore.location !== null) return { current: await loadKeyStore(settings), previous };
  const key = keyText('encrypt', settings.key?.reveal() ?? null, settings.keyFile);
  return key === null ? null : { current: cipherKey(key, settings.salt, 'encrypt.key'), previous };
}

function keyText(path: string, key: string | null, file: string | null): string | null {
  if (file === null) return key;
  try {
    // Editors and `kubectl create secret --from-file` leave a final line end that is no part of the key.
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read';
    throw new Failure('ENCRYPTION_KEY_UNUSABLE', `${path}.keyFile ${file}: ${reason}`);
  }
}

/** A PEM is an RSA key, anything else a password. (compatibility document 5.4) */
function cipherKey(text: string, salt: string, path: string): CipherKey {
  if (text === '') throw new Failure('ENCRYPTION_KEY_UNUSABLE', `${path} is empty`);
  if (text.includes('RSA PRIVATE KEY')) return rsaKey(text, path);
  if (text.startsWith('ssh-rsa') || text.includes('RSA PUBLIC KEY')) {
    throw new Failure('ENCRYPTION_KEY_UNUSABLE', `${path} is a public key; a private key, BEGIN RSA PRIVATE KEY, or a password is needed`);
  }
  return { kind: 'symmetric', key: createSecretKey(deriveAesKey(text, Buffer.from(salt, 'hex'))) };
}

/** Line ends may be lost, blanks, or written as \n: an environment variable often has them so. */
function rsaKey(pem: string, path: string): CipherKey {
  const content = /-----BEGIN RSA PRIVATE KEY-----(.*?)-----END RSA PRIVATE KEY-----/s.exec(pem)?.[1] ?? '';
  const der = Buffer.from(content.replace(/\\n|\\r|\s/g, ''), 'base64');
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs1' });
  } catch (error) {
    // Only the kind of the error: its message could hold parts of the key.
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new Failure('ENCRYPTION_KEY_UNUSABLE', `${path} is no RSA private key in the PEM form PKCS#1 (${reason})`);
  }
  return { kind: 'rsa', pair: { publicKey: createPublicKey(privateKey), privateKey }, parameters: pemParameters };
}

function sealKeyOf({ current }: KeyMaterial, privateKey: KeyObject | null): KeyObject | null {
  const secret = current.kind === 'symmetric' ? current.key.export() : privateKey?.export({ type: 'pkcs8', format: 'der' });
  if (secret === undefined) return null;
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', 'vortex-config: the snapshot on disk', 32)));
}

function fingerprintOf({ current, previous }: KeyMaterial): string {
  const hash = createHash('sha256');
  const add = (...parts: readonly (string | Uint8Array)[]): void => {
    for (const part of parts) hash.update(`${part.length} `).update(part);
  };
  const addParameters = ({ algorithm, strong, salt }: RsaParameters): void => add(algorithm, String(strong), salt);
  for (const key of [current, ...previous]) {
    if (key.kind === 'symmetric') {
      add('symmetric', key.key.export());
      continue;
    }
    addParameters(key.parameters);
    if (key.kind === 'rsa') {
      add('rsa', key.pair.publicKey.export({ type: 'spki', format: 'der' }));
      continue;
    }
    add('keyStore', key.alias, key.secret.export());
    for (const [alias, { publicKey, privateKey }] of key.keys) {
      add(alias, publicKey.export({ type: 'spki', format: 'der' }), privateKey?.kind ?? 'none');
      if (privateKey?.kind === 'jks') add(privateKey.protectedKey);
    }
  }
  return hash.digest('hex');
}
