// How the options of encrypt must fit each other.
import type { BrokenRule } from './brokenRule.ts';
import type { Settings } from './options.ts';

const group = ['encrypt'];
const store = ['encrypt', 'keyStore'];

export function encryptionRules({ encrypt }: Settings): readonly BrokenRule[] {
  const { key, keyFile, keyStore, previousKeys } = encrypt;
  const rules: BrokenRule[] = [];
  const broken = (paths: readonly (readonly string[])[], message: string): void => void rules.push({ paths, message });
  if (key !== null && keyFile !== null)
    broken(
      [
        [...group, 'keyFile'],
        [...group, 'key'],
      ],
      'key and keyFile are both set',
    );
  const hasKey = key !== null || keyFile !== null;
  const { location, password, secret, alias, type } = keyStore;
  if (location !== null) {
    if (hasKey)
      broken(
        [
          [...store, 'location'],
          [...group, 'key'],
          [...group, 'keyFile'],
        ],
        'a key is set too; put the one of before into encrypt.previousKeys',
      );
    if (password === null) broken([[...store, 'password']], 'the key store needs a password');
    if (alias === null) broken([[...store, 'alias']], 'which key of the key store?');
  } else if (password !== null || secret !== null || alias !== null || type !== null) {
    broken(
      [
        [...store, 'location'],
        [...store, 'password'],
        [...store, 'secret'],
        [...store, 'alias'],
        [...store, 'type'],
      ],
      'options of the key store are set, but not its location',
    );
  }
  for (const [name, entry] of previousKeys) {
    const path = [...group, 'previousKeys', name];
    if ((entry.key === null) === (entry.keyFile === null))
      broken(
        [
          [...path, 'key'],
          [...path, 'keyFile'],
          [...path, 'salt'],
        ],
        'set key or keyFile, one of them',
      );
    if (!hasKey && location === null)
      broken(
        [
          [...path, 'key'],
          [...path, 'keyFile'],
        ],
        'there is a previous key, but no current one',
      );
  }
  return rules;
}
