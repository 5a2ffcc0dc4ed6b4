// Derives from the settings what resolution needs to know of them.
import type { Backend, GitBackend, GitPatternRepository, GitRepository, ResolutionOptions } from '../model/backend.ts';
import type { GitPatternRepositorySettings, Settings } from './options.ts';

/** The repository under which ContentView knows the directories of the native backend. */
export const nativeRepository = 'native';

/** One backend: Git when `backends.git.uri` is set, else native. The loader has refused settings that ask for both. */
export function resolutionOptions(settings: Settings): ResolutionOptions {
  const { config } = settings;
  const { fileBytesMax, yamlNodesMax, nestingDepthMax, listIndexMax, bodyBytesMax } = settings.server.limits;
  return {
    backends: [activeBackend(settings)],
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

function activeBackend(settings: Settings): Backend {
  const { native, git } = settings.backends;
  if (git.uri !== null) return gitBackend(git.uri, settings);
  return {
    kind: 'native',
    repository: nativeRepository,
    order: 0,
    searchLocations: native.searchLocations,
    version: native.version,
    addLabelLocations: native.addLabelLocations,
    defaultLabel: native.defaultLabel,
  };
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
