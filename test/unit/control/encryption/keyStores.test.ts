// Key stores as keytool and openssl write them: aliases, secrets, certificates alone, and files that are damaged.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readJksStore } from '../../../../src/control/encryption/jksStore.ts';
import { loadKeys } from '../../../../src/control/encryption/loadKeys.ts';
import { readPkcs12Store } from '../../../../src/control/encryption/pkcs12Store.ts';
import { encryptSettings, keyRing, type PlainSettings } from '../../../fixtures/encryptSettings.ts';
import { JKS, NEW_PKCS12, OLD_PKCS12, PKCS12 } from '../../../fixtures/keyStores.ts';
import { Random } from '../../../integration/fuzz/random.ts';

const folder = t.testdir({});
for (const [name, bytes] of [
  ['jks', JKS],
  ['p12', PKCS12],
  ['old.p12', OLD_PKCS12],
  ['new.p12', NEW_PKCS12],
] as const)
  writeFileSync(join(folder, name), bytes);

function store(name: string, alias = 'main', secret?: string): PlainSettings {
  return { keyStore: { location: join(folder, name), password: 'storepass', alias, ...(secret === undefined ? {} : { secret }) } };
}

t.test('JKS: each key has its secret, prefixes select both', async (t) => {
  const ring = await keyRing(store('jks', 'MAIN', 'Main-secret'));
  t.equal(ring.decrypt(ring.encrypt('text') ?? ''), 'text');
  const selected = ring.encrypt('{key:Second}{secret:second-secret}text') ?? '';
  t.match(selected, /^\{key:Second\}\{secret:second-secret\}/);
  t.equal(ring.decrypt(selected), 'text');
  t.equal(ring.encrypt('{key:second}text'), null, 'its secret is another');
  t.equal(ring.encrypt('{key:second}{secret:wrong}text'), null);
  t.equal(ring.encrypt('{key:unknown}text'), null);
  t.equal(ring.encrypt('{key:ec}{secret:ec-secret}text'), null, 'no RSA key');
  t.equal(ring.decrypt(selected.replace('second-secret', 'wrong')), null);
  t.equal(ring.decrypt(selected.replace('Second', 'unknown')), null);
});

t.test('PKCS#12: all keys open with the password of the store', async (t) => {
  const ring = await keyRing(store('p12'));
  const selected = ring.encrypt('{key:second}text') ?? '';
  t.equal(ring.decrypt(selected), 'text');
  t.equal(ring.decrypt(selected.replace('{key:second}', '')), null, 'another key');
  t.equal(ring.encrypt('{secret:wrong}text'), null);
  t.ok(ring.encrypt('{secret:storepass}text'));
  for (const name of ['old.p12', 'new.p12']) {
    const openssl = await keyRing(store(name));
    t.equal(openssl.decrypt(openssl.encrypt('text') ?? ''), 'text', name);
  }
});

t.test('a certificate alone encrypts only', async (t) => {
  for (const name of ['jks', 'p12']) {
    const { facts, sealKey } = await loadKeys(encryptSettings(store(name, 'cert')));
    t.match(facts, { hasKey: true, canDecrypt: false, publicKeyText: /^ssh-rsa \S+ application$/ });
    t.equal(sealKey, null);
    const ring = await keyRing(store(name, 'cert'));
    const encrypted = ring.encrypt('text');
    t.ok(encrypted);
    t.equal(ring.decrypt(encrypted ?? ''), null);
  }
});

t.test('stores that cannot be used are refused with what is wrong', async (t) => {
  writeFileSync(join(folder, 'empty'), '');
  writeFileSync(join(folder, 'cut.jks'), JKS.subarray(0, -30));
  writeFileSync(join(folder, 'large'), Buffer.alloc(5_000_000));
  const refused = async (settings: PlainSettings, message: RegExp): Promise<void> => {
    await t.rejects(loadKeys(encryptSettings(settings)), { code: 'ENCRYPTION_KEY_UNUSABLE', message });
  };
  await refused(store('none'), /none: the file cannot be read: ENOENT/);
  await refused(store('empty'), /no JKS or PKCS#12 key store/);
  await refused(store('cut.jks'), /password is wrong, or the file is damaged/);
  await refused(store('large'), /more than 4194304 bytes/);
  await refused(store('jks', 'main'), /"main" does not open with encrypt\.keyStore\.secret/);
  await refused(store('jks', 'main', 'hunter2'), /does not open(?!.*hunter2)/);
  await refused(store('jks', 'nobody', 'x'), /no RSA key with the alias "nobody"; it holds .*main/);
  await refused(store('p12', 'ec'), /no RSA key with the alias "ec"/);
  const wrong = { location: join(folder, 'p12'), password: 'hunter2', alias: 'main' };
  await refused({ keyStore: wrong }, /password is wrong(?!.*hunter2)/);
  await refused({ keyStore: { ...wrong, location: join(folder, 'jks') } }, /password is wrong(?!.*hunter2)/);
});

t.test('a file: uri names the file too', async (t) => {
  for (const scheme of ['file:', 'file://']) {
    const ring = await keyRing({ keyStore: { location: `${scheme}${join(folder, 'new.p12')}`, password: 'storepass', alias: 'main' } });
    t.ok(ring.encrypt('text'), scheme);
  }
});

t.test('damaged files are refused, never an exception', async (t) => {
  const random = new Random(9);
  for (let round = 0; round < 300; round += 1) {
    const [bytes, read] = random.chance(0.8) ? ([JKS, readJksStore] as const) : ([NEW_PKCS12, readPkcs12Store] as const);
    const damaged = Buffer.from(random.chance(0.3) ? bytes.subarray(0, random.below(bytes.length)) : bytes);
    for (let change = 0; change < 3 && damaged.length > 0; change += 1) damaged[random.below(damaged.length)] = random.below(256);
    read(damaged, 'storepass');
  }
  t.pass('300 files');
});

t.test('a JKS file with a right digest and wrong lengths inside is damaged', async (t) => {
  const { createHash } = await import('node:crypto');
  const content = JKS.subarray(0, -20);
  const password = Buffer.from('storepass', 'utf16le').swap16();
  for (let at = 4; at < content.length; at += 1) {
    const changed = Buffer.from(content);
    changed[at]! ^= 0xff;
    const digest = createHash('sha1').update(password).update('Mighty Aphrodite').update(changed).digest();
    const read = readJksStore(Buffer.concat([changed, digest]), 'storepass');
    if (read !== 'damaged' && !Array.isArray(read)) t.fail(`byte ${at}`);
  }
  t.pass(`${content.length} files`);
});
