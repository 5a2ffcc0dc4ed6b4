// Encrypted values while no key is configured: each becomes a marker that says so.
import type { PropertySource } from '../../model/environment.ts';
import type { Property } from '../../model/value.ts';

const MARKER = '{cipher}';

/** The key goes, `invalid.` and the key with `<n/a>` is put at the end of the same source. (compatibility document 5.3) */
export function markUndecryptable(source: PropertySource): PropertySource {
  let isMarked = false;
  const kept = new Map<string, Property>();
  const marked = new Map<string, Property>();
  for (const [key, property] of source.properties) {
    if (typeof property.value === 'string' && property.value.startsWith(MARKER)) {
      isMarked = true;
      marked.set(`invalid.${key}`, { value: '<n/a>', origin: null });
    } else {
      kept.set(key, property);
    }
  }
  return isMarked ? { ...source, properties: new Map([...kept, ...marked]) } : source;
}
