// The configuration as the client has it now: typed getters and listeners. Changes come in by `replace` and `apply`.
export type Value = string | number | boolean;

export interface KeyDifference {
  readonly key: string;
  /** undefined: the key is new. */
  readonly from: Value | undefined;
  /** undefined: the key is gone. */
  readonly to: Value | undefined;
  /** It is or was encrypted at rest: do not log it. */
  readonly isSecret?: true;
}

export interface ChangeEvent {
  /** The keys that the listener asked for, in order. */
  readonly changes: readonly KeyDifference[];
  readonly revision: string;
}

export type ChangeListener = (event: ChangeEvent) => void;

/** A value is there, but not of the kind that was asked for. */
export class ConfigurationTypeError extends TypeError {
  override readonly name = 'ConfigurationTypeError';
}

interface Listening {
  readonly prefix: string;
  readonly listener: ChangeListener;
}

export class Configuration {
  /** The commit or content hash that the server answered from; '' before the first content. */
  revision = '';
  /** Of the content: what the server compares. */
  hash = '';
  /** Seconds since the server could confirm the content, 0 within its limit; as of the last heartbeat. */
  staleSeconds = 0;
  private properties: ReadonlyMap<string, Value> = new Map();
  private secrets: ReadonlySet<string> = new Set();
  private readonly listeners = new Set<Listening>();

  /** The value as it came; undefined when there is none. */
  get(key: string): Value | undefined {
    return this.properties.get(key);
  }

  /** Numbers and booleans as text. @throws {ConfigurationTypeError} when there is no value and no `fallback` */
  string(key: string, fallback?: string): string {
    const value = this.properties.get(key) ?? fallback;
    if (value === undefined) throw new ConfigurationTypeError(`${key} is not configured`);
    return String(value);
  }

  /** Also of a text that is a decimal number. @throws {ConfigurationTypeError} */
  number(key: string, fallback?: number): number {
    const value = this.properties.get(key) ?? fallback;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && !Number.isNaN(number)) return number;
    throw new ConfigurationTypeError(value === undefined ? `${key} is not configured` : `${key} is no number: ${String(value)}`);
  }

  /** Also of the texts `true` and `false`. @throws {ConfigurationTypeError} */
  boolean(key: string, fallback?: boolean): boolean {
    const value = this.properties.get(key) ?? fallback;
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    throw new ConfigurationTypeError(value === undefined ? `${key} is not configured` : `${key} is neither true nor false: ${String(value)}`);
  }

  /** `key[0]`, `key[1]`, …, else a text split at commas; empty when there is nothing. */
  list(key: string): readonly Value[] {
    const items: Value[] = [];
    for (let index = 0; ; index += 1) {
      const item = this.properties.get(`${key}[${index}]`);
      if (item === undefined) break;
      items.push(item);
    }
    const text = this.properties.get(key);
    if (items.length > 0 || text === undefined || text === '') return items;
    return String(text)
      .split(',')
      .map((item) => item.trim());
  }

  /** All keys, sorted. */
  all(): ReadonlyMap<string, Value> {
    return this.properties;
  }

  /** The value is encrypted at rest, or holds one that is: do not show it. */
  isSecret(key: string): boolean {
    return this.secrets.has(key);
  }

  /** `prefix`: a key, or the part of keys before a dot or bracket; '' for all. Returns a function that ends the listening. */
  onChange(prefix: string, listener: ChangeListener): () => void {
    const listening = { prefix, listener };
    this.listeners.add(listening);
    return () => this.listeners.delete(listening);
  }

  /** New content as a whole. */
  replace(properties: Readonly<Record<string, Value>>, revision: string, hash: string, secrets: readonly string[] = []): void {
    this.become(new Map(Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1))), new Set(secrets), revision, hash);
  }

  /** New content by what differs. */
  apply(changes: readonly KeyDifference[], revision: string, hash: string, secrets: readonly string[] = []): void {
    const next = new Map(this.properties);
    const nextSecrets = new Set(this.secrets);
    const listed = new Set(secrets);
    for (const { key, to } of changes) {
      if (to === undefined) next.delete(key);
      else next.set(key, to);
      if (to !== undefined && listed.has(key)) nextSecrets.add(key);
      else nextSecrets.delete(key);
    }
    this.become(new Map([...next].sort(([a], [b]) => (a < b ? -1 : 1))), nextSecrets, revision, hash);
  }

  private become(next: ReadonlyMap<string, Value>, secrets: ReadonlySet<string>, revision: string, hash: string): void {
    const before = this.properties;
    const isFirst = this.hash === '';
    const wereSecret = this.secrets;
    this.properties = next;
    this.secrets = secrets;
    this.revision = revision;
    this.hash = hash;
    if (isFirst) return;
    const changes: KeyDifference[] = [];
    for (const key of new Set([...before.keys(), ...next.keys()])) {
      const [from, to] = [before.get(key), next.get(key)];
      const isSecret = wereSecret.has(key) || secrets.has(key);
      if (from !== to) changes.push({ key, from, to, ...(isSecret ? { isSecret } : {}) });
    }
    changes.sort((a, b) => (a.key < b.key ? -1 : 1));
    if (changes.length > 0) this.tell(changes);
  }

  private tell(changes: readonly KeyDifference[]): void {
    for (const { prefix, listener } of this.listeners) {
      const concerned = changes.filter(({ key }) => isBelow(key, prefix));
      if (concerned.length > 0) listener({ changes: concerned, revision: this.revision });
    }
  }
}

function isBelow(key: string, prefix: string): boolean {
  return prefix === '' || key === prefix || key.startsWith(`${prefix}.`) || key.startsWith(`${prefix}[`);
}
