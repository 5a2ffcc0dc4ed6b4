// A rule between options that the settings break.
import type { Origin } from './origin.ts';

export interface BrokenRule {
  /** Segments of the options concerned; the first that was set is blamed. */
  readonly paths: readonly (readonly string[])[];
  readonly message: string;
  /** Where to look when none of the options concerned was set. */
  readonly origin?: Origin;
}
