// Validation of the profile list of a request.
import type { ErrorCode } from '../../model/errorCodes.ts';
import { commaList } from '../resolve/commaList.ts';
import { isProfileName } from '../resolve/profileName.ts';
import { isForbidden } from './forbiddenText.ts';
import { isListTooLong } from './listLength.ts';

/**
 * `profiles` is decoded once. With `validate` false only control characters and overlong lists are refused here; the file backends check
 * once more and answer 500. (compatibility document 8.2)
 */
export function validateProfiles(profiles: string, validate: boolean): ErrorCode | null {
  if (isListTooLong(profiles) || /\p{Cc}/u.test(profiles)) return 'REQUEST_INVALID';
  if (!validate) return null;
  const valid = commaList(profiles).every(isProfileName) && !isForbidden(profiles);
  return valid ? null : 'REQUEST_INVALID';
}
