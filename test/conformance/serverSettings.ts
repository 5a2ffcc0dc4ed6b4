// Translates a fixture's settings.json into a settings file of this server. (corpus README 2)
import type { FixtureBackend, FixtureSettings } from './corpus.ts';

export interface ServerPlace {
  readonly port: number;
  readonly managementPort: number;
  /** For mirrors and snapshots; must not be shared between servers. */
  readonly storageDirectory: string;
}

/** The text of the settings file: JSON, which is YAML too, so that no value can be read as another type. */
export function serverSettings(settings: FixtureSettings, place: ServerPlace): string {
  const { encrypt: serverEncrypt, ...config } = settings.server ?? {};
  const encrypt = { ...settings.encrypt, ...(typeof serverEncrypt === 'object' ? serverEncrypt : {}) };
  const validateProfiles = settings['validate-profiles'];
  const translated = {
    // nobody is left to be told of the end: no waiting in the drain
    server: { host: '127.0.0.1', port: place.port, workers: 1, drain: { 'propagation-delay': '0s', spread: '0s' } },
    management: { host: '127.0.0.1', port: place.managementPort },
    storage: { directory: place.storageDirectory },
    logging: { level: 'info' },
    config: { ...config, ...(validateProfiles === undefined ? {} : { 'validate-profiles': validateProfiles }) },
    ...(Object.keys(encrypt).length === 0 ? {} : { encrypt }),
    backends: backends(settings.repos),
  };
  return `${JSON.stringify(translated, null, 2)}\n`;
}

function backends(repos: readonly FixtureBackend[]): Readonly<Record<string, unknown>> {
  const [only] = repos;
  if (repos.length === 1 && only !== undefined) return { [only.type]: backend(only) };
  return { composite: repos.map((entry) => ({ type: entry.type, ...backend(entry), ...('order' in entry ? { order: entry['order'] } : {}) })) };
}

/** `basedir` is upstream's working copy, which this server does not have; `order` has no meaning for one backend alone. */
function backend(entry: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { type: _type, order: _order, basedir: _basedir, repos, ...own } = entry;
  if (typeof repos !== 'object' || repos === null) return own;
  const named = Object.entries(repos as Readonly<Record<string, Readonly<Record<string, unknown>> | string>>);
  return { ...own, repos: Object.fromEntries(named.map(([name, value]) => [name, typeof value === 'string' ? { uri: value } : backend(value)])) };
}
