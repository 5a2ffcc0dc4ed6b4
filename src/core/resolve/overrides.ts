// The source that outranks all others: the overrides of the server's settings.
import type { PropertySource } from '../../model/environment.ts';
import type { Property } from '../../model/value.ts';

/** Origin of every override in the v2 form. (compatibility document 2.4) */
const ORIGIN = 'Config server overrides';

/** null when nothing is overridden. `\{` and `\${` are unescaped once. (compatibility document 5.1) */
export function overridesSource(overrides: ReadonlyMap<string, string>): PropertySource | null {
  if (overrides.size === 0) return null;
  const properties = new Map<string, Property>();
  for (const [key, value] of overrides) properties.set(key, { value: unescaped(value), origin: ORIGIN });
  return { name: 'overrides', properties, provenance: null };
}

function unescaped(value: string): string {
  return value.includes('\\${') ? value.replaceAll('\\${', '${') : value.replaceAll('\\{', '{');
}
