// Whether a document is active: its profile expressions and its cloud platform.
import { Failure } from '../../model/failure.ts';
import { profileExpression } from './profileExpression.ts';

/** The conditions of a document, placeholders resolved. */
export interface Conditions {
  /** Any of them must match; none is no condition. */
  readonly onProfile: readonly string[];
  /** '' is no condition. */
  readonly onCloudPlatform: string;
}

const CLOUD_PLATFORMS: ReadonlySet<string> = new Set(['none', 'cloudfoundry', 'heroku', 'sap', 'nomad', 'kubernetes', 'azureappservice']);

/**
 * `profiles` are the effective ones, null while they are not known: then no profile condition holds. This server runs on
 * no cloud platform. Fails with CONTENT_INVALID. (compatibility document 3.5)
 */
export function isActive(conditions: Conditions, profiles: ReadonlySet<string> | null): boolean {
  if (conditions.onCloudPlatform !== '') {
    const platform = conditions.onCloudPlatform.toLowerCase().replace(/[^a-z0-9]/g, '');
    if (!CLOUD_PLATFORMS.has(platform)) throw new Failure('CONTENT_INVALID', `unknown cloud platform ${JSON.stringify(conditions.onCloudPlatform)}`);
    return false;
  }
  if (conditions.onProfile.length === 0) return true;
  if (profiles === null) return false;
  // All are parsed before any is matched: a malformed one fails even when another would match.
  return conditions.onProfile.map(profileExpression).some((matches) => matches(profiles));
}
