// From a label to a commit: branches first, then tags, then commit ids. (compatibility document 3.7)
import type { GitRefs } from './gitTask.ts';

/**
 * - commit: known from the refs.
 * - id: may be a commit id or the beginning of one; the objects must be asked.
 * - none: cannot be anything.
 */
export type RefLookup = { readonly kind: 'commit'; readonly commit: string } | { readonly kind: 'id'; readonly id: string } | { readonly kind: 'none' };

/** Shorter beginnings of ids are names, as in Git. */
const idLengthMin = 4;

/** A branch wins over a tag of the same name: upstream moves its checkout on to the branch. */
export function lookUpRef(label: string, refs: GitRefs): RefLookup {
  const names = [
    `refs/heads/${label}`,
    `refs/tags/${label}`,
    `refs/remotes/origin/${label}`,
    ...(label.startsWith('refs/') || label === 'HEAD' ? [label] : []),
  ];
  for (const name of names) {
    const commit = refs.get(name);
    if (commit !== undefined) return { kind: 'commit', commit };
  }
  const id = label.toLowerCase();
  return id.length >= idLengthMin && id.length <= 40 && /^[0-9a-f]+$/.test(id) ? { kind: 'id', id } : { kind: 'none' };
}
