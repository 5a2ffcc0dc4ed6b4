// Fills `${ROOT}` and `${VERSION:…}` of a corpus; everything else that looks like a placeholder is literal. (corpus README 4)

export interface FixtureValues {
  readonly root: string;
  /** Commit ids by `<repository>:<commit>`. */
  readonly commitIds: ReadonlyMap<string, string>;
}

/** @throws {Error} when the corpus names a commit that its history does not have */
export function fillPlaceholders(text: string, values: FixtureValues): string {
  const withRoot = text.replaceAll('${ROOT}', () => values.root);
  return withRoot.replace(/\$\{VERSION:([^:}]+):([^:}]+)(?::(\d+))?\}/g, (whole, repository: string, commit: string, digits: string | undefined) => {
    const id = values.commitIds.get(`${repository}:${commit}`);
    if (id === undefined) throw new Error(`${whole}: no such commit in history.json`);
    return id.slice(0, digits === undefined ? undefined : Number(digits));
  });
}
