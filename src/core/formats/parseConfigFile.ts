// Turns one configuration file into flattened documents.
import { assert } from '../../base/assert.ts';
import type { ResolutionLimits } from '../../model/backend.ts';
import type { ConfigDocument } from '../../model/document.ts';
import { limitExceeded } from './contentFailure.ts';
import { parseProperties } from './parseProperties.ts';
import { parseXmlProperties } from './parseXmlProperties.ts';
import { parseYaml } from './parseYaml.ts';

/**
 * By extension: `.properties`, `.xml`, `.yml`, `.yaml` (lower case). The documents that are not empty, in file order;
 * conditions are not evaluated. Throws a Failure: CONTENT_INVALID with `path:line:column: what`, or LIMIT_EXCEEDED.
 * (compatibility document 3.1, 3.2, 3.5, 4.1-4.3)
 */
export function parseConfigFile(path: string, bytes: Uint8Array, limits: ResolutionLimits): readonly ConfigDocument[] {
  if (bytes.length > limits.fileBytesMax) {
    throw limitExceeded(path, 'fileBytesMax', `has ${bytes.length} bytes, more than ${limits.fileBytesMax}`);
  }
  if (path.endsWith('.properties')) return parseProperties(path, bytes, limits);
  if (path.endsWith('.xml')) return parseXmlProperties(path, bytes, limits);
  assert(path.endsWith('.yml') || path.endsWith('.yaml'), `${path} is no configuration file`);
  return parseYaml(path, bytes, limits);
}
