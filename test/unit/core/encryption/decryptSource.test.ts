// What becomes of the encrypted values of a source: places, marks, names of what cannot be decrypted.
import t from 'tap';
import { decryptSource } from '../../../../src/core/encryption/decryptSource.ts';
import { explain } from '../../../../src/core/resolve/explain.ts';
import type { Decryption, EncryptionPolicy } from '../../../../src/model/encryption.ts';
import type { PropertySource } from '../../../../src/model/environment.ts';
import type { Property } from '../../../../src/model/value.ts';

const policy: EncryptionPolicy = { enabled: true, plainTextEncrypt: false, prefixInvalidProperties: true };

function source(properties: readonly (readonly [string, Property['value']])[]): PropertySource {
  const entries = properties.map(([key, value], index) => [key, { value, origin: `${index + 1}:1` }] as const);
  return { name: 'file:/c/a.yml', properties: new Map(entries), provenance: null };
}

const failures: string[] = [];
/** Decrypts what ends in `!`. */
const decryption: Decryption = {
  decrypt: (text) => (text.endsWith('!') ? text.slice(0, -1) : null),
  onFailure: (key, name) => failures.push(`${key} of ${name}`),
};

function decrypted(from: PropertySource, changed: Partial<EncryptionPolicy> = {}): readonly unknown[] {
  return [...decryptSource(from, { ...policy, ...changed }, decryption).properties].map(([key, { value, cipher }]) => [key, value, cipher ?? 'plain']);
}

const mixed = source([
  ['a', '{cipher}one!'],
  ['b', 'x{cipher}two!'],
  ['c', '{cipher}{key:k}bad'],
  ['d', 4n],
  ['list[0]', '{cipher}!'],
]);

t.test('decrypted values go to the end, what fails is named invalid', async (t) => {
  t.same(decrypted(mixed), [
    ['b', 'x{cipher}two!', 'plain'],
    ['d', 4n, 'plain'],
    ['a', 'one', 'decrypted'],
    ['invalid.c', '<n/a>', 'failed'],
    ['list[0]', '', 'decrypted'],
  ]);
  t.same(failures.splice(0), ['c of file:/c/a.yml']);
});

t.test('without the prefix the ciphertext is served, with the flag off everything as it is', async (t) => {
  t.same(decrypted(mixed, { prefixInvalidProperties: false })[3], ['c', '{key:k}bad', 'failed']);
  failures.length = 0;
  t.equal(decryptSource(mixed, { ...policy, enabled: false }, decryption), mixed);
  t.same(failures, []);
  const plain = source([['a', 'b']]);
  t.equal(decryptSource(plain, policy, decryption), plain, 'a source without such values is not copied');
});

t.test('explain masks what was encrypted and keeps its line', async (t) => {
  const propertySources = [decryptSource(mixed, policy, decryption), source([['a', 'hidden and plain']])];
  const environment = { name: 'a', profiles: 'p', label: null, version: null, state: null, propertySources };
  const keys = explain(environment);
  t.match(
    keys.find(({ key }) => key === 'a'),
    { winner: { value: '***', secret: true, line: 1 }, hidden: [{ value: 'hidden and plain' }] },
  );
  t.notOk(JSON.stringify(keys, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)).includes('"one"'));
});
