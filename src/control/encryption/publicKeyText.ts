// The text of /key: an RSA public key as OpenSSH writes it.
import type { KeyObject } from 'node:crypto';

/** (compatibility document 5.4) */
export function publicKeyText(publicKey: KeyObject): string {
  const { e = '', n = '' } = publicKey.export({ format: 'jwk' });
  const parts = [Buffer.from('ssh-rsa'), positive(Buffer.from(e, 'base64url')), positive(Buffer.from(n, 'base64url'))];
  const wire = parts.flatMap((part) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    return [length, part];
  });
  return `ssh-rsa ${Buffer.concat(wire).toString('base64')} application`;
}

/** A highest bit that is set would mean a negative number. */
function positive(number: Buffer): Buffer {
  return (number[0] ?? 0) < 0x80 ? number : Buffer.concat([Buffer.alloc(1), number]);
}
