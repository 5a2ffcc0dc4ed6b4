// Derives from the settings what resolution needs to know of them.
import { posix } from 'node:path';
import type { Backend, GitBackend, GitPatternRepository, GitRepository, ResolutionOptions } from '../model/backend.ts';
import type { GitPatternRepositorySettings, Settings } from './options.ts';

/** The repository under which ContentView knows the directories of the native backend. */
export const nativeRepository = 'native';

/**
 * One backend: Git when `backends.git.uri` is set, else native. The loader has refused settings that ask for both.
 * Relative locations are those of `workingDirectory`, absolute: resolution knows only absolute paths.
 */
export function resolutionOptions(settings: Settings, workingDirectory: string): ResolutionOptions {
  const { config } = settings;
  const { fileBytesMax, yamlNodesMax, nestingDepthMax, listIndexMax, bodyBytesMax } = settings.server.limits;
  return {
    backends: [activeBackend(settings, workingDirectory)],
    defaultLabel: config.defaultLabel,
    acceptEmpty: config.acceptEmpty,
    overrides: config.overrides,
    stripDocumentFromYaml: config.stripDocumentFromYaml,
    reverseLocationOrder: config.reverseLocationOrder,
    failOnCompositeError: config.failOnCompositeError,
    validateProfiles: config.validateProfiles,
    limits: { fileBytesMax, yamlNodesMax, nestingDepthMax, listIndexMax, bodyBytesMax },
  };
}

function activeBackend(settings: Settings, workingDirectory: string): Backend {
  const { native, git } = settings.backends;
  if (git.uri !== null) return gitBackend(git.uri, settings);
  return {
    kind: 'native',
    repository: nativeRepository,
    order: 0,
    searchLocations: native.searchLocations.map((location) => absoluteLocation(location, workingDirectory)),
    version: native.version,
    addLabelLocations: native.addLabelLocations,
    defaultLabel: native.defaultLabel,
  };
}

/** `file:./x/` and `x/{application}` below the working directory; a slash at the end stays. */
function absoluteLocation(location: string, workingDirectory: string): string {
  const scheme = location.startsWith('file:') ? 'file:' : '';
  const path = location.slice(scheme.length);
  const isAbsolute = path.startsWith('/') || /^[a-z][a-z0-9+.-]+:/i.test(path);
  return isAbsolute ? location : `${scheme}${posix.join(workingDirectory, path)}`;
}

function gitBackend(uri: string, settings: Settings): GitBackend {
  const { git } = settings.backends;
  return {
    kind: 'git',
    order: 0,
    ...repository('git', { ...git, uri }),
    repos: [...git.repos].map(([name, entry]): GitPatternRepository => ({
      ...repository(`git.repos.${name}`, entry),
      patterns: entry.pattern.length > 0 ? entry.pattern : [name],
    })),
  };
}

function repository(id: string, settings: Omit<GitPatternRepositorySettings, 'pattern'>): GitRepository {
  return {
    id,
    uri: settings.uri,
    searchPaths: settings.searchPaths,
    defaultLabel: settings.defaultLabel,
    tryMasterBranch: settings.tryMasterBranch,
    continueOnMultipleLabelFailure: settings.continueOnMultipleLabelFailure,
  };
}
