// What resolution is given: the sources at one moment, a parser, and where to note what the answer depends on.
import type { ContentView } from '../../model/contentView.ts';
import type { ConfigDocument } from '../../model/document.ts';
import type { Decryption } from '../../model/encryption.ts';
import type { FileTree, TreeFile } from '../../model/fileTree.ts';
import { Failure } from '../../model/failure.ts';
import { ContentPending } from './contentPending.ts';
import type { DependencyCollector } from './dependencyCollector.ts';

export interface ResolveContext {
  readonly view: ContentView;
  /** The documents that are not empty, in file order; their number is their index. The format is told by the path's extension. */
  parse(file: TreeFile): readonly ConfigDocument[];
  readonly decryption: Decryption;
  readonly dependencies: DependencyCollector;
  /** Told of each failure that resolution passes over because another label or repository may answer instead. */
  readonly onPassedOver: (failure: Failure) => void;
  /** Told when a member of a composite answers from the former content of these labels, and why. */
  readonly onStandIn: (failure: Failure, labels: readonly { readonly repository: string; readonly label: string }[]) => void;
}

/** Who asks for what, after routing. */
export interface ResolveTarget {
  readonly name: string;
  readonly profiles: string;
  readonly label: string | null;
}

/** One label of one repository, as a tree. */
export interface Checkout {
  readonly repository: string;
  readonly label: string;
  readonly tree: FileTree;
}

/** Fails with LABEL_UNKNOWN, REPOSITORY_UNAVAILABLE, REPOSITORY_BROKEN; throws ContentPending. */
export function checkout(context: ResolveContext, repository: string, label: string): Checkout {
  context.dependencies.label(repository, label);
  const lookup = context.view.lookup(repository, label);
  switch (lookup.kind) {
    case 'tree':
      return { repository, label, tree: lookup.tree };
    case 'noSuchLabel':
      throw new Failure('LABEL_UNKNOWN', `${repository} has no label ${JSON.stringify(label)}`);
    case 'unavailable':
      throw new Failure('REPOSITORY_UNAVAILABLE', `${repository}: ${lookup.reason}`);
    case 'broken':
      throw new Failure('REPOSITORY_BROKEN', `${repository}: ${lookup.reason}`);
    case 'pending':
      throw new ContentPending(repository, label);
  }
}

/** The file at a path of the tree; the look is recorded whether it exists or not. */
export function probeFile(context: ResolveContext, source: Checkout, path: string): TreeFile | null {
  context.dependencies.file(source.repository, source.label, path);
  return source.tree.file(path);
}

/** Every directory of the tree, in byte order; the look is recorded. */
export function listDirectories(context: ResolveContext, source: Checkout): readonly string[] {
  context.dependencies.directories(source.repository, source.label);
  return source.tree.directories();
}
