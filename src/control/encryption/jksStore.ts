// Reads Java key stores of the type JKS: entries, certificates, and keys under JKS's own protection.
//
//   FEEDFEED ‖ version ‖ count ‖ entries ‖ SHA-1(password ‖ "Mighty Aphrodite" ‖ all before)
//   key entry:         1 ‖ alias ‖ date ‖ length ‖ EncryptedPrivateKeyInfo ‖ count ‖ certificates
//   certificate entry: 2 ‖ alias ‖ date ‖ certificate
//   protected key:     salt, 20 bytes ‖ key XOR SHA-1 chain ‖ SHA-1(password ‖ key)
//
// The only library that reads it (jks-js) brings RSA and 64-bit integers of its own, in JavaScript, for these few bytes.
import { createHash, timingSafeEqual } from 'node:crypto';

export interface JksEntry {
  readonly alias: string;
  /** What `unprotectJksKey` takes; null for a certificate alone. */
  readonly protectedKey: Uint8Array | null;
  /** DER of the entry's own certificate. */
  readonly certificate: Uint8Array | null;
}

const MAGIC = 0xfeedfeed;
const DIGEST_BYTES = 20;
const INTEGRITY_WORDS = 'Mighty Aphrodite';
/** 1.3.6.1.4.1.42.2.17.1.1 */
const PROTECTION_OID = Buffer.from('060a2b060104012a02110101', 'hex');

export function isJksStore(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && Buffer.from(bytes.buffer, bytes.byteOffset, 4).readUInt32BE(0) === MAGIC;
}

/** 'wrongPassword' when the digest does not fit; 'damaged' when it is no JKS file inside. */
export function readJksStore(bytes: Uint8Array, password: string): readonly JksEntry[] | 'wrongPassword' | 'damaged' {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < 12 + DIGEST_BYTES) return 'damaged';
  const content = file.subarray(0, -DIGEST_BYTES);
  const digest = createHash('sha1').update(passwordBytes(password)).update(INTEGRITY_WORDS).update(content).digest();
  if (!timingSafeEqual(digest, file.subarray(-DIGEST_BYTES))) return 'wrongPassword';
  try {
    return readEntries(content);
  } catch (error) {
    // A length leads beyond the end.
    if (error instanceof RangeError) return 'damaged';
    throw error;
  }
}

/** The PKCS#8 bytes; null with a wrong secret, or protected in another way. */
export function unprotectJksKey(protectedKey: Uint8Array, secret: string): Buffer | null {
  const info = Buffer.from(protectedKey.buffer, protectedKey.byteOffset, protectedKey.byteLength);
  const body = protectedBytes(info);
  if (body === null || body.length < 2 * DIGEST_BYTES) return null;
  const password = passwordBytes(secret);
  const plain = Buffer.from(body.subarray(DIGEST_BYTES, -DIGEST_BYTES));
  let chain: Buffer = body.subarray(0, DIGEST_BYTES);
  for (let at = 0; at < plain.length; at += DIGEST_BYTES) {
    chain = createHash('sha1').update(password).update(chain).digest();
    for (let index = 0; index < DIGEST_BYTES && at + index < plain.length; index += 1) plain[at + index]! ^= chain[index]!;
  }
  const check = createHash('sha1').update(password).update(plain).digest();
  return timingSafeEqual(check, body.subarray(-DIGEST_BYTES)) ? plain : null;
}

function readEntries(content: Buffer): readonly JksEntry[] | 'damaged' {
  const version = content.readUInt32BE(4);
  const count = content.readUInt32BE(8);
  if (version !== 1 && version !== 2) return 'damaged';
  const entries: JksEntry[] = [];
  let at = 12;
  const take = (length: number): Buffer => {
    if (at + length > content.length) throw new RangeError('the file is cut');
    at += length;
    return content.subarray(at - length, at);
  };
  const takeNumber = (): number => take(4).readUInt32BE(0);
  const takeCertificate = (): Buffer => {
    if (version === 2) take(take(2).readUInt16BE(0));
    return take(takeNumber());
  };
  for (let index = 0; index < count; index += 1) {
    const tag = takeNumber();
    const alias = take(take(2).readUInt16BE(0)).toString('utf8');
    take(8);
    if (tag === 1) {
      const protectedKey = take(takeNumber());
      const certificates = Array.from({ length: Math.min(takeNumber(), content.length) }, takeCertificate);
      entries.push({ alias, protectedKey, certificate: certificates[0] ?? null });
    } else if (tag === 2) {
      entries.push({ alias, protectedKey: null, certificate: takeCertificate() });
    } else {
      return 'damaged';
    }
  }
  return at === content.length ? entries : 'damaged';
}

/** The octet string of the EncryptedPrivateKeyInfo; null when another algorithm protects it. */
function protectedBytes(info: Buffer): Buffer | null {
  const oid = info.indexOf(PROTECTION_OID);
  if (oid < 0 || oid > 16) return null;
  let at = oid + PROTECTION_OID.length;
  // The parameters, if any, are NULL.
  if (info[at] === 0x05 && info[at + 1] === 0) at += 2;
  if (info[at] !== 0x04) return null;
  const short = info[at + 1] ?? 0;
  const lengthBytes = short < 0x80 ? 0 : short & 0x7f;
  if (lengthBytes > 4 || at + 2 + lengthBytes > info.length) return null;
  const length = lengthBytes === 0 ? short : info.readUIntBE(at + 2, lengthBytes);
  const start = at + 2 + lengthBytes;
  return start + length === info.length ? info.subarray(start) : null;
}

/** UTF-16, as Java's characters are. */
function passwordBytes(password: string): Buffer {
  return Buffer.from(password, 'utf16le').swap16();
}
