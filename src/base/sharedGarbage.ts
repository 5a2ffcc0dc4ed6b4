// Collects garbage when much shared memory has been dropped: V8 does not count it, so nothing else would.
//
//   To V8 a reference to 2 MB of shared memory is a small object (whoever shares it ten times would count it ten times). A thread
//   that makes little other garbage keeps every dropped segment for hours: 150 publishes of 1,000 applications cost 400 MB.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Shared memory that may lie about; above, all of it is collected: some 5 ms for a serving thread. */
const toleratedBytes = 32 * 1_048_576;
/** What is replaced now is dropped by then. */
const delayMs = 250;

/** One per thread. */
export class SharedGarbage {
  private bytes = 0;
  private timer: NodeJS.Timeout | null = null;

  /** A buffer of this size came in: sooner or later it will be dropped, or one like it. */
  add(bytes: number): void {
    this.bytes += bytes;
    // No more often than a buffer of this size is replaced once.
    if (this.bytes < Math.max(toleratedBytes, 2 * bytes) || this.timer !== null) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.bytes = 0;
      collector()();
    }, delayMs).unref();
  }
}

let found: (() => void) | null = null;

/** A context that is made after the flag was set has the function. */
function collector(): () => void {
  if (found === null) {
    setFlagsFromString('--expose-gc');
    found = runInNewContext('gc') as () => void;
  }
  return found;
}
