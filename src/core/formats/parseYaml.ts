// Reads a YAML configuration file into flattened documents.
import type { ResolutionLimits } from '../../model/backend.ts';
import type { ConfigDocument } from '../../model/document.ts';
import { buildYamlContent } from './buildYamlContent.ts';
import { decodeYaml } from './decodeYaml.ts';
import { flattenYaml } from './flattenYaml.ts';
import { SizeBudget } from './sizeBudget.ts';
import { parseYamlDocuments } from './yamlParser.ts';

/** Documents that hold nothing are left out. (compatibility document 3.5, 4.2, 4.3) */
export function parseYaml(path: string, bytes: Uint8Array, limits: ResolutionLimits): readonly ConfigDocument[] {
  // One counts what is written, the other what aliases make of it.
  const roots = parseYamlDocuments(path, decodeYaml(path, bytes), new SizeBudget(path, limits));
  const budget = new SizeBudget(path, limits);
  const documents: ConfigDocument[] = [];
  for (const root of roots) {
    if (root === null) continue;
    const document = flattenYaml(buildYamlContent(root, budget), budget);
    if (document !== null) documents.push(document);
  }
  return documents;
}
