// Which entries a change of content concerns: by the hashes of what they looked at.
import { dependencyHash, directoriesDependency, fileDependency, labelDependency } from '../../core/resolve/dependencyCollector.ts';
import { diffTrees } from '../../snapshot/treeImage.ts';
import type { LabelChange } from './compileTask.ts';
import type { ContentCache } from './contentCache.ts';

export interface AffectedHashes {
  /** An entry with one of these must be resolved again. */
  readonly content: ReadonlySet<number>;
  /** Hash of a label → its move: an entry with it and the old revision has the new revision now, and no other change. */
  readonly moves: ReadonlyMap<number, { readonly from: string; readonly to: string }>;
}

export function affectedHashes(changes: readonly LabelChange[], cache: ContentCache): AffectedHashes {
  const content = new Set<number>();
  const moves = new Map<number, { from: string; to: string }>();
  for (const { repository, label, from, to } of changes) {
    const labelHash = dependencyHash(labelDependency(repository, label));
    if (from === null || to === null) {
      content.add(labelHash);
      continue;
    }
    moves.set(labelHash, { from: from.revision, to: to.revision });
    const before = cache.tree(from);
    const after = cache.tree(to);
    const { added, modified, removed } = diffTrees(before, after);
    for (const path of [...added, ...modified, ...removed]) content.add(dependencyHash(fileDependency(repository, label, path)));
    if (before.directories().join('\n') !== after.directories().join('\n')) {
      content.add(dependencyHash(directoriesDependency(repository, label)));
    }
  }
  return { content, moves };
}
