// Looks up one flat key in the sources of an environment, highest precedence first.
import type { Environment } from '../../model/environment.ts';
import type { Value } from '../../model/value.ts';

/** undefined when no source holds exactly this key: no relaxed names, no list without its index. (compatibility document 4.8) */
export type PropertyLookup = (key: string) => Value | undefined;

/** `onSecret` is called when the value that is found was encrypted. */
export function propertyLookup(environment: Environment, onSecret: () => void = () => undefined): PropertyLookup {
  const sources = environment.propertySources.map((source) => source.properties);
  return (key) => {
    for (const properties of sources) {
      const property = properties.get(key);
      if (property === undefined) continue;
      if (property.cipher === 'decrypted') onSecret();
      return property.value;
    }
    return undefined;
  };
}
