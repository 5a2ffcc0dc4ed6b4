// Validation of the label of a request.
import type { ErrorCode } from '../../model/errorCodes.ts';
import { isForbidden } from './forbiddenText.ts';
import { isListTooLong } from './listLength.ts';

/** `label` is decoded once, slash markers still in it. (compatibility document 8.2) */
export function validateLabel(label: string): ErrorCode | null {
  return isListTooLong(label) || isForbidden(label) ? 'REQUEST_INVALID' : null;
}
