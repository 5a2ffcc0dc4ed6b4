// From a plain-text request to the file that answers it.
import type { ResolutionOptions } from '../../model/backend.ts';
import type { Environment } from '../../model/environment.ts';
import { errorCodes } from '../../model/errorCodes.ts';
import { Failure } from '../../model/failure.ts';
import type { TreeFile } from '../../model/fileTree.ts';
import { FILE_PROBES_MAX } from '../../model/limits.ts';
import type { ResourceRequest } from '../../model/request.ts';
import type { ResourceLocations } from './backendAnswer.ts';
import { isPattern } from './directoryPattern.ts';
import type { Location } from './location.ts';
import { fromBackends } from './ordering.ts';
import { resolveEnvironmentOrEmpty } from './resolveEnvironment.ts';
import { gitResourceLocations } from './resolveGit.ts';
import { nativeResourceLocations } from './resolveNative.ts';
import { s3ResourceLocations } from './resolveS3.ts';
import { probeFile, type Checkout, type ResolveContext } from './resolveContext.ts';
import { resourceCandidates } from './resourcePath.ts';
import { pathBelow } from './treePath.ts';

export interface ResolvedResource {
  readonly file: TreeFile;
  /** Its failures fail the request too, also when nothing of it is needed; not asked for on a 304. */
  readonly environment: () => Environment;
}

/**
 * Fails with RESOURCE_UNKNOWN, LIMIT_EXCEEDED and as `resolveEnvironment` for the repositories. Throws ContentPending.
 * (compatibility document 6.11, 8.2, 8.4)
 */
export function resolveResource(request: ResourceRequest, options: ResolutionOptions, context: ResolveContext): ResolvedResource {
  const found = fromBackends(options, context, (backend, member): readonly ResourceLocations[] => {
    switch (backend.kind) {
      case 'native':
        return [nativeResourceLocations(backend, request, options, member)];
      case 'git':
        return [gitResourceLocations(backend, request, options, member)];
      case 's3':
        return s3ResourceLocations(backend, request, options, member);
      case 'sql':
        // rows are no files
        return [];
    }
  });
  const places = found.flat().flatMap(({ source, locations }) => locations.filter(isServed).map((location) => ({ source, location })));
  if (options.reverseLocationOrder) places.reverse();
  const candidates = isFilePath(request.path) ? resourceCandidates(request.path, request.profiles) : [];
  if (places.length * candidates.length > FILE_PROBES_MAX) throw new Failure('LIMIT_EXCEEDED', `the request looks for more than ${FILE_PROBES_MAX} files`);
  const file = firstFile(context, places, candidates);
  if (file === null) throw new Failure('RESOURCE_UNKNOWN', `no file ${JSON.stringify(request.path)} for ${request.name}/${request.profiles}`);
  return { file, environment: () => resolveEnvironmentOrEmpty(request, options, context) };
}

/**
 * How a failure of a plain-text request is answered: its `stage` is the search for the file, or the environment that is computed
 * afterwards. `isEmpty`: without an error object. (compatibility document 1.8)
 */
export function resourceFailureAnswer(failure: Failure, stage: 'file' | 'environment'): { readonly status: number; readonly isEmpty: boolean } {
  if (stage === 'file' && failure.code === 'REPOSITORY_UNAVAILABLE') return { status: 500, isEmpty: false };
  const { status } = errorCodes[failure.code];
  return { status, isEmpty: status === 404 };
}

function firstFile(
  context: ResolveContext,
  places: readonly { readonly source: Checkout; readonly location: Location }[],
  candidates: readonly string[],
): TreeFile | null {
  for (const { source, location } of places) {
    for (const candidate of candidates) {
      const path = pathBelow(location.directory, candidate);
      const file = path === null ? null : probeFile(context, source, path);
      if (file !== null) return file;
    }
  }
  return null;
}

/** A path that ends in a slash means a directory. */
function isFilePath(path: string): boolean {
  return path !== '' && !path.endsWith('/');
}

function isServed(location: Location): boolean {
  return location.hasScheme && !isPattern(location.directory) && !/\.\.|#|^\(_\)/.test(location.text);
}
