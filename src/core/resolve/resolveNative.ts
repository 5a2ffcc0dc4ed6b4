// The native backend: property sources and plain-text locations from directories of the file system.
import type { NativeBackend, ResolutionOptions } from '../../model/backend.ts';
import type { BackendAnswer, ResourceLocations } from './backendAnswer.ts';
import { NATIVE_DEFAULT_LABEL } from './labels.ts';
import { loadSources } from './loadSources.ts';
import { nativeLocations } from './nativeLocations.ts';
import { checkout, type ResolveContext, type ResolveTarget } from './resolveContext.ts';
import { nativeSourceName } from './sourceName.ts';

/** (compatibility document 3.1, 3.6) */
export function resolveNative(backend: NativeBackend, target: ResolveTarget, options: ResolutionOptions, context: ResolveContext): BackendAnswer {
  const { source, locations } = nativeResourceLocations(backend, target, options, context);
  const sources = loadSources(context, target, { source, locations, isFileSystem: true, nameOf: nativeSourceName });
  return { version: backend.version, state: null, sources };
}

export function nativeResourceLocations(backend: NativeBackend, target: ResolveTarget, options: ResolutionOptions, context: ResolveContext): ResourceLocations {
  const source = checkout(context, backend.repository, '');
  const label = target.label ?? options.defaultLabel ?? backend.defaultLabel ?? NATIVE_DEFAULT_LABEL;
  return { source, locations: nativeLocations(backend, target, label) };
}
