// Collects the property sources of one answer of the S3 backend, each once, in the order they are added.
import type { PropertySource } from '../../model/environment.ts';
import type { TreeFile } from '../../model/fileTree.ts';
import type { Property, Value } from '../../model/value.ts';
import { objectVersion } from './objectVersion.ts';
import { probeFile, type Checkout, type ResolveContext } from './resolveContext.ts';
import { isExpressionMet, mergedDocuments, s3Condition, type S3Condition } from './s3Documents.ts';
import { withTimestamps } from './s3Timestamps.ts';
import { treePath } from './treePath.ts';

interface Naming {
  readonly useDirectoryLayout: boolean;
  /** As configured: they are put into every source as they are. */
  readonly overrides: ReadonlyMap<string, string>;
}

/** (compatibility document 6.4) */
export class S3SourceList {
  readonly sources: PropertySource[] = [];
  /** Of the object that was used last. */
  version: string | null = null;
  readonly #context: ResolveContext;
  readonly #naming: Naming;

  constructor(context: ResolveContext, naming: Naming) {
    this.#context = context;
    this.#naming = naming;
  }

  addProfileObjects(source: Checkout, application: string, profile: string): void {
    const name = this.#name(application, profile);
    this.#addPlainObject(source, name);
    this.#addYaml(source, name, name, (condition) => condition.kind === 'none' || isProfile(condition, profile));
  }

  /** Documents for the profile are a source of their own, named as the profile's object would be. */
  addBaseObjects(source: Checkout, application: string, profile: string): void {
    const name = this.#name(application, null);
    this.#addPlainObject(source, name);
    this.#addYaml(source, name, this.#name(application, profile), (condition) => isProfile(condition, profile));
    this.#addYaml(source, name, name, ({ kind }) => kind === 'none');
  }

  addExpressionDocuments(source: Checkout, application: string, profiles: readonly string[]): void {
    const name = this.#name(application, null);
    const requested = new Set(profiles);
    this.#addYaml(source, name, name, (condition) => condition.kind === 'expression' && isExpressionMet(condition.text, requested));
  }

  #name(application: string, profile: string | null): string {
    const base = this.#naming.useDirectoryLayout ? `${application}/application` : application;
    return profile === null ? base : `${base}-${profile}`;
  }

  /** `.properties`, or `.json` without it: conditions in it mean nothing. */
  #addPlainObject(source: Checkout, name: string): void {
    const file = this.#probe(source, `${name}.properties`) ?? this.#probe(source, `${name}.json`);
    if (file !== null) this.#add(source, file, name, mergedDocuments(this.#context.parse(asKnownFormat(file))) ?? new Map());
  }

  #addYaml(source: Checkout, object: string, name: string, isWanted: (condition: S3Condition) => boolean): void {
    const file = this.#probe(source, `${object}.yml`) ?? this.#probe(source, `${object}.yaml`);
    if (file === null) return;
    const properties = mergedDocuments(this.#context.parse(file).filter((document) => isWanted(s3Condition(document))));
    if (properties !== null) this.#add(source, file, name, properties);
  }

  #probe(source: Checkout, name: string): TreeFile | null {
    const path = treePath(name);
    return path === null ? null : probeFile(this.#context, source, path);
  }

  #add(source: Checkout, file: TreeFile, name: string, read: ReadonlyMap<string, Property>): void {
    this.version = objectVersion(file.blobId);
    const properties = new Map(withTimestamps(file, read));
    for (const [key, value] of this.#naming.overrides) properties.set(key, { value, origin: null });
    const added = `s3:${name}`;
    if (this.sources.some((known) => known.name === added && hasSameValues(known.properties, properties))) return;
    const { repository, label, tree } = source;
    const provenance = { source: repository, revision: tree.revision, path: label === '' ? file.path : `${label}/${file.path}` };
    this.sources.push({ name: added, properties, provenance, hidesOrigins: true });
  }
}

function isProfile(condition: S3Condition, profile: string): boolean {
  return condition.kind === 'profile' && condition.profile === profile;
}

/** JSON is read as YAML; the format is told by the extension. */
function asKnownFormat(file: TreeFile): TreeFile {
  if (!file.path.endsWith('.json')) return file;
  return { path: `${file.path}.yml`, blobId: file.blobId, modifiedAtMs: file.modifiedAtMs, bytes: () => file.bytes() };
}

function hasSameValues(a: ReadonlyMap<string, Property>, b: ReadonlyMap<string, Property>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, { value }] of a) {
    const other = b.get(key);
    if (other === undefined || !isSameValue(value, other.value)) return false;
  }
  return true;
}

function isSameValue(a: Value, b: Value): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array ? Buffer.compare(a, b) === 0 : Object.is(a, b);
}
