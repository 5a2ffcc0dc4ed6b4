// The last segment of R3-R6: `{name}-{profiles}.{format}`, split on the raw text before decoding.
import type { FlatFormat } from '../../model/request.ts';

export interface FlatTarget {
  readonly rawName: string;
  readonly rawProfiles: string;
  readonly format: FlatFormat;
  /** As written: `properties`, `yml`, `yaml` or `json`. */
  readonly extension: FlatFormat | 'yaml';
}

const FLAT_TARGET = /^(.*)-(.*)\.(properties|ya?ml|json)$/s;

/** null when the segment has no such shape. The last hyphen splits. (compatibility document 1.2.3, 1.2.6) */
export function flatTarget(rawSegment: string): FlatTarget | null {
  const match = FLAT_TARGET.exec(rawSegment);
  if (match === null) return null;
  const [, rawName = '', rawProfiles = '', extension = ''] = match;
  if (extension === 'properties' || extension === 'json') return { rawName, rawProfiles, format: extension, extension };
  return { rawName, rawProfiles, format: 'yml', extension: extension === 'yaml' ? 'yaml' : 'yml' };
}

/** A dot followed by the whole word of a format: no profile segment of R1. (compatibility document 1.2.2) */
export function holdsFormatSuffix(rawProfiles: string): boolean {
  return /\.(?:ya?ml|properties|json)(?![A-Za-z0-9_])/.test(rawProfiles);
}
