// All keys of the server in use: which one a text asks for by its prefixes, and what the current one cannot decrypt.
import { createHash } from 'node:crypto';
import { prefixesOf, prefixText, withoutPrefixes } from '../../core/encryption/cipherPrefix.ts';
import { OPENED_KEYS_MAX } from '../../model/limits.ts';
import type { CipherKey, KeyMaterial, KeyStoreKeys } from './keyMaterial.ts';
import { openStoredKey } from './loadKeyStore.ts';
import { rsaCipher, type RsaKeyPair } from './rsaCipher.ts';
import { symmetricCipher } from './symmetricCipher.ts';
import type { TextCipher } from './textCipher.ts';

export class KeyRing {
  private readonly current: KeyMaterial['current'];
  private readonly fixed: TextCipher | null;
  private readonly previous: readonly TextCipher[];
  private readonly opened = new Map<string, RsaKeyPair | null>();

  constructor({ current, previous }: KeyMaterial) {
    this.current = current;
    this.fixed = current.kind === 'keyStore' ? null : cipherOf(current);
    this.previous = previous.map(cipherOf);
  }

  /** The ciphertext with the prefixes of the text in front; null when they select a key that there is not. (compatibility document 5.5) */
  encrypt(text: string): string | null {
    const prefixes = prefixesOf(text);
    const encrypted = this.locate(prefixes)?.encrypt(withoutPrefixes(text));
    return encrypted === undefined ? null : prefixText(prefixes) + encrypted;
  }

  /**
   * `text` with its prefixes. AES-CBC knows no wrong key but by the padding, which is right by chance once in 256 times: with
   * previous keys, what the current one makes of a text counts only when it reads like text; else the others are asked too.
   */
  decrypt(text: string): string | null {
    const cipherText = withoutPrefixes(text);
    const first = this.locate(prefixesOf(text))?.decrypt(cipherText) ?? null;
    if (this.previous.length === 0 || (first !== null && readsLikeText(first))) return first;
    const others = this.previous.map((cipher) => cipher.decrypt(cipherText)).filter((other) => other !== null);
    return others.find(readsLikeText) ?? first ?? others[0] ?? null;
  }

  /** The default key pair; null when the key is symmetric. */
  defaultPair(): RsaKeyPair | null {
    const { current } = this;
    if (current.kind === 'symmetric') return null;
    return current.kind === 'rsa' ? current.pair : this.storedPair(current, current.alias, null);
  }

  private locate(prefixes: ReadonlyMap<string, string>): TextCipher | null {
    const { current } = this;
    if (current.kind !== 'keyStore') return this.fixed;
    const pair = this.storedPair(current, prefixes.get('key') ?? current.alias, prefixes.get('secret') ?? null);
    return pair === null ? null : rsaCipher(pair, current.parameters);
  }

  private storedPair(store: KeyStoreKeys, alias: string, prefixSecret: string | null): RsaKeyPair | null {
    const stored = store.keys.get(alias.toLowerCase());
    if (stored === undefined) return null;
    if (stored.privateKey === null) return { publicKey: stored.publicKey, privateKey: null };
    const secret = prefixSecret ?? store.secret.export().toString('utf8');
    const name = createHash('sha256').update(`${alias.toLowerCase()}\0${secret}`).digest('base64');
    const known = this.opened.get(name);
    if (known !== undefined) return known;
    const privateKey = openStoredKey(stored, secret);
    const pair = privateKey === null ? null : { publicKey: stored.publicKey, privateKey };
    if (this.opened.size >= OPENED_KEYS_MAX) this.opened.clear();
    this.opened.set(name, pair);
    return pair;
  }
}

function cipherOf(key: CipherKey): TextCipher {
  return key.kind === 'symmetric' ? symmetricCipher(key.key) : rsaCipher(key.pair, key.parameters);
}

/** No control characters but white space, and nothing that was not UTF-8. */
function readsLikeText(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  return !/[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]/.test(text);
}
