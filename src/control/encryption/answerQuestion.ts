// Carries out one request to /encrypt or /decrypt in a compile thread.
import { cannotDecrypt } from '../../core/encryption/encryptionAnswers.ts';
import { encryptionText } from '../../core/encryption/encryptionBody.ts';
import type { EncryptionAnswer, EncryptionQuestion } from '../../model/encryption.ts';
import type { KeyRing } from './keyRing.ts';

/** (compatibility document 5.5) */
export function answerQuestion(question: EncryptionQuestion, ring: KeyRing): EncryptionAnswer {
  const text = encryptionText(question);
  if (question.operation === 'decrypt') {
    const plainText = text === null ? null : ring.decrypt(text);
    return plainText === null ? { kind: 'problem', problem: cannotDecrypt } : { kind: 'text', text: plainText };
  }
  if (text === null) return { kind: 'failed', code: 'BODY_INVALID' };
  const encrypted = ring.encrypt(text);
  return encrypted === null ? { kind: 'failed', code: 'KEY_SELECTION' } : { kind: 'text', text: encrypted };
}
