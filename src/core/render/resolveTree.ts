// Resolves the placeholders of every string in a tree; names are left alone.
import type { Tree, TreeObject } from './tree.ts';

/** Changes the tree, which nobody else has seen yet. (compatibility document 4.8) */
export function resolveTree(tree: TreeObject, resolve: (value: string) => string): void {
  for (const [name, child] of tree) tree.set(name, resolved(child, resolve));
}

function resolved(tree: Tree, resolve: (value: string) => string): Tree {
  if (typeof tree === 'string') return resolve(tree);
  if (tree instanceof Map) resolveTree(tree, resolve);
  else if (Array.isArray(tree)) tree.forEach((child, index) => (tree[index] = resolved(child, resolve)));
  return tree;
}
