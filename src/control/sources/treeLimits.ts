// The bounds of one tree, and the failures when they are passed.
import { Failure } from '../../model/failure.ts';

export interface TreeLimits {
  /** One file. */
  readonly fileBytesMax: number;
  /** All files of one revision. */
  readonly treeBytesMax: number;
  readonly filesMax: number;
  /** Directories within directories. */
  readonly depthMax: number;
}

export const defaultTreeLimits: TreeLimits = { fileBytesMax: 33_554_432, treeBytesMax: 1_073_741_824, filesMax: 100_000, depthMax: 64 };

/** Adds up a tree while it is read and throws LIMIT_EXCEEDED at the first limit that it passes. */
export class TreeBudget {
  private readonly limits: TreeLimits;
  private readonly what: string;
  private files = 0;
  private bytes = 0;

  /** `what` names the tree in messages: a directory or a commit. */
  constructor(limits: TreeLimits, what: string) {
    this.limits = limits;
    this.what = what;
  }

  addFile(path: string, bytes: number): void {
    this.files += 1;
    if (this.files > this.limits.filesMax) throw this.passed(`has more than ${this.limits.filesMax} files`);
    this.addBytes(path, bytes);
  }

  /** For a file that was added before its size was known. */
  addBytes(path: string, bytes: number): void {
    this.bytes += bytes;
    if (bytes > this.limits.fileBytesMax) throw this.passed(`has a file of ${bytes} bytes, ${path}; the limit is ${this.limits.fileBytesMax}`);
    if (this.bytes > this.limits.treeBytesMax) throw this.passed(`has more than ${this.limits.treeBytesMax} bytes`);
  }

  enterDirectory(path: string, depth: number): void {
    if (depth > this.limits.depthMax) throw this.passed(`has directories more than ${this.limits.depthMax} deep, at ${path}`);
  }

  private passed(problem: string): Failure {
    return new Failure('LIMIT_EXCEEDED', `${this.what} ${problem}`);
  }
}
