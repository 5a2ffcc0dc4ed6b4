// Reads key stores of the type PKCS#12 with node-forge; what it finds goes on as DER.
import { pbkdf2Sync } from 'node:crypto';
import forge from 'node-forge';

export interface Pkcs12Entry {
  readonly alias: string;
  /** PKCS#8, DER; null for a certificate alone. */
  readonly privateKey: Uint8Array | null;
  /** DER */
  readonly certificate: Uint8Array | null;
}

const { oids } = forge.pki;

/** null: the password is wrong, or the file is damaged; the format does not tell which. */
export function readPkcs12Store(bytes: Uint8Array, password: string): readonly Pkcs12Entry[] | null {
  Object.assign(forge.pkcs5, { pbkdf2: nativePbkdf2 });
  let store: forge.pkcs12.Pkcs12Pfx;
  try {
    store = forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(Buffer.from(bytes).toString('latin1')), true, password);
  } catch (error) {
    // The library throws plain errors for whatever is wrong; their texts may quote the content.
    if (error instanceof Error) return null;
    throw error;
  }
  const bags = store.safeContents.flatMap(({ safeBags }) => safeBags);
  const certificates = bags.filter((bag) => bag.type === oids['certBag']);
  const keys = bags.filter((bag) => bag.type === oids['keyBag'] || bag.type === oids['pkcs8ShroudedKeyBag']);
  const entries: Pkcs12Entry[] = keys.flatMap((bag, index) => {
    const id = attribute(bag, 'localKeyId');
    const own = certificates.find((candidate) => id !== null && attribute(candidate, 'localKeyId') === id);
    const privateKey = privateKeyBytes(bag);
    const alias = attribute(bag, 'friendlyName') ?? (own === undefined ? null : attribute(own, 'friendlyName')) ?? String(index + 1);
    return privateKey === null ? [] : [{ alias, privateKey, certificate: own === undefined ? null : certificateBytes(own) }];
  });
  const keyIds = new Set(keys.map((bag) => attribute(bag, 'localKeyId')));
  for (const bag of certificates) {
    const alias = attribute(bag, 'friendlyName');
    if (alias !== null && !keyIds.has(attribute(bag, 'localKeyId'))) entries.push({ alias, privateKey: null, certificate: certificateBytes(bag) });
  }
  return entries;
}

/**
 * In place of the library's own, which is JavaScript and takes 2 s for a store of four entries that keytool made; with this 0.13 s. The
 * library takes the characters of a password for bytes: one that is not ASCII works only with this, too.
 */
function nativePbkdf2(password: string, salt: string, iterations: number, keyBytes: number, digest: { readonly algorithm: string } | null): string {
  const key = pbkdf2Sync(Buffer.from(password, 'utf8'), Buffer.from(salt, 'latin1'), iterations, keyBytes, digest?.algorithm ?? 'sha1');
  return key.toString('latin1');
}

function attribute(bag: forge.pkcs12.Bag, name: 'friendlyName' | 'localKeyId'): string | null {
  const values = (bag.attributes as Readonly<Record<string, readonly string[] | undefined>>)[name];
  return values?.[0] ?? null;
}

/** What is no RSA key is an ASN.1 structure for the library: a PKCS#8 one either way. */
function privateKeyBytes(bag: forge.pkcs12.Bag): Uint8Array | null {
  const info = bag.key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(bag.key)) : bag.asn1;
  return info ? derBytes(info) : null;
}

function certificateBytes(bag: forge.pkcs12.Bag): Uint8Array | null {
  const certificate = bag.cert ? forge.pki.certificateToAsn1(bag.cert) : bag.asn1;
  return certificate ? derBytes(certificate) : null;
}

function derBytes(structure: forge.asn1.Asn1): Uint8Array {
  return Buffer.from(forge.asn1.toDer(structure).getBytes(), 'latin1');
}
