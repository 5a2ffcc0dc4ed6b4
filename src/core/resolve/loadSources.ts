// From a checkout and its locations to property sources, highest precedence first.
import type { PropertySource } from '../../model/environment.ts';
import { applicationNames } from './applicationNames.ts';
import { activeContributors } from './importTree.ts';
import { locationDirectories, type Location } from './location.ts';
import { requestedProfiles } from './requestedProfiles.ts';
import type { Checkout, ResolveContext, ResolveTarget } from './resolveContext.ts';
import type { SourcePlace } from './sourceName.ts';
import { isBelow } from './treePath.ts';

export interface LoadedFrom {
  readonly source: Checkout;
  readonly locations: readonly Location[];
  readonly isFileSystem: boolean;
  readonly nameOf: (place: SourcePlace) => string;
}

/** Fails with NAME_WILDCARD, PROFILES_REFUSED, CONTENT_INVALID. (compatibility document 3.1) */
export function loadSources(context: ResolveContext, target: ResolveTarget, from: LoadedFrom): PropertySource[] {
  const { source } = from;
  const names = applicationNames(target.name);
  const profiles = requestedProfiles(target.profiles);
  const locations = from.locations.map((location) => ({ text: location.text, directories: locationDirectories(context, source, location) }));
  const contributors = activeContributors(context, { names, profiles, locations, source, isFileSystem: from.isFileSystem });
  const directories = locations.flatMap((location) => location.directories);
  const sources: PropertySource[] = [];
  for (const { document, place } of contributors) {
    // Imported from outside of all locations: dropped without a word. (compatibility document 3.6)
    if (document === null || !directories.some((directory) => isBelow(place.path, directory))) continue;
    sources.push({
      name: from.nameOf(place),
      properties: document.properties,
      provenance: { source: source.repository, revision: source.tree.revision, path: place.path },
    });
  }
  return sources;
}
