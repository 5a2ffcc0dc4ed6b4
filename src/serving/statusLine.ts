// The status line as uWebSockets.js takes it: code and phrase.
import { reasonPhrase } from '../core/http/reasonPhrase.ts';

export function statusLine(status: number): string {
  return `${status} ${reasonPhrase(status)}`;
}
