// Renders an environment in one of the flat formats: .properties, .yml, .json.
import type { ResolutionLimits } from '../../model/backend.ts';
import type { Environment } from '../../model/environment.ts';
import type { FlatFormat } from '../../model/request.ts';
import { resolveText } from '../placeholders/resolveText.ts';
import { valueResolver } from '../placeholders/valueResolver.ts';
import { BoundedText } from './boundedText.ts';
import { buildTree } from './buildTree.ts';
import { mergeSources } from './mergeSources.ts';
import { resolveTree } from './resolveTree.ts';
import { writeJson } from './writeJson.ts';
import { writeProperties } from './writeProperties.ts';
import { writeYaml } from './writeYaml.ts';

export interface FlatOptions {
  readonly resolvePlaceholders: boolean;
  readonly stripDocumentFromYaml: boolean;
  readonly limits: ResolutionLimits;
}

/**
 * The body in UTF-8. (compatibility document 4.4 to 4.8)
 *
 * @throws {Failure} KEY_MALFORMED, KEY_CONFLICT, PLACEHOLDER_CIRCULAR, PLACEHOLDER_UNRESOLVED, CONTENT_INVALID, LIMIT_EXCEEDED
 */
export function renderFlat(environment: Environment, format: FlatFormat, options: FlatOptions): Uint8Array {
  const { limits, resolvePlaceholders } = options;
  const properties = mergeSources(environment);
  const output = new BoundedText(limits.bodyBytesMax);
  if (format === 'properties') {
    writeProperties(properties, output);
    if (!resolvePlaceholders) return output.encode();
    const resolved = new BoundedText(limits.bodyBytesMax);
    resolved.append(resolveText(output.toString(), environment, limits, 'PLACEHOLDER_CIRCULAR'));
    return resolved.encode();
  }
  const tree = buildTree(properties, limits);
  if (resolvePlaceholders) resolveTree(tree, valueResolver(environment, limits));
  if (format === 'json') writeJson(tree, output);
  else writeYaml(tree, options.stripDocumentFromYaml, output);
  return output.encode();
}
