// Which failures mean that content cannot be read, as opposed to content that is not there.
import type { Failure } from '../../model/failure.ts';

/**
 * An answer that was good must not give way to one that comes from such a failure: a broken file, a repository that is not one
 * any more, or one that was never reached since the start. A label that is gone is no such failure.
 */
export function isBrokenContent(failure: Failure): boolean {
  return failure.status >= 500 || failure.code === 'REPOSITORY_UNAVAILABLE';
}
