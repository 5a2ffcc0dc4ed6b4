// The text forms of ciphertexts, read strictly: Node's own decoders skip what they don't know.

/** null when it is not pairs of hexadecimal digits. */
export function hexBytes(text: string): Buffer | null {
  return text.length % 2 === 0 && /^[0-9a-f]*$/i.test(text) ? Buffer.from(text, 'hex') : null;
}

/** Standard alphabet; padding may be left out, but not be wrong. null: something else. As java.util.Base64. */
export function base64Bytes(text: string): Buffer | null {
  const unpadded = text.replace(/={1,2}$/, '');
  if (!/^[A-Za-z0-9+/]*$/.test(unpadded) || unpadded.length % 4 === 1) return null;
  return unpadded.length === text.length || text.length % 4 === 0 ? Buffer.from(text, 'base64') : null;
}
