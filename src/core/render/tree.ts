// The tree that the .yml and .json formats show, made from flat keys.
import type { Value } from '../../model/value.ts';

/** null is a list element that no key fills. Maps keep the order of insertion whatever the keys look like. */
export type Tree = Value | null | TreeList | TreeObject;

export type TreeList = Tree[];

export type TreeObject = Map<string, Tree>;
