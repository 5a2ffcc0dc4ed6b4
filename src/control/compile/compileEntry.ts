// Resolves and renders one entry of the snapshot from the content at hand.
import { ContentPending } from '../../core/resolve/contentPending.ts';
import { DependencyCollector, dependencyHash } from '../../core/resolve/dependencyCollector.ts';
import type { ResolveContext } from '../../core/resolve/resolveContext.ts';
import { resolveEnvironment } from '../../core/resolve/resolveEnvironment.ts';
import { resolveResource, resourceFailureAnswer } from '../../core/resolve/resolveResource.ts';
import { renderEnvironment } from '../../core/render/renderEnvironment.ts';
import { renderMerged } from '../../core/render/renderMerged.ts';
import { renderFlat } from '../../core/render/renderFlat.ts';
import { assert } from '../../base/assert.ts';
import type { ResolutionOptions } from '../../model/backend.ts';
import type { ContentView, TreeLookup } from '../../model/contentView.ts';
import type { Decryption } from '../../model/encryption.ts';
import type { Environment } from '../../model/environment.ts';
import type { FileTree } from '../../model/fileTree.ts';
import { isBrokenContent } from '../../core/resolve/brokenContent.ts';
import { Failure } from '../../model/failure.ts';
import type { EntryRequest } from '../../model/request.ts';
import type { CompiledEntry } from '../../snapshot/entry.ts';
import type { ContentCache } from './contentCache.ts';
import { encodeBody, entityTag } from './encodeBody.ts';
import { renderResource } from './renderResource.ts';

export interface StandIn {
  readonly failure: Failure;
  readonly labels: readonly { readonly repository: string; readonly label: string }[];
}

export type EntryOutcome = Attempt &
  (
    | { readonly kind: 'compiled'; readonly compiled: CompiledEntry }
    /** Content that is not loaded is needed. */
    | { readonly kind: 'pending'; readonly repository: string; readonly label: string }
  );

interface Attempt {
  readonly failure: Failure | null;
  /** The first failure of broken content that was passed over because another label, repository or backend may answer instead. */
  readonly broken: Failure | null;
  /** Members of a composite that answer from their former content: of which labels, and the first failure. */
  readonly standIn: StandIn | null;
  /** Whose content was looked at. */
  readonly repositories: readonly string[];
  /** Sorted, distinct dependencyHash values. */
  readonly dependencies: Uint32Array;
}

export interface CompileContext {
  readonly options: ResolutionOptions;
  readonly view: ContentView;
  readonly cache: ContentCache;
  readonly decryption: Decryption;
  readonly slots: ReadonlyMap<string, number>;
  readonly nowSeconds: number;
}

interface Rendered {
  readonly body: Uint8Array;
  readonly versionOffset: number;
  readonly versionLength: number;
  readonly lastModifiedSeconds: number;
}

/** A Failure becomes the entry's status; anything else is a bug, reported as INTERNAL. */
export function compileEntry(entry: EntryRequest, context: CompileContext): EntryOutcome {
  const view = new RecordingView(context.view);
  const hashes = new Set<number>();
  let broken: Failure | null = null;
  let standIn: StandIn | null = null;
  const resolve: ResolveContext = {
    view,
    parse: (file) => context.cache.parse(file),
    decryption: context.decryption,
    dependencies: new DependencyCollector((dependency) => hashes.add(dependencyHash(dependency))),
    onPassedOver: (passedOver) => {
      if (isBrokenContent(passedOver)) broken ??= passedOver;
    },
    onStandIn: (failure, labels) => {
      standIn = { failure: standIn?.failure ?? failure, labels: [...(standIn?.labels ?? []), ...labels] };
    },
  };
  const finish = (status: number, rendered: Rendered, failure: Failure | null, emptyBody = false): EntryOutcome => {
    const body = encodeBody(rendered.body, entry.encoding);
    const dependencies = sorted(hashes);
    return {
      kind: 'compiled',
      failure,
      broken,
      standIn,
      repositories: view.repositories(),
      dependencies,
      compiled: {
        entry,
        status,
        body,
        emptyBody,
        etag: status === 200 ? entityTag(body) : '',
        revision: view.revision(),
        lastModifiedSeconds: rendered.lastModifiedSeconds,
        versionOffset: entry.encoding === 'identity' ? rendered.versionOffset : -1,
        versionLength: rendered.versionLength,
        repositorySlot: 0,
        heldBack: standIn !== null,
        standsIn: broken !== null,
        touchedSeconds: context.nowSeconds,
        dependencies,
      },
    };
  };
  try {
    return finish(200, render(entry, context.options, resolve, view), null);
  } catch (error) {
    if (error instanceof ContentPending) {
      return {
        kind: 'pending',
        repository: error.repository,
        label: error.label,
        failure: null,
        broken,
        standIn,
        repositories: view.repositories(),
        dependencies: sorted(hashes),
      };
    }
    if (error instanceof Failure) {
      const failure = view.hasSecrets ? withoutNames(error) : error;
      if (entry.request.kind !== 'resource') return finish(failure.status, NO_BODY, failure);
      const { status, isEmpty } = resourceFailureAnswer(error, view.fileFound ? 'environment' : 'file');
      return finish(status, NO_BODY, failure, isEmpty);
    }
    // One poisonous entry must not take the others of its batch with it.
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return finish(500, NO_BODY, new Failure('INTERNAL', message, { cause: error }));
  }
}

function sorted(hashes: ReadonlySet<number>): Uint32Array {
  return Uint32Array.from(hashes).sort();
}

const NO_BODY: Rendered = { body: new Uint8Array(0), versionOffset: -1, versionLength: 0, lastModifiedSeconds: 0 };

function render(entry: EntryRequest, options: ResolutionOptions, resolve: ResolveContext, view: RecordingView): Rendered {
  const { request, representation } = entry;
  const withinLimit = (body: Uint8Array): Uint8Array => {
    if (body.length <= options.limits.bodyBytesMax) return body;
    throw new Failure('LIMIT_EXCEEDED', `the answer has ${body.length} bytes, server.limits.bodyBytesMax is ${options.limits.bodyBytesMax}`);
  };
  switch (request.kind) {
    case 'environment': {
      const environment = view.remember(resolveEnvironment(request, options, resolve));
      if (representation.kind === 'merged') return { ...NO_BODY, body: withinLimit(renderMerged(environment, options.limits)) };
      assert(representation.kind === 'v1' || representation.kind === 'v2', 'an environment is v1, v2 or merged');
      const rendered = renderEnvironment(environment, representation.kind, options.limits.bodyBytesMax);
      const { body } = rendered;
      // A version that is no revision (of an object, of the settings) stays when the revision moves and nothing else does.
      const versionOffset = environment.version === view.revision() ? rendered.versionOffset : -1;
      const versionLength = versionOffset < 0 ? 0 : Buffer.byteLength(environment.version ?? '');
      return { body: withinLimit(body), versionOffset, versionLength, lastModifiedSeconds: 0 };
    }
    case 'flat': {
      const environment = view.remember(resolveEnvironment(request, options, resolve));
      const body = renderFlat(environment, request.format, {
        resolvePlaceholders: request.resolvePlaceholders,
        stripDocumentFromYaml: options.stripDocumentFromYaml,
        limits: options.limits,
      });
      return { ...NO_BODY, body: withinLimit(body) };
    }
    case 'resource': {
      assert(representation.kind === 'text' || representation.kind === 'binary', 'a resource is text or binary');
      const { file, environment } = resolveResource(request, options, resolve);
      view.fileFound = true;
      const body = renderResource(file, view.remember(environment()), representation, request.resolvePlaceholders, options, resolve.decryption);
      return { ...NO_BODY, body: withinLimit(body), lastModifiedSeconds: Math.floor(file.modifiedAtMs / 1000) };
    }
  }
}

/** Messages of placeholders name the key, and what looks like a placeholder may be part of a decrypted password. */
function withoutNames(failure: Failure): Failure {
  const isOfPlaceholder =
    failure.code === 'PLACEHOLDER_CIRCULAR' || failure.code === 'PLACEHOLDER_UNRESOLVED' || failure.code === 'RESOURCE_PLACEHOLDER_CIRCULAR';
  return isOfPlaceholder ? new Failure(failure.code, 'a placeholder, not named here because values are encrypted', { cause: failure.code }) : failure;
}

/** Remembers which revisions and which repositories an answer was made from. */
class RecordingView implements ContentView {
  /** The plain-text file is found: what fails from now on is its environment. */
  fileFound = false;
  /** A decrypted value is in what was resolved. */
  hasSecrets = false;
  private version: string | null = null;
  private readonly revisions = new Set<string>();
  private readonly withContent = new Set<string>();
  private lastRepository = '';
  private readonly inner: ContentView;

  constructor(inner: ContentView) {
    this.inner = inner;
  }

  lookup(repository: string, label: string): TreeLookup {
    const found = this.inner.lookup(repository, label);
    this.lastRepository = repository;
    if (found.kind === 'tree') this.sawTree(repository, found.tree);
    return found;
  }

  former(repository: string, label: string): FileTree | null {
    const tree = this.inner.former(repository, label);
    if (tree !== null) this.sawTree(repository, tree);
    return tree;
  }

  /** Those that had content; where none had any, the last that was asked. */
  repositories(): readonly string[] {
    return this.withContent.size > 0 ? [...this.withContent] : [this.lastRepository];
  }

  private sawTree(repository: string, tree: FileTree): void {
    this.revisions.add(tree.revision);
    this.withContent.add(repository);
  }

  /** Sources that contributed are what counts, not those that were tried. */
  remember(environment: Environment): Environment {
    const revisions = environment.propertySources.flatMap(({ provenance }) => provenance?.revision ?? []);
    if (revisions.length > 0) this.revisions.clear();
    for (const revision of revisions) this.revisions.add(revision);
    this.version = environment.version;
    this.hasSecrets = environment.propertySources.some(({ properties }) => [...properties.values()].some(({ cipher }) => cipher === 'decrypted'));
    return environment;
  }

  revision(): string {
    return this.revisions.size > 0 ? [...this.revisions].join(',') : (this.version ?? '');
  }
}
