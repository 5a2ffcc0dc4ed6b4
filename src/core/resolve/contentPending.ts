// Thrown when an answer needs content that is not loaded yet: load it and resolve again.

/** Not a Failure on purpose: the rules that swallow failures (label fallback, pattern repositories, composites) let it pass. */
export class ContentPending extends Error {
  readonly repository: string;
  readonly label: string;

  constructor(repository: string, label: string) {
    super(`content of ${repository} at ${JSON.stringify(label)} is not loaded yet`);
    this.name = 'ContentPending';
    this.repository = repository;
    this.label = label;
  }
}
