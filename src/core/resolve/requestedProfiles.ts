// The profiles of a request, and whether it is a default request.
import { Failure } from '../../model/failure.ts';
import { commaList } from './commaList.ts';
import { isProfileName } from './profileName.ts';

/** Without duplicates, the first one counts. Fails with PROFILES_REFUSED: the check of 8.2 once more, for when the switch is off. (compatibility document 3.1.2) */
export function requestedProfiles(profiles: string): string[] {
  const list = commaList(profiles);
  const refused = list.find((profile) => !isProfileName(profile));
  if (refused !== undefined) throw new Failure('PROFILES_REFUSED', `${JSON.stringify(refused)} is no profile name`);
  return [...new Set(list)];
}

/** Served files activate nothing in such a request. (compatibility document 3.1.2, 3.4) */
export function isDefaultRequest(profiles: readonly string[]): boolean {
  const [first] = profiles;
  return first === undefined || first.toLowerCase() === 'default';
}
