// Builds the tree of contributors of one request: base files, effective profiles, profile files, and everything they import.
import { Failure } from '../../model/failure.ts';
import { FILE_PROBES_MAX } from '../../model/limits.ts';
import { isActive } from './activation.ts';
import { contributorsBelow, setChildren, type Contributor, type ImportPhase } from './contributor.ts';
import { controlElements, resolveControlText, type ControlLookup } from './controlPlaceholders.ts';
import { matchingDirectories, isPattern } from './directoryPattern.ts';
import { documentControl, type DocumentControl } from './documentControl.ts';
import { effectiveProfiles } from './effectiveProfiles.ts';
import { directoryReferences, EXTENSIONS, fileReference, type FileReference } from './fileReference.ts';
import { importTarget, type ImportTarget } from './importEntry.ts';
import { isDefaultRequest } from './requestedProfiles.ts';
import { listDirectories, probeFile, type Checkout, type ResolveContext } from './resolveContext.ts';

export interface ImportTreeRequest {
  /** Ascending precedence. */
  readonly names: readonly string[];
  readonly profiles: readonly string[];
  /** Ascending precedence, wildcards expanded. */
  readonly locations: readonly { readonly text: string; readonly directories: readonly string[] }[];
  readonly source: Checkout;
  /** The root of the tree is the root of the file system. */
  readonly isFileSystem: boolean;
}

const NO_CONTROL: DocumentControl = {
  imports: null,
  onProfile: null,
  onCloudPlatform: null,
  include: null,
  groups: new Map(),
  activatesProfiles: false,
  hasLegacyProfiles: false,
};

/** The active documents in descending precedence. Fails with CONTENT_INVALID, LIMIT_EXCEEDED. (compatibility document 3.1, 3.4, 3.5, 3.9) */
export function activeContributors(context: ResolveContext, request: ImportTreeRequest): Contributor[] {
  const builder = new ImportTreeBuilder(context, request);
  builder.process('before', null);
  const profiles = builder.effectiveProfiles();
  builder.process('after', profiles);
  return builder.active(new Set(profiles));
}

class ImportTreeBuilder {
  readonly #context: ResolveContext;
  readonly #request: ImportTreeRequest;
  readonly #root: Contributor;
  /** Every file is read once, at the highest place that it is found at. */
  readonly #loadedPaths = new Set<string>();
  #probes = 0;

  constructor(context: ResolveContext, request: ImportTreeRequest) {
    this.#context = context;
    this.#request = request;
    this.#root = {
      document: null,
      place: { path: '', locationText: '', documentNumber: 0, documentCount: 0 },
      control: NO_CONTROL,
      fromProfileImport: false,
      profileSpecific: false,
      conditions: { onProfile: [], onCloudPlatform: '' },
      children: new Map(),
    };
  }

  /** Loads what has not been loaded in this phase, highest precedence first. `profiles` is null in the first phase. */
  process(phase: ImportPhase, profiles: readonly string[] | null): void {
    this.#process(this.#root, phase, profiles, profiles === null ? null : new Set(profiles));
  }

  #process(node: Contributor, phase: ImportPhase, profiles: readonly string[] | null, profileSet: ReadonlySet<string> | null): void {
    for (const child of [...(node.children.get('after') ?? []), ...(node.children.get('before') ?? [])]) {
      this.#process(child, phase, profiles, profileSet);
    }
    const hasImports = node === this.#root || node.control.imports !== null;
    if (!hasImports || node.children.has(phase) || !this.#isActive(node, profileSet)) return;
    const loaded = this.#load(this.#references(node, profiles, profileSet));
    setChildren(node, phase, loaded);
    for (const child of loaded) this.#process(child, phase, profiles, profileSet);
  }

  /** The requested profiles alone in a default request. */
  effectiveProfiles(): string[] {
    const { profiles } = this.#request;
    if (isDefaultRequest(profiles)) return [...profiles];
    const statements = [];
    for (const node of contributorsBelow(this.#root)) {
      const { control } = node;
      if (!control.activatesProfiles && control.groups.size === 0) continue;
      if (!this.#isActive(node, null)) throw this.#refused(node, 'sets spring.profiles.* in a document with a condition');
      const lookup = this.#lookup(node, null);
      statements.push({
        include: controlElements(control.include, lookup).filter((profile) => profile !== ''),
        groups: new Map([...control.groups].map(([profile, members]) => [profile, controlElements(members, lookup).filter((member) => member !== '')])),
      });
    }
    return effectiveProfiles(profiles, statements);
  }

  active(profiles: ReadonlySet<string>): Contributor[] {
    const all = [...contributorsBelow(this.#root)].filter((node) => node !== this.#root);
    const checksActivation = !isDefaultRequest(this.#request.profiles);
    for (const node of all) {
      if (node.control.hasLegacyProfiles) throw this.#refused(node, 'sets spring.profiles');
      if (checksActivation && node.fromProfileImport && node.control.activatesProfiles) throw this.#refused(node, 'activates profiles in a profile file');
    }
    return all.filter((node) => this.#isActive(node, profiles));
  }

  #refused(node: Contributor, what: string): Failure {
    return new Failure('CONTENT_INVALID', `${node.place.path}, document ${node.place.documentNumber}, ${what}`);
  }

  #isActive(node: Contributor, profiles: ReadonlySet<string> | null): boolean {
    if (node.conditions === null) {
      const { onProfile, onCloudPlatform } = node.control;
      const lookup = this.#lookup(node, profiles);
      node.conditions = { onProfile: controlElements(onProfile, lookup), onCloudPlatform: resolveControlText(onCloudPlatform ?? '', lookup).trim() };
    }
    return isActive(node.conditions, profiles);
  }

  /** The served documents, highest first: those that are known to be active, and the one that asks. */
  #lookup(asking: Contributor, profiles: ReadonlySet<string> | null): ControlLookup {
    return (key) => {
      for (const node of contributorsBelow(this.#root)) {
        const value = node.document?.properties.get(key)?.value;
        if (value === undefined || value instanceof Uint8Array) continue;
        const isUnconditional = node.control.onProfile === null && node.control.onCloudPlatform === null;
        if (node === asking || isUnconditional || (node.conditions !== null && isActive(node.conditions, profiles))) return String(value);
      }
      return null;
    };
  }

  #references(
    node: Contributor,
    profiles: readonly string[] | null,
    profileSet: ReadonlySet<string> | null,
  ): { reference: FileReference; profile: string | null }[] {
    if (node === this.#root) {
      const { locations } = this.#request;
      return this.#withProfiles(profiles, (profile) => locations.flatMap(({ text, directories }) => this.#inDirectories(text, directories, profile)));
    }
    const { path } = node.place;
    const importer = { directory: path.slice(0, Math.max(path.lastIndexOf('/'), 0)), isFileSystem: this.#request.isFileSystem };
    return controlElements(node.control.imports, this.#lookup(node, profileSet)).flatMap((entry) => {
      const targets = entry.split(';').flatMap((part) => importTarget(part.trim(), importer) ?? []);
      return this.#withProfiles(profiles, (profile) => targets.flatMap((target) => this.#targetReferences(target, profile)));
    });
  }

  #withProfiles(
    profiles: readonly string[] | null,
    references: (profile: string | null) => FileReference[],
  ): { reference: FileReference; profile: string | null }[] {
    return [null, ...(profiles ?? [])].flatMap((profile) => references(profile).map((reference) => ({ reference, profile })));
  }

  #targetReferences(target: ImportTarget, profile: string | null): FileReference[] {
    if (target.kind === 'file') return fileReference(target.text, target, profile);
    const directories = isPattern(target.directory)
      ? matchingDirectories(target.directory, listDirectories(this.#context, this.#request.source))
      : [target.directory];
    return this.#inDirectories(target.text, directories, profile);
  }

  /** Counted before they are made: the number is a product of list lengths that the client chooses. */
  #inDirectories(text: string, directories: readonly string[], profile: string | null): FileReference[] {
    this.#probes += directories.length * this.#request.names.length * EXTENSIONS.length;
    if (this.#probes > FILE_PROBES_MAX) throw new Failure('LIMIT_EXCEEDED', `the request looks for more than ${FILE_PROBES_MAX} files`);
    return directoryReferences(text, directories, this.#request.names, profile);
  }

  /** Descending precedence. */
  #load(references: readonly { readonly reference: FileReference; readonly profile: string | null }[]): Contributor[] {
    const contributors: Contributor[] = [];
    for (const { reference, profile } of [...references].reverse()) {
      if (this.#loadedPaths.has(reference.path)) continue;
      const file = probeFile(this.#context, this.#request.source, reference.path);
      if (file === null) continue;
      this.#loadedPaths.add(reference.path);
      // The format is told by the extension: a hinted one is put behind the path.
      const isNamed = reference.path.toLowerCase().endsWith(`.${reference.extension}`);
      const named = isNamed
        ? file
        : { path: `${file.path}.${reference.extension}`, blobId: file.blobId, modifiedAtMs: file.modifiedAtMs, bytes: () => file.bytes() };
      const documents = this.#context.parse(named);
      for (let number = documents.length - 1; number >= 0; number -= 1) {
        const document = documents[number];
        if (document === undefined) continue;
        contributors.push({
          document,
          place: { path: reference.path, locationText: reference.locationText, documentNumber: number, documentCount: documents.length },
          control: documentControl(document),
          fromProfileImport: profile !== null,
          profileSpecific: profile !== null,
          conditions: null,
          children: new Map(),
        });
      }
    }
    return contributors;
  }
}
