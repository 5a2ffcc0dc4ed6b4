// The keys of a document that steer resolution itself: imports, conditions, profile activation.
import type { ConfigDocument } from '../../model/document.ts';
import type { Value } from '../../model/value.ts';

/** A list setting as written: one text that is split at commas, or elements of their own. Placeholders are not resolved yet. */
export type ListSetting = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'elements'; readonly elements: readonly string[] };

export interface DocumentControl {
  readonly imports: ListSetting | null;
  readonly onProfile: ListSetting | null;
  readonly onCloudPlatform: string | null;
  readonly include: ListSetting | null;
  readonly groups: ReadonlyMap<string, ListSetting>;
  /** spring.profiles.active, .include or .default is set. */
  readonly activatesProfiles: boolean;
  /** The refused key of old versions: spring.profiles itself. */
  readonly hasLegacyProfiles: boolean;
}

/** Relaxed spelling of keys counts: `onProfile`, `on_profile`. (compatibility document 3.4, 3.5, 3.9) */
export function documentControl(document: ConfigDocument): DocumentControl {
  const texts = controlTexts(document);
  const groups = new Map<string, ListSetting>();
  for (const key of texts.groupKeys) {
    const setting = listSetting(texts.values, `spring.profiles.group.${key}`);
    if (setting !== null) groups.set(key, setting);
  }
  const include = listSetting(texts.values, 'spring.profiles.include');
  return {
    imports: listSetting(texts.values, 'spring.config.import'),
    onProfile: listSetting(texts.values, 'spring.config.activate.onprofile'),
    onCloudPlatform: texts.values.get('spring.config.activate.oncloudplatform') ?? null,
    include,
    groups,
    activatesProfiles:
      include !== null || listSetting(texts.values, 'spring.profiles.active') !== null || listSetting(texts.values, 'spring.profiles.default') !== null,
    hasLegacyProfiles: listSetting(texts.values, 'spring.profiles') !== null,
  };
}

interface ControlTexts {
  /** By uniform key; in groups the profile keeps its spelling. */
  readonly values: ReadonlyMap<string, string>;
  readonly groupKeys: ReadonlySet<string>;
}

function controlTexts(document: ConfigDocument): ControlTexts {
  const values = new Map<string, string>();
  const groupKeys = new Set<string>();
  for (const [key, property] of document.properties) {
    if ((key.charCodeAt(0) | 0x20) !== 0x73) continue;
    const { name, index } = splitKey(key);
    if (name[0] !== 'spring' || (name[1] !== 'config' && name[1] !== 'profiles')) continue;
    const base = name.join('.');
    if (name[1] === 'profiles' && name[2] === 'group' && name.length > 3) groupKeys.add(name.slice(3).join('.'));
    const uniform = index === null ? base : `${base}[${index}]`;
    if (!values.has(uniform)) values.set(uniform, valueText(property.value));
  }
  return { values, groupKeys };
}

/** Elements in uniform spelling (lower case, letters and digits only), but as written behind spring.profiles.group. */
function splitKey(key: string): { readonly name: string[]; readonly index: string | null } {
  const indexed = /^(.*)\[(\d+)\]$/s.exec(key);
  const base = indexed?.[1] ?? key;
  const name: string[] = [];
  for (const match of base.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)) {
    const element = match[1] ?? match[2] ?? '';
    const isGroupName = name.length >= 3 && name[1] === 'profiles' && name[2] === 'group';
    name.push(isGroupName ? element : element.toLowerCase().replace(/[^a-z0-9]/g, ''));
  }
  return { name, index: indexed?.[2] ?? null };
}

function listSetting(values: ReadonlyMap<string, string>, key: string): ListSetting | null {
  const text = values.get(key);
  if (text !== undefined) return { kind: 'text', text };
  const elements: string[] = [];
  for (let element = values.get(`${key}[0]`); element !== undefined; element = values.get(`${key}[${elements.length}]`)) elements.push(element);
  return elements.length === 0 ? null : { kind: 'elements', elements };
}

function valueText(value: Value): string {
  if (typeof value === 'number' && Number.isInteger(value)) return value.toFixed(1);
  return value instanceof Uint8Array ? '' : String(value);
}
