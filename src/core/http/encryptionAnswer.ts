// What the encryption endpoints answer while no key is configured.
import type { EncryptionRoute } from './routeShape.ts';

export type EncryptionAnswer =
  | { readonly kind: 'error'; readonly status: 400 | 500 }
  | { readonly kind: 'body'; readonly status: 404; readonly contentType: string; readonly body: string };

/** `contentType` is '' when absent. `error` is answered with the error object. (compatibility document 5.5, 1.8) */
export function encryptionAnswer(route: EncryptionRoute, contentType: string, bodyBytes: number): EncryptionAnswer {
  if (route === 'R12') {
    const body = '{"description":"No public key available","status":"NOT_FOUND"}';
    return { kind: 'body', status: 404, contentType: 'application/json', body };
  }
  const needsBody = route === 'R9' || route === 'R10';
  return { kind: 'error', status: needsBody && (contentType === '' || bodyBytes === 0) ? 400 : 500 };
}
