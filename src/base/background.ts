// Work that may wait: its thread gets out of the way of the threads that serve.
import { setPriority } from 'node:os';

/** About a tenth of a core where another thread wants all of it, everything where none does. */
const niceness = 10;

/**
 * Call on a thread that computes for others to serve. With one core for all threads (a pod limited to one) reads otherwise wait
 * for a whole slice of the scheduler. Only Linux gives priorities to threads; elsewhere it would be the whole process's.
 */
export function runInBackground(): void {
  if (process.platform === 'linux') setPriority(0, niceness);
}
