// Records what an answer was made from, so that a publisher can tell from changed paths which answers to compute again.

export class DependencyCollector {
  readonly #add: (dependency: string) => void;

  /** `add` is called for every dependency, repeated ones included. */
  constructor(add: (dependency: string) => void) {
    this.#add = add;
  }

  file(repository: string, label: string, path: string): void {
    this.#add(fileDependency(repository, label, path));
  }

  label(repository: string, label: string): void {
    this.#add(labelDependency(repository, label));
  }

  directories(repository: string, label: string): void {
    this.#add(directoriesDependency(repository, label));
  }
}

/** A file that was looked for, existing or not. `path` as in FileTree. */
export function fileDependency(repository: string, label: string, path: string): string {
  return `file ${repository} ${label} ${path}`;
}

/** A label that was looked up, existing or not. */
export function labelDependency(repository: string, label: string): string {
  return `label ${repository} ${label}`;
}

/** The list of directories, read for a wildcard. */
export function directoriesDependency(repository: string, label: string): string {
  return `directories ${repository} ${label}`;
}

/** FNV-1a over UTF-16 code units, as an unsigned 32-bit number. */
export function dependencyHash(dependency: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < dependency.length; index += 1) {
    hash = Math.imul(hash ^ dependency.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
