// CPU time of a compile thread for 1,000 encrypted values, for the first time and once they are known; the best of five rounds.
//
//   node dist/bench/micro/decrypt.bench.js
import { createPrivateKey, createPublicKey, createSecretKey, generateKeyPairSync } from 'node:crypto';
import { deriveAesKey } from '../../src/control/encryption/aesLayer.ts';
import { KeyRing } from '../../src/control/encryption/keyRing.ts';
import type { CipherKey, KeyMaterial } from '../../src/control/encryption/keyMaterial.ts';
import { ValueDecryptor } from '../../src/control/encryption/valueDecryptor.ts';

const values = 1_000;
const salt = Buffer.from('deadbeef', 'hex');

function password(text: string): CipherKey {
  return { kind: 'symmetric', key: createSecretKey(deriveAesKey(text, salt)) };
}

function rsa(): CipherKey {
  const privateKey = createPrivateKey(generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return { kind: 'rsa', pair: { privateKey, publicKey: createPublicKey(privateKey) }, parameters: { algorithm: 'DEFAULT', strong: false, salt } };
}

function measure(name: string, material: KeyMaterial, encryptWith: CipherKey): void {
  const writer = new KeyRing({ current: encryptWith, previous: [] });
  const texts = Array.from({ length: values }, (_, index) => writer.encrypt(`password number ${index}`) ?? '');
  const best = [Infinity, Infinity];
  for (let round = 0; round < 5; round += 1) {
    const decryptor = new ValueDecryptor(new KeyRing(material));
    for (const pass of [0, 1]) {
      const before = process.cpuUsage();
      for (const text of texts) decryptor.decrypt(text);
      best[pass] = Math.min(best[pass]!, process.cpuUsage(before).user / 1_000);
    }
  }
  console.log(`${name.padEnd(40)} ${best[0]!.toFixed(0)} ms, known ${best[1]!.toFixed(2)} ms`);
}

const [now, before, older, pair] = [password('now'), password('before'), password('older'), rsa()];
measure('a password', { current: now, previous: [] }, now);
measure('two previous ones, all of the older', { current: now, previous: [before, older] }, older);
measure('RSA, 2,048 bit', { current: pair, previous: [] }, pair);
