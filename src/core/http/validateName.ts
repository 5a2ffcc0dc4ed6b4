// Validation of the application name of a request.
import type { ErrorCode } from '../../model/errorCodes.ts';
import { isForbidden } from './forbiddenText.ts';
import { isListTooLong } from './listLength.ts';

/**
 * `name` is decoded once, slash markers still in it. A `*` passes here: it fails in resolution with 500, as recorded.
 * (compatibility document 8.2, 8.4)
 */
export function validateName(name: string): ErrorCode | null {
  return isListTooLong(name) || isForbidden(name) || /[?[\]{}]/.test(name) ? 'REQUEST_INVALID' : null;
}
