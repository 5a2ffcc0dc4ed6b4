// The answers of the encryption endpoints that depend on no text: which keys there are decides alone.
import type { EncryptionAnswer, EncryptionFacts, EncryptionProblem } from '../../model/encryption.ts';
import type { EncryptionRoute } from '../http/routeShape.ts';

export const cannotDecrypt: EncryptionProblem = { status: 400, description: 'Text not encrypted with this key', name: 'INVALID' };
const noPublicKey: EncryptionProblem = { status: 404, description: 'No public key available', name: 'NOT_FOUND' };
const publicKeyOnly: EncryptionProblem = { status: 400, description: 'Server-side decryption is not supported', name: 'BAD_REQUEST' };

/** null: it takes the text and a key. `contentType` is '' when absent. (compatibility document 5.5, 1.8) */
export function answerWithoutKey(route: EncryptionRoute, contentType: string, bodyBytes: number, facts: EncryptionFacts): EncryptionAnswer | null {
  if (route === 'R12') return facts.publicKeyText === null ? { kind: 'problem', problem: noPublicKey } : { kind: 'text', text: facts.publicKeyText };
  if (route !== 'R11' && (contentType === '' || bodyBytes === 0)) return { kind: 'failed', code: 'BODY_INVALID' };
  if (!facts.hasKey) return { kind: 'failed', code: 'KEY_MISSING' };
  if (route === 'R10' && !facts.canDecrypt) return { kind: 'problem', problem: publicKeyOnly };
  return null;
}

/** The JSON of a problem. */
export function problemBody({ description, name }: EncryptionProblem): string {
  return JSON.stringify({ description, status: name });
}
