// Turns one configuration file into flattened documents.
import { assert } from '../../base/assert.ts';
import type { ResolutionLimits } from '../../model/backend.ts';
import type { ConfigDocument } from '../../model/document.ts';
import { limitExceeded } from './contentFailure.ts';
import { parseProperties } from './parseProperties.ts';
import { parseRows, ROWS_EXTENSION } from './parseRows.ts';
import { parseXmlProperties } from './parseXmlProperties.ts';
import { parseYaml } from './parseYaml.ts';

export type ConfigFileExtension = 'properties' | 'xml' | 'yml' | 'yaml' | typeof ROWS_EXTENSION;

/**
 * The documents that are not empty, in file order; conditions are not evaluated. `extension` is given for an import that
 * names it (`parts/more[.yml]`), otherwise it is the path's, in lower case. Throws a Failure: CONTENT_INVALID with
 * `path:line:column: what`, or LIMIT_EXCEEDED. (compatibility document 3.1, 3.2, 3.5, 3.9, 4.1-4.3)
 */
export function parseConfigFile(
  path: string,
  bytes: Uint8Array,
  limits: ResolutionLimits,
  extension: ConfigFileExtension = extensionOf(path),
): readonly ConfigDocument[] {
  if (bytes.length > limits.fileBytesMax) {
    throw limitExceeded(path, 'fileBytesMax', `has ${bytes.length} bytes, more than ${limits.fileBytesMax}`);
  }
  switch (extension) {
    case 'properties':
      return parseProperties(path, bytes, limits);
    case 'xml':
      return parseXmlProperties(path, bytes, limits);
    case 'yml':
    case 'yaml':
      return parseYaml(path, bytes, limits);
    case ROWS_EXTENSION:
      return parseRows(bytes);
  }
}

function extensionOf(path: string): ConfigFileExtension {
  const extension = path.slice(path.lastIndexOf('.') + 1);
  const isKnown = extension === 'properties' || extension === 'xml' || extension === 'yml' || extension === 'yaml' || extension === ROWS_EXTENSION;
  assert(isKnown, `${path} is no configuration file`);
  return extension;
}
