// Validation of the file path of a plain-text request.
import type { ErrorCode } from '../../model/errorCodes.ts';
import { isForbidden } from './forbiddenText.ts';

/** `path` is decoded once, slash markers still in it. (compatibility document 8.2) */
export function validatePath(path: string): ErrorCode | null {
  return isForbidden(path) ? 'REQUEST_INVALID' : null;
}
