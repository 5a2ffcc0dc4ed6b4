// Renders an environment as JSON, the answer of the environment routes.
import type { Environment, PropertySource } from '../../model/environment.ts';
import type { Property } from '../../model/value.ts';
import { BoundedText } from './boundedText.ts';
import { jsonScalar } from './jsonScalar.ts';

export interface RenderedEnvironment {
  /** Compact JSON in UTF-8. */
  readonly body: Uint8Array;
  /** Byte offset of the first character inside the quotes of `version`; -1 when the version is null. */
  readonly versionOffset: number;
}

/**
 * `v2` wraps each value that has an origin: `{"value":1,"origin":"3:7"}`. (compatibility document 2.1, 2.4)
 *
 * @throws {Failure} LIMIT_EXCEEDED when the body would have more than `bodyBytesMax` bytes
 */
export function renderEnvironment(environment: Environment, representation: 'v1' | 'v2', bodyBytesMax = Infinity): RenderedEnvironment {
  const { name, profiles, label, version, state, propertySources } = environment;
  const output = new BoundedText(bodyBytesMax);
  const start = `{"name":${JSON.stringify(name)},"profiles":[${JSON.stringify(profiles)}],"label":${JSON.stringify(label)},"version":`;
  output.append(`${start}${JSON.stringify(version)},"state":${JSON.stringify(state)},"propertySources":[`);
  propertySources.forEach((source, index) => {
    const writeProperty = representation === 'v1' || source.hidesOrigins === true ? plainProperty : propertyWithOrigin;
    writeSource(source, writeProperty, index === 0 ? '' : ',', output);
  });
  output.append(']}');
  const versionOffset = version === null ? -1 : Buffer.byteLength(start) + 1;
  return { body: output.encode(), versionOffset };
}

function writeSource(source: PropertySource, writeProperty: (property: Property) => string, separator: string, output: BoundedText): void {
  output.append(`${separator}{"name":${JSON.stringify(source.name)},"source":{`);
  let between = '';
  for (const [key, property] of source.properties) {
    output.append(`${between}${JSON.stringify(key)}:${writeProperty(property)}`);
    between = ',';
  }
  output.append('}}');
}

function plainProperty(property: Property): string {
  return jsonScalar(property.value);
}

/** What was encrypted is shown bare. (compatibility document 5.3) */
function propertyWithOrigin({ value, origin, cipher }: Property): string {
  if (origin === null || cipher !== undefined) return jsonScalar(value);
  return `{"value":${jsonScalar(value)},"origin":${JSON.stringify(origin)}}`;
}
