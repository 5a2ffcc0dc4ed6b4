// Reads the key store file of the settings, JKS or PKCS#12, and makes sure that its default key can be used.
import { createPrivateKey, createPublicKey, createSecretKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../model/failure.ts';
import { KEY_STORE_BYTES_MAX } from '../../model/limits.ts';
import type { Settings } from '../../settings/options.ts';
import { isJksStore, readJksStore, unprotectJksKey } from './jksStore.ts';
import type { KeyStoreKeys, StoredKey } from './keyMaterial.ts';

/** @throws {Failure} ENCRYPTION_KEY_UNUSABLE */
export async function loadKeyStore(settings: Settings['encrypt']): Promise<KeyStoreKeys> {
  const { location, password, secret } = settings.keyStore;
  const path = storePath(location ?? '');
  const bytes = readStore(path);
  const storePassword = password?.reveal() ?? '';
  const keySecret = secret?.reveal() ?? storePassword;
  const keys = isJksStore(bytes) ? jksKeys(bytes, storePassword, path) : await pkcs12Keys(bytes, storePassword, path);
  const alias = (settings.keyStore.alias ?? '').toLowerCase();
  const key = keys.get(alias);
  if (key === undefined) {
    const aliases = [...keys.keys()].join(', ') || 'no RSA key at all';
    throw unusable(path, `there is no RSA key with the alias ${JSON.stringify(alias)}; it holds ${aliases}`);
  }
  if (key.privateKey !== null && openStoredKey(key, keySecret) === null) {
    throw unusable(path, `the key ${JSON.stringify(alias)} does not open with encrypt.keyStore.secret (else the password)`);
  }
  const { algorithm, strong, salt } = settings.rsa;
  return { kind: 'keyStore', keys, alias, secret: secretKey(keySecret), parameters: { algorithm, strong, salt: saltBytes(salt) } };
}

/** The private key of an entry; null with a wrong secret, or without a private key. */
export function openStoredKey({ privateKey }: StoredKey, secret: string): KeyObject | null {
  if (privateKey === null) return null;
  if (privateKey.kind === 'opened') return privateKey.secret.equals(secretKey(secret)) ? privateKey.privateKey : null;
  const pkcs8 = unprotectJksKey(privateKey.protectedKey, secret);
  return pkcs8 === null ? null : pkcs8Key(pkcs8);
}

/** What is not hexadecimal is taken as it is. (compatibility document 5.4) */
function saltBytes(salt: string): Uint8Array {
  return Buffer.from(salt, /^([0-9a-f]{2})*$/i.test(salt) ? 'hex' : 'utf8');
}

function secretKey(secret: string): KeyObject {
  return createSecretKey(Buffer.from(secret, 'utf8'));
}

function storePath(location: string): string {
  if (!location.startsWith('file:')) return location;
  return location.startsWith('file:///') ? fileURLToPath(location) : location.slice('file:'.length);
}

function readStore(path: string): Uint8Array {
  try {
    if (statSync(path).size > KEY_STORE_BYTES_MAX) throw unusable(path, `the file has more than ${KEY_STORE_BYTES_MAX} bytes`);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && !(error instanceof Failure)) throw unusable(path, `the file cannot be read: ${String(error.code)}`);
    throw error;
  }
}

function jksKeys(bytes: Uint8Array, password: string, path: string): ReadonlyMap<string, StoredKey> {
  const entries = readJksStore(bytes, password);
  if (entries === 'wrongPassword') throw unusable(path, 'encrypt.keyStore.password is wrong, or the file is damaged');
  if (entries === 'damaged') throw unusable(path, 'the file is damaged');
  const keys = new Map<string, StoredKey>();
  for (const { alias, protectedKey, certificate } of entries) {
    const publicKey = certificate === null ? null : rsaOnly(certificateKey(certificate));
    if (publicKey !== null) keys.set(alias.toLowerCase(), { publicKey, privateKey: protectedKey === null ? null : { kind: 'jks', protectedKey } });
  }
  return keys;
}

/** The library is loaded only here: it takes some 60 ms. */
async function pkcs12Keys(bytes: Uint8Array, password: string, path: string): Promise<ReadonlyMap<string, StoredKey>> {
  const { readPkcs12Store } = await import('./pkcs12Store.ts');
  const entries = readPkcs12Store(bytes, password);
  if (entries === null)
    throw unusable(path, 'it is no JKS or PKCS#12 key store, or encrypt.keyStore.password is wrong; JCEKS is not read, keytool -importkeystore converts it');
  const secret = secretKey(password);
  const keys = new Map<string, StoredKey>();
  for (const entry of entries) {
    const privateKey = entry.privateKey === null ? null : rsaOnly(pkcs8Key(entry.privateKey));
    const certificate = entry.certificate === null ? null : rsaOnly(certificateKey(entry.certificate));
    const publicKey = certificate ?? (privateKey === null ? null : createPublicKey(privateKey));
    if (publicKey !== null) keys.set(entry.alias.toLowerCase(), { publicKey, privateKey: privateKey === null ? null : { kind: 'opened', privateKey, secret } });
  }
  return keys;
}

function certificateKey(der: Uint8Array): KeyObject | null {
  return parsed(() => new X509Certificate(der).publicKey);
}

function pkcs8Key(der: Uint8Array): KeyObject | null {
  return parsed(() => createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' }));
}

/** null when it is no such thing: a key of a type that is not known here is no key for us. */
function parsed(parse: () => KeyObject): KeyObject | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}

function rsaOnly(key: KeyObject | null): KeyObject | null {
  return key?.asymmetricKeyType === 'rsa' ? key : null;
}

function unusable(path: string, what: string): Failure {
  return new Failure('ENCRYPTION_KEY_UNUSABLE', `encrypt.keyStore ${path}: ${what}`);
}
