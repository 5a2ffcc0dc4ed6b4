// The Git backend: pattern repositories, label lists, the fallback to master, search paths.
import { gitRepositoryKey, type GitBackend, type GitRepository, type ResolutionOptions } from '../../model/backend.ts';
import { Failure } from '../../model/failure.ts';
import type { BackendAnswer, ResourceLocations } from './backendAnswer.ts';
import { gitUri } from './gitUri.ts';
import { GIT_DEFAULT_LABEL, labelList, withMasterFallback } from './labels.ts';
import { loadSources } from './loadSources.ts';
import { patternCandidates } from './patternRepositories.ts';
import { checkout, type ResolveContext, type ResolveTarget } from './resolveContext.ts';
import { gitLocations } from './searchPaths.ts';
import { gitSourceName } from './sourceName.ts';

/** One repository, its placeholders resolved for this request. */
interface ResolvedRepository {
  readonly settings: GitRepository;
  readonly uri: string;
}

/** A request whose label is known. */
interface LabelledTarget {
  readonly name: string;
  readonly profiles: string;
  readonly label: string;
}

interface Offer {
  readonly backend: GitBackend;
  readonly options: ResolutionOptions;
  readonly unlabelled: 'sticks' | 'perRepository';
  readonly onPassedOver: (failure: Failure) => void;
}

/** (compatibility document 3.7, 3.8, 3.10, 3.11) */
export function resolveGit(backend: GitBackend, target: ResolveTarget, options: ResolutionOptions, context: ResolveContext): BackendAnswer {
  return offered({ backend, options, unlabelled: 'sticks', onPassedOver: context.onPassedOver }, target, (repository, labelled) =>
    resolveLabels(repository, labelled, context),
  );
}

/**
 * The plain-text endpoint never splits a label. A repository with patterns is used when it answers the environment of the
 * same request. (compatibility document 3.7, 3.11, 6.11)
 */
export function gitResourceLocations(backend: GitBackend, target: ResolveTarget, options: ResolutionOptions, context: ResolveContext): ResourceLocations {
  return offered({ backend, options, unlabelled: 'perRepository', onPassedOver: context.onPassedOver }, target, (repository, labelled) => {
    if (repository.settings !== backend) resolveLabels(repository, labelled, context);
    return withMasterFallback(labelled.label, repository.settings.tryMasterBranch, context.onPassedOver, (label) => {
      const source = checkout(context, gitRepositoryKey(repository.settings.id, repository.uri), label);
      return { source, locations: gitLocations(context, source, repository.settings.searchPaths, labelled) };
    });
  });
}

/**
 * Tries the repositories whose patterns match; their failures are swallowed. Those of the default repository count. Without a
 * requested label the default label of the first repository that is considered `sticks` to all later ones on R1-R6; the
 * plain-text endpoint takes that of each repository.
 */
function offered<T>(
  { backend, options, unlabelled, onPassedOver }: Offer,
  target: ResolveTarget,
  attempt: (repository: ResolvedRepository, target: LabelledTarget) => T,
): T {
  const { name, profiles } = target;
  let sticking = target.label;
  for (const candidate of patternCandidates(backend.repos, name, profiles)) {
    const label = sticking ?? defaultLabel(candidate.repository, options);
    if (unlabelled === 'sticks') sticking = label;
    if (!candidate.isUsed) continue;
    try {
      const uri = gitUri(candidate.repository.uri, { application: name, profile: candidate.profile, label });
      return attempt({ settings: candidate.repository, uri }, { name, profiles, label });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      onPassedOver(error);
    }
  }
  const label = sticking ?? options.defaultLabel ?? defaultLabel(backend, options);
  const uri = gitUri(backend.uri, { application: name, profile: profiles, label });
  return attempt({ settings: backend, uri }, { name, profiles, label });
}

function defaultLabel(repository: GitRepository, options: ResolutionOptions): string {
  return repository.defaultLabel ?? options.defaultLabel ?? GIT_DEFAULT_LABEL;
}

/** Every label of the list; the last one has the highest precedence. */
function resolveLabels(repository: ResolvedRepository, target: LabelledTarget, context: ResolveContext): BackendAnswer {
  const labels = labelList(target.label);
  const isTolerant = repository.settings.continueOnMultipleLabelFailure && labels.length > 1;
  const answers: BackendAnswer[] = [];
  for (const label of labels) {
    try {
      const { tryMasterBranch } = repository.settings;
      answers.push(withMasterFallback(label, tryMasterBranch, context.onPassedOver, (attempted) => resolveLabel(repository, attempted, target, context)));
    } catch (error) {
      if (!isTolerant || !(error instanceof Failure)) throw error;
      context.onPassedOver(error);
    }
  }
  return {
    version: answers.map((answer) => answer.version).join(','),
    state: '',
    sources: answers.reverse().flatMap((answer) => answer.sources),
  };
}

function resolveLabel(repository: ResolvedRepository, label: string, target: LabelledTarget, context: ResolveContext): BackendAnswer {
  const { settings, uri } = repository;
  const source = checkout(context, gitRepositoryKey(settings.id, uri), label);
  const locations = gitLocations(context, source, settings.searchPaths, target);
  const nameOf = gitSourceName.bind(null, uri, settings.id);
  return { version: source.tree.revision, state: '', sources: loadSources(context, target, { source, locations, isFileSystem: false, nameOf }) };
}
