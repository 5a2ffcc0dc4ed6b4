// What this server encrypts Spring Security decrypts, and the other way round; what the one refuses the other refuses too.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { KeyRing } from '../../src/control/encryption/keyRing.ts';
import { keyRing, rsaPem, type PlainSettings } from '../fixtures/encryptSettings.ts';
import { Random } from '../integration/fuzz/random.ts';
import { buildCiphers, springCiphers, type SpringKey } from './springCiphers.ts';
import { missingPrograms } from './springClient.ts';

const texts = ['', 'x', 'grüße', '€ 🚀', 'p@ss word\n', '{key:value}', 'sixteen letters!', 'a'.repeat(5_000)];

const missing = missingPrograms();
if (missing.length > 0 && process.env['CI'] === 'true') {
  t.fail(`needed in CI and missing: ${missing.join(', ')}`);
} else if (missing.length > 0) {
  t.plan(0, `needs ${missing.join(' and ')}`);
} else {
  t.setTimeout(600_000);
  const folder = mkdtempSync(join(tmpdir(), 'vortex-ciphers-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  t.before(() => {
    buildCiphers();
    for (const type of ['jks', 'pkcs12']) for (const alias of ['main', 'second']) makeKey(folder, type, alias);
  });
  for (const { name, settings, spring } of keys(folder)) testKey(name, settings, spring);
}

interface KeyCase {
  readonly name: string;
  readonly settings: PlainSettings;
  readonly spring: SpringKey;
}

function keys(folder: string): readonly KeyCase[] {
  const pem = rsaPem();
  const stores = (['jks', 'pkcs12'] as const).flatMap((type) =>
    [false, true].map((strong): KeyCase => {
      const path = join(folder, `store.${type}`);
      const secret = type === 'jks' ? 'key secret' : 'store password';
      const algorithm = strong ? 'OAEP' : 'DEFAULT';
      const rsa = { algorithm, strong, salt: strong ? 'no hex' : 'cafe' } as const;
      return {
        name: `${type}, ${algorithm}, strong ${strong}`,
        settings: { keyStore: { location: path, password: 'store password', secret, alias: 'main' }, rsa },
        spring: { kind: 'store', path, password: 'store password', type, alias: 'main', secret, ...rsa },
      };
    }),
  );
  return [
    {
      name: 'password',
      settings: { key: 'pässword ✓', salt: '0123456789abcdef' },
      spring: { kind: 'password', password: 'pässword ✓', salt: '0123456789abcdef' },
    },
    { name: 'PEM', settings: { key: pem }, spring: { kind: 'pem', pem } },
    ...stores,
  ];
}

function makeKey(folder: string, type: string, alias: string): void {
  const keypass = type === 'jks' ? ['-keypass', 'key secret'] : [];
  const name = ['-dname', `CN=${alias}`, '-alias', alias, '-keyalg', 'RSA', '-keysize', '2048', '-validity', '3650'];
  const store = ['-keystore', join(folder, `store.${type}`), '-storetype', type, '-storepass', 'store password'];
  const run = spawnSync('keytool', ['-genkeypair', ...name, ...store, ...keypass], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`keytool failed:\n${run.stdout}${run.stderr}`);
}

function testKey(name: string, settings: PlainSettings, key: SpringKey): void {
  t.test(`${name}: texts travel both ways`, async (t) => {
    const ring = await keyRing(settings);
    const decrypted = springCiphers(texts.map((text) => ({ operation: 'decrypt', text: encrypted(ring, `{plain}${text}`), key })));
    t.same(decrypted, texts, 'Spring reads ours');
    const fromSpring = springCiphers(texts.map((text) => ({ operation: 'encrypt', text, key })));
    t.same(
      fromSpring.map((text) => ring.decrypt(text ?? '')),
      texts,
      'we read theirs',
    );
  });

  t.test(`${name}: damaged ciphertexts have the same fate`, async (t) => {
    const ring = await keyRing(settings);
    const random = new Random(11);
    const damaged = Array.from({ length: 400 }, () => damage(encrypted(ring, `{plain}${random.pick(texts.slice(0, 7))}`), random));
    const expected = springCiphers(damaged.map((text) => ({ operation: 'decrypt', text, key })));
    // How many replacement characters stand for malformed bytes differs.
    const comparable = (text: string | null | undefined): string | null => text?.replace(/\ufffd+/g, '\ufffd') ?? null;
    t.same(
      damaged.filter((text, index) => comparable(ring.decrypt(text)) !== comparable(expected[index])),
      [],
      `${damaged.length} ciphertexts`,
    );
  });
}

function encrypted(ring: KeyRing, text: string): string {
  const cipherText = ring.encrypt(text);
  if (cipherText === null) throw new Error('the default key encrypts everything');
  return cipherText;
}

function damage(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  switch (random.below(6)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(at);
    case 2:
      return text.slice(0, at) + random.pick('0fAz+/= \n-'.split('')) + text.slice(at);
    case 3:
      return text.slice(0, at) + random.pick('0fAz+/='.split('')) + text.slice(at + 1);
    case 4:
      return text.slice(0, 32 * random.below(4));
    default:
      return text + random.pick(['=', '==', '0', '00', 'A', '\n']);
  }
}
