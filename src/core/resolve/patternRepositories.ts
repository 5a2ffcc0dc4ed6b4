// Which of the repositories with patterns a request is offered to.
import type { GitPatternRepository } from '../../model/backend.ts';
import { commaList } from './commaList.ts';
import { hasPlaceholders } from './replacePlaceholders.ts';
import { matchesWildcard } from './wildcard.ts';

export interface Candidate {
  readonly repository: GitPatternRepository;
  /** Value of {profile} in its uri. */
  readonly profile: string;
  /** false: considered but not used; only its default label has an effect. */
  readonly isUsed: boolean;
}

/** In the order they are tried. (compatibility document 3.10, 3.11) */
export function patternCandidates(repositories: readonly GitPatternRepository[], name: string, profiles: string): Candidate[] {
  const list = commaList(profiles);
  return repositories.flatMap((repository) => {
    const patterns = normalisedPatterns(repository.patterns);
    const isConsidered = list.some((profile) => matchesAny(patterns, `${name}/${profile}`));
    if (!isConsidered) return [];
    if (hasPlaceholders(repository.uri)) return [...list].reverse().map((profile) => ({ repository, profile, isUsed: true }));
    return [{ repository, profile: profiles, isUsed: matchesAny(patterns, `${name}/${profiles}`) }];
  });
}

/** A pattern without a slash stands for all profiles; one without a final star also for lists that begin with its profile. */
export function normalisedPatterns(patterns: readonly string[]): string[] {
  const normalised: string[] = [];
  const lists: string[] = [];
  for (const pattern of patterns) {
    if (!pattern.includes('/')) normalised.push(`${pattern}/*`);
    normalised.push(pattern);
    if (!pattern.endsWith('*')) lists.push(`${pattern},*`);
  }
  return [...normalised, ...lists];
}

function matchesAny(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => matchesWildcard(pattern, text));
}
