// What is pushed: versions of one answer and what changed between two of them.

/** `hash`: of the content alone. A commit that changes nothing moves the revision, not the hash. */
export interface Version {
  readonly revision: string;
  readonly hash: string;
}

/** From the entity tag of the merged form: the hash without its quotes. */
export function versionOf(entityTag: string, revision: string): Version {
  return { revision, hash: entityTag.slice(1, -1) };
}

/**
 * Texts are JSON: a quoted key and scalars, digit for digit as they are. `from` null: added; `to` null: removed. `isSecret`: the value
 * is secret, of a removed key the value that was. A `from` that was secret, or becomes so, is `"***"`.
 */
export type KeyChange = readonly [key: string, from: string | null, to: string | null, isSecret?: true];

/** How the content of one entry of the snapshot (its merged form) moved from one epoch to the next. */
export interface EntryChange {
  /** The entry's key. */
  readonly key: string;
  readonly from: Version;
  readonly to: Version;
  /** In the order of the keys. */
  readonly changes: readonly KeyChange[];
  /** The repository that moved. */
  readonly source: string;
}
