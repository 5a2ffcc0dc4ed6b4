// The body of one variant: its bytes in the encoding asked for, and the entity tag that names them.
import { createHash } from 'node:crypto';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { ContentEncoding } from '../../model/request.ts';

/** Brotli's best ratio per time for bodies of a few kilobytes that are compressed once per revision. */
const BROTLI_QUALITY = 5;

export function encodeBody(body: Uint8Array, encoding: ContentEncoding): Uint8Array {
  switch (encoding) {
    case 'identity':
      return body;
    case 'gzip':
      return gzipSync(body, { level: 6 });
    case 'br':
      return brotliCompressSync(body, {
        params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: body.length },
      });
  }
}

/** Strong (RFC 9110, 8.8.3): 128 bits of SHA-256 over the bytes that are sent. */
export function entityTag(body: Uint8Array): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
}
