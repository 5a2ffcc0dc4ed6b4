// The SQL backend: property sources from rows, one per application, profile and label.
import type { ResolutionOptions, SqlBackend } from '../../model/backend.ts';
import type { PropertySource } from '../../model/environment.ts';
import { Failure } from '../../model/failure.ts';
import { FILE_PROBES_MAX } from '../../model/limits.ts';
import type { BackendAnswer } from './backendAnswer.ts';
import { commaList } from './commaList.ts';
import { SQL_DEFAULT_LABEL } from './labels.ts';
import { checkout, probeFile, type Checkout, type ResolveContext, type ResolveTarget } from './resolveContext.ts';
import { sqlTriplePath, sqlTriplesLabel, WHOLE_TABLE_LABEL, type SqlTriple } from './sqlTriple.ts';

/** Fails with DATABASE_UNAVAILABLE, unless the backend's failures don't count, and LIMIT_EXCEEDED. (compatibility document 2.2, 2.3, 6.3) */
export function resolveSql(backend: SqlBackend, target: ResolveTarget, options: ResolutionOptions, context: ResolveContext): BackendAnswer {
  const triples = requestedTriples(backend, target, options);
  if (triples.length > FILE_PROBES_MAX) throw new Failure('LIMIT_EXCEEDED', `the request asks for more than ${FILE_PROBES_MAX} sets of rows`);
  const source = checkoutRows(backend, triples, context);
  return { version: null, state: null, sources: source === null ? [] : triples.flatMap((triple) => sourceOf(triple, source, context)) };
}

/** In the order of the sources: the last label, profile and application first, and rows without a profile after all others of their label. */
function requestedTriples(backend: SqlBackend, target: ResolveTarget, options: ResolutionOptions): readonly SqlTriple[] {
  const { name, profiles: requested } = target;
  const labelText = target.label === null || target.label === '' ? (options.defaultLabel ?? backend.defaultLabel ?? SQL_DEFAULT_LABEL) : target.label;
  const isProfileOnly = backend.content === 'profileStatement';
  const profilesText = requested.trim() === '' ? 'default' : requested;
  const applications = distinctReversed(name.startsWith('application') ? name : `application,${name}`);
  const profiles = distinctReversed(isProfileOnly ? `default,${profilesText}` : profilesText);
  return commaList(labelText)
    .reverse()
    .flatMap((label) =>
      [...profiles, ...(isProfileOnly ? [] : [null])].flatMap((profile) => applications.map((application) => ({ application, profile, label }))),
    );
}

function distinctReversed(text: string): readonly string[] {
  return [...new Set(commaList(text))].reverse();
}

/** null: there is nothing to read from, and that is no failure. */
function checkoutRows(backend: SqlBackend, triples: readonly SqlTriple[], context: ResolveContext): Checkout | null {
  try {
    return checkout(context, backend.repository, backend.content === 'table' ? WHOLE_TABLE_LABEL : sqlTriplesLabel(triples));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const failure = new Failure('DATABASE_UNAVAILABLE', error.message, { cause: error });
    if (backend.failOnError) throw failure;
    context.onPassedOver(failure);
    return null;
  }
}

function sourceOf(triple: SqlTriple, source: Checkout, context: ResolveContext): readonly PropertySource[] {
  const file = probeFile(context, source, sqlTriplePath(triple));
  if (file === null) return [];
  const { application, profile } = triple;
  return context.parse(file).map(({ properties }) => ({
    name: profile === null ? application : `${application}-${profile}`,
    properties,
    provenance: { source: source.repository, revision: source.tree.revision, path: file.path },
  }));
}
