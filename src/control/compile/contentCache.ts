// What a compile thread remembers between tasks: decoded trees, and parsed files by blob id.
import type { ConfigDocument } from '../../model/document.ts';
import { PARSED_BYTES_MAX, TREES_MAX } from '../../model/limits.ts';
import { Failure } from '../../model/failure.ts';
import type { TreeFile } from '../../model/fileTree.ts';
import type { ResolutionLimits } from '../../model/backend.ts';
import { parseConfigFile } from '../../core/formats/parseConfigFile.ts';
import { openTree, type ListedTree, type TreeImage } from '../../snapshot/treeImage.ts';

interface Parsed {
  readonly documents: readonly ConfigDocument[] | Failure;
  readonly bytes: number;
}

/** Both caches drop the least recently used first (a Map keeps insertion order). */
export class ContentCache {
  private readonly trees = new Map<string, ListedTree>();
  private readonly parsed = new Map<string, Parsed>();
  private parsedBytes = 0;
  private readonly limits: ResolutionLimits;

  constructor(limits: ResolutionLimits) {
    this.limits = limits;
  }

  tree(image: TreeImage): ListedTree {
    const known = this.trees.get(image.id);
    const tree = known ?? openTree(image);
    this.trees.delete(image.id);
    this.trees.set(image.id, tree);
    if (this.trees.size > TREES_MAX) this.trees.delete(this.trees.keys().next().value!);
    return tree;
  }

  /** Throws the Failure of the parser; a broken file is parsed once, too. */
  parse(file: TreeFile): readonly ConfigDocument[] {
    const extension = file.path.slice(file.path.lastIndexOf('.') + 1);
    const key = `${file.blobId} ${extension}`;
    const known = this.parsed.get(key);
    if (known !== undefined) {
      this.parsed.delete(key);
      this.parsed.set(key, known);
      return documentsOf(known);
    }
    const bytes = file.bytes();
    const parsed = { documents: this.parseNow(file.path, bytes), bytes: bytes.length };
    this.parsed.set(key, parsed);
    this.parsedBytes += parsed.bytes;
    while (this.parsedBytes > PARSED_BYTES_MAX && this.parsed.size > 1) {
      const [oldest, { bytes: freed }] = this.parsed.entries().next().value!;
      this.parsed.delete(oldest);
      this.parsedBytes -= freed;
    }
    return documentsOf(parsed);
  }

  private parseNow(path: string, bytes: Uint8Array): readonly ConfigDocument[] | Failure {
    try {
      return parseConfigFile(path, bytes, this.limits);
    } catch (error) {
      if (error instanceof Failure) return error;
      throw error;
    }
  }
}

function documentsOf(parsed: Parsed): readonly ConfigDocument[] {
  if (parsed.documents instanceof Failure) throw parsed.documents;
  return parsed.documents;
}
