// A node of the import tree: one document, what it imports before and after the profiles are known, and its place in the order.
import type { ConfigDocument } from '../../model/document.ts';
import type { Conditions } from './activation.ts';
import type { DocumentControl } from './documentControl.ts';
import type { SourcePlace } from './sourceName.ts';

/** Before the effective profiles are known, and after. */
export type ImportPhase = 'before' | 'after';

/**
 * The root has no document; its imports are the locations. Children are in descending precedence, and all of them outrank
 * the node itself:
 *
 *     [ after: profile files … ] > [ before: base files … ] > the document
 */
export interface Contributor {
  readonly document: ConfigDocument | null;
  readonly place: SourcePlace;
  readonly control: DocumentControl;
  /** Found as a profile variant: it may not activate profiles. */
  readonly fromProfileImport: boolean;
  /** A profile file that still may rise to the profile tier of its grandparent. */
  profileSpecific: boolean;
  /** Set when it is first asked whether the document is active. */
  conditions: Conditions | null;
  readonly children: Map<ImportPhase, Contributor[]>;
}

/** In descending precedence, the node itself last. */
export function* contributorsBelow(node: Contributor): Generator<Contributor> {
  for (const child of node.children.get('after') ?? []) yield* contributorsBelow(child);
  for (const child of node.children.get('before') ?? []) yield* contributorsBelow(child);
  yield node;
}

/**
 * Gives a node its children of a phase. With those of the second phase the profile files that its base files have imported
 * rise above the node's own profile files. (compatibility document 3.9)
 */
export function setChildren(node: Contributor, phase: ImportPhase, children: readonly Contributor[]): void {
  const risen: Contributor[] = [];
  if (phase === 'after') {
    for (const base of node.children.get('before') ?? []) {
      for (const [basePhase, grandchildren] of base.children) {
        base.children.set(
          basePhase,
          grandchildren.filter((grandchild) => !grandchild.profileSpecific),
        );
        risen.push(...grandchildren.filter((grandchild) => grandchild.profileSpecific));
      }
    }
    for (const contributor of risen) contributor.profileSpecific = false;
  }
  node.children.set(phase, [...risen, ...children]);
}
