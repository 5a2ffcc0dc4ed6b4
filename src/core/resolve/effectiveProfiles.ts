// The profiles that count for a request: the requested ones, their groups, and what served files include.
import { Failure } from '../../model/failure.ts';
import { isProfileName } from './profileName.ts';

/** What one base document says about profiles, placeholders resolved. */
export interface ProfileStatements {
  readonly include: readonly string[];
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

/**
 * `statements` of the active base documents, highest precedence first. Ascending precedence. Fails with CONTENT_INVALID.
 * (compatibility document 3.4)
 */
export function effectiveProfiles(requested: readonly string[], statements: readonly ProfileStatements[]): string[] {
  const groups = new Map<string, readonly string[]>();
  for (const { groups: stated } of statements) {
    for (const [profile, members] of stated) if (!groups.has(profile)) groups.set(profile, members);
  }
  const stack = [...requested, ...statements.flatMap(({ include }) => include)].reverse();
  const effective = new Set<string>();
  for (let profile = stack.pop(); profile !== undefined; profile = stack.pop()) {
    if (effective.has(profile)) continue;
    if (!isProfileName(profile)) throw new Failure('CONTENT_INVALID', `a served file activates ${JSON.stringify(profile)}, which is no profile name`);
    effective.add(profile);
    stack.push(...[...(groups.get(profile) ?? [])].reverse());
  }
  return [...effective];
}
