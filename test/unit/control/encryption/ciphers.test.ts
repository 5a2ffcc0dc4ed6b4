// Ciphertexts of the original: recorded vectors, selection of keys, rotation, and what is refused.
import t from 'tap';
import { openEpoch, sealEpoch } from '../../../../src/snapshot/epochSeal.ts';
import { loadKeys } from '../../../../src/control/encryption/loadKeys.ts';
import { encryptSettings, keyRing, rsaPem, type PlainSettings } from '../../../fixtures/encryptSettings.ts';
import { Random } from '../../../integration/fuzz/random.ts';

/** The test key of the compatibility document, 5.4. */
const pem = `-----BEGIN RSA PRIVATE KEY-----
MIICXgIBAAKBgQC/XkzRnfQw0ZNVlqKu1o+MS30nLLef6g1iQboyVFXwnd7uEdM3
wH9FWNY6EPn5vnrGDF2VpEzDWUQgbG6DO92OeE3NN1rr3cwVDqOk7Wg15P+5mgwj
Fw7AvAZmvjv6Va/5a6XuoNudWKUDm+xI++k5KBa+c+GoYYcTDhMTbcFXuwIDAQAB
AoGBAKlWQJOcOeCZEs7BpOMhaZSzl+N6ZmJTMdSoZKL0jbeFeycfDtBevkAXBDoN
m6WrL+jgOE+aO3MBIo+uY3wtFTbayTCrCGWWqurUxX2XUfNW/sjGluSIxno31nAM
fGpWrYYY90dx2Q6WjHl9aG0MhxYFuQY5lxfF/NMpbzgSdovBAkEA9ex/TAXG9BRP
8jIlj68oqsO0+MKOF78Mbsv89tkV+AN8+6Cx+zjgHFUia9FJiejCJgxh80jKsT97
4OF578y/PwJBAMc1kaKdJjA9d31YzUAPYriwWPBlHTWl7kv0NQFIlmBSsZf5Oli3
ibZiGiSem1cSyD8+9q1RatIygJUdrNZbBIUCQQCepzxYp0F7Jb+N2Jwy3iW2RRvz
gFB7MV2r/R3tgo+RuW5gR4OLN14d6S6TsClpNyhJs6NdeJCLWRFqOwyXj9exAkAl
8/jJKHOMIUnQociI+eVvFnn7YuhLvk9GPUKT+gZcV6TqNVt+Z4lfLBWbAHTMBBIO
qqpInwhg/6orvrmdJT4ZAkEAvCFTN2FAU8JR/5yJym08ifnQSi9k/DWnu1AXMHV9
l2ub2xGXsKaHrAHoFRHvvDMHCuVOHiopgdQnMeiHFr6dmg==
-----END RSA PRIVATE KEY-----
`;
const rsaPlain =
  'AIAqBvRXwoVbQoMY0+ZSPltH8c11ba/3Be8rmsSZ9E4bK8btntLWvXkiNQ42uYdcFB8CzZHbiWysje0i1bgp2NQbu+cHKo0978gUSuHgabFGrNBb4zqjajrmnJUPJJ6dHQOveApemVakBUh/sezoyVsUbHwMrKK1lwpRZsfbmbzPPg8ODQwLCgkIBwYFBAMCAQDQVn63W4o+BnsdNvS6AMke';
const publicText =
  'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC/XkzRnfQw0ZNVlqKu1o+MS30nLLef6g1iQboyVFXwnd7uEdM3wH9FWNY6EPn5vnrGDF2VpEzDWUQgbG6DO92OeE3NN1rr3cwVDqOk7Wg15P+5mgwjFw7AvAZmvjv6Va/5a6XuoNudWKUDm+xI++k5KBa+c+GoYYcTDhMTbcFXuw== application';

t.test('symmetric vectors', async (t) => {
  const ring = await keyRing({ key: 's3cret-key' });
  const iv = '000102030405060708090a0b0c0d0e0f';
  t.equal(ring.decrypt(`${iv}1e2a8f02a6ea575ed808c658bb271e74`), 'p@ss word');
  t.equal(ring.decrypt(`${iv}E61DC78BB9321952C6C5CC4246865BE8`), 'grüße');
  t.equal(ring.decrypt(`{key:main}${iv}10f5987262fd5480a0fde08ab841bd72`), '');
  t.equal(ring.decrypt(iv), '', 'no block at all is no text for the original');
  const other = await keyRing({ key: 'another-key', salt: '0123456789abcdef' });
  t.equal(other.decrypt(`${iv}755c753c93743a1245f9f2bad8ff7239`), 'tok-42');
  t.equal(other.decrypt(`${iv}1e2a8f02a6ea575ed808c658bb271e74`), null, 'another key');
});

t.test('RSA vectors, and the text of the public key', async (t) => {
  const ring = await keyRing({ key: pem });
  t.equal(ring.decrypt(rsaPlain), 'rsa-plain-1');
  t.equal(ring.decrypt(`{key:zzz}{secret:s}${rsaPlain}`), 'rsa-plain-1', 'one key: prefixes select nothing');
  t.same((await loadKeys(encryptSettings({ key: pem }))).facts, { hasKey: true, canDecrypt: true, publicKeyText: publicText });
  for (const mangled of [pem.replaceAll('\n', '\\n'), pem.replaceAll('\n', ' '), pem.replaceAll('\n', ''), pem.replaceAll('\n', '\r\n')]) {
    t.equal((await keyRing({ key: mangled })).decrypt(rsaPlain), 'rsa-plain-1', 'line ends are read leniently');
  }
});

t.test('what is encrypted is different each time and decrypts to itself', async (t) => {
  for (const settings of [{ key: 'k' }, { key: pem }]) {
    const ring = await keyRing(settings);
    for (const text of ['', 'x', '€ 🚀', 'a'.repeat(10_000), '\ufeffbom']) {
      const encrypted = ring.encrypt(text);
      t.not(encrypted, ring.encrypt(text));
      t.equal(ring.decrypt(encrypted ?? ''), text);
    }
    t.match(ring.encrypt('{key:k1}hello'), /^\{key:k1\}[^{]/);
  }
});

t.test('damaged ciphertexts are refused, never an exception', async (t) => {
  const symmetric = await keyRing({ key: 's3cret-key' });
  for (const text of ['', 'abc', '00ff', 'this is not hex', '00'.repeat(31), '0 '.repeat(32), `${'00'.repeat(32)}\n`])
    t.equal(symmetric.decrypt(text), null, text);
  const rsa = await keyRing({ key: pem });
  for (const text of ['', 'A', 'AAAA', '====', 'AIA=', '//8=', rsaPlain.slice(0, 100), rsaPlain.slice(4), ` ${rsaPlain}`, rsaPlain.replace('A', '-')]) {
    t.equal(rsa.decrypt(text), null, text.slice(0, 20));
  }
  const random = new Random(5);
  for (let round = 0; round < 3_000; round += 1) {
    const text = random.chance(0.5) ? rsaPlain : (symmetric.encrypt('some text') ?? '');
    const at = random.below(text.length);
    const damaged = random.pick([text.slice(0, at), text.slice(at), `${text.slice(0, at)}${random.pick('0fA/+= {}:'.split(''))}${text.slice(at + 1)}`]);
    for (const ring of [symmetric, rsa]) {
      const read = ring.decrypt(damaged);
      if (read !== null && typeof read !== 'string') t.fail(damaged);
    }
  }
  t.pass('3,000 of them');
});

t.test('a wrong RSA key never makes garbage of the padding', async (t) => {
  const [right, wrong] = [await keyRing({ key: rsaPem() }), await keyRing({ key: rsaPem() })];
  for (let round = 0; round < 600; round += 1) {
    if (wrong.decrypt(right.encrypt('text') ?? '') !== null) t.fail('decrypted with the wrong key');
  }
  t.pass('600 times');
});

t.test('previous keys decrypt and do not encrypt', async (t) => {
  const before = await keyRing({ key: 'old', salt: 'cafe' });
  const rsaBefore = await keyRing({ key: pem });
  const after = await keyRing({ key: 'new', previousKeys: { a: { key: 'older' }, b: { key: 'old', salt: 'cafe' }, c: { key: pem } } });
  for (const old of [before, rsaBefore]) t.equal(after.decrypt(old.encrypt('text') ?? ''), 'text');
  t.equal(before.decrypt(after.encrypt('text') ?? ''), null, 'the current key encrypts');
  t.equal(after.decrypt('00'.repeat(32)), null);
});

t.test('no text of a previous key is taken for one of the current key, whose padding fits once in 256 times', async (t) => {
  const before = await keyRing({ key: 'old' });
  const after = await keyRing({ key: 'new', previousKeys: { old: { key: 'old' } } });
  const alone = await keyRing({ key: 'new' });
  let fooled = 0;
  for (let round = 0; round < 4_000; round += 1) {
    const encrypted = before.encrypt(`password ${round}`) ?? '';
    if (alone.decrypt(encrypted) !== null) fooled += 1;
    if (after.decrypt(encrypted) !== `password ${round}`) t.fail(encrypted);
  }
  t.ok(fooled <= 2, `the check of UTF-8 alone lets through ${fooled}`);
});

t.test('keys that cannot be used are refused with what is wrong, and never quoted', async (t) => {
  const refused = async (settings: PlainSettings, message: RegExp): Promise<void> => {
    await t.rejects(loadKeys(encryptSettings(settings)), { code: 'ENCRYPTION_KEY_UNUSABLE', exitCode: 78, message });
  };
  await refused({ key: 'ssh-rsa AAAA hunter2' }, /^encrypt\.key is a public key(?!.*hunter2)/);
  await refused({ key: '-----BEGIN RSA PUBLIC KEY-----\nhunter2\n' }, /^encrypt\.key is a public key(?!.*hunter2)/);
  await refused({ key: '-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----' }, /^encrypt\.key is no RSA private key(?!.*hunter2)/);
  await refused({ key: '' }, /is empty/);
  await refused({ keyFile: '/nowhere/at/all' }, /encrypt\.keyFile \/nowhere\/at\/all: ENOENT/);
  await refused({ key: 'k', previousKeys: { a: { key: 'ssh-rsa x' } } }, /^encrypt\.previousKeys\.a\.key is a public key/);
});

t.test('a key from a file is the one without its final line end', async (t) => {
  const folder = t.testdir({ key: 's3cret-key\n', pem });
  t.equal((await keyRing({ keyFile: `${folder}/key` })).decrypt('000102030405060708090a0b0c0d0e0f1e2a8f02a6ea575ed808c658bb271e74'), 'p@ss word');
  t.equal((await keyRing({ keyFile: `${folder}/pem` })).decrypt(rsaPlain), 'rsa-plain-1');
});

t.test('other keys, another fingerprint and another seal of the snapshot on disk', async (t) => {
  const settings: readonly PlainSettings[] = [
    {},
    { key: 'a' },
    { key: 'b' },
    { key: 'a', salt: 'cafe' },
    { key: 'a', previousKeys: { b: { key: 'b' } } },
    { key: pem },
  ];
  const loaded = await Promise.all(settings.map((plain) => loadKeys(encryptSettings(plain))));
  t.equal(new Set(loaded.map(({ fingerprint }) => fingerprint)).size, settings.length);
  const [none, a, b] = loaded;
  t.equal(none?.sealKey, null);
  const sealed = sealEpoch(Buffer.from('hunter2'), a!.sealKey!);
  t.notOk(sealed.includes('hunter2'));
  t.equal(openEpoch(sealed, (await loadKeys(encryptSettings({ key: 'a' }))).sealKey!).toString(), 'hunter2');
  t.throws(() => openEpoch(sealed, b!.sealKey!));
  t.throws(() => openEpoch(sealed.subarray(0, 10), a!.sealKey!));
});
