// What one backend contributes to an environment, and where it looks for plain-text files.
import type { PropertySource } from '../../model/environment.ts';
import type { Location } from './location.ts';
import type { Checkout } from './resolveContext.ts';

export interface BackendAnswer {
  /** Reported when the backend is the only one. */
  readonly version: string | null;
  readonly state: string | null;
  /** Highest precedence first. */
  readonly sources: readonly PropertySource[];
}

export interface ResourceLocations {
  readonly source: Checkout;
  /** In list order. */
  readonly locations: readonly Location[];
}
