// Lets the repositories of a Git backend's `repos` have from the backend what they don't set themselves.
import { entryNames, segmentsKey, type Assignment } from './assignment.ts';

const git = ['backends', 'git'];
const composite = ['backends', 'composite'];

// What belongs together is inherited together: a repository with its own user does not get the parent's token.
// (compatibility document 3.11; labels and search paths are never inherited)
const inheritedTogether: readonly (readonly string[])[] = [
  ['username', 'password', 'token'],
  ['privateKey', 'privateKeyFile'],
  ['passphrase'],
  ['knownHosts', 'knownHostsFile'],
  ['strictHostKeyChecking'],
  ['skipSslValidation'],
  ['caFile'],
  ['timeout'],
  ['pollInterval'],
  ['maxStaleness'],
  ['onStale'],
];

/** The assignments to add, by segments key. */
export function inheritAccess(winners: ReadonlyMap<string, Assignment>): ReadonlyMap<string, Assignment> {
  const parents = [git, ...entryNames(composite, winners.values()).map((index) => [...composite, index])];
  return new Map(parents.flatMap((parent) => [...inheritFrom(parent, winners)]));
}

function inheritFrom(backend: readonly string[], winners: ReadonlyMap<string, Assignment>): ReadonlyMap<string, Assignment> {
  const repos = [...backend, 'repos'];
  const added = new Map<string, Assignment>();
  for (const name of entryNames(repos, winners.values())) {
    for (const fields of inheritedTogether) {
      if (fields.some((field) => isSet(winners.get(segmentsKey([...repos, name, field]))))) continue;
      for (const field of fields) {
        const parent = winners.get(segmentsKey([...backend, field]));
        if (parent === undefined) continue;
        const segments = [...repos, name, field];
        added.set(segmentsKey(segments), { ...parent, segments, origin: { kind: 'inherited', from: [...backend, field].join('.') } });
      }
    }
  }
  return added;
}

function isSet(assignment: Assignment | undefined): boolean {
  return assignment !== undefined && assignment.value !== null;
}
