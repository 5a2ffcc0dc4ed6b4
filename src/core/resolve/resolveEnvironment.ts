// From a request and the content of the sources to the environment: the answer before it is rendered.
import type { ResolutionOptions } from '../../model/backend.ts';
import type { Environment } from '../../model/environment.ts';
import { Failure } from '../../model/failure.ts';
import { decryptSource } from '../encryption/decryptSource.ts';
import { fromBackends } from './ordering.ts';
import { overridesSource } from './overrides.ts';
import type { ResolveContext, ResolveTarget } from './resolveContext.ts';
import { resolveGit } from './resolveGit.ts';
import { resolveNative } from './resolveNative.ts';
import { resolveS3 } from './resolveS3.ts';
import { resolveSql } from './resolveSql.ts';

/**
 * The environment of R1-R6. Fails with LABEL_UNKNOWN, REPOSITORY_UNAVAILABLE, REPOSITORY_BROKEN, NOTHING_FOUND, CONTENT_INVALID,
 * NAME_WILDCARD, PROFILES_REFUSED, REQUEST_INVALID, and what `context.parse` fails with. Throws ContentPending.
 * (compatibility document 2, 3, 6.9)
 */
export function resolveEnvironment(target: ResolveTarget, options: ResolutionOptions, context: ResolveContext): Environment {
  const environment = resolveEnvironmentOrEmpty(target, options, context);
  if (!options.acceptEmpty && environment.propertySources.length === 0) {
    throw new Failure('NOTHING_FOUND', `no property source for ${target.name}/${target.profiles}`);
  }
  return environment;
}

/** The same for R7 and R8, which don't look at acceptEmpty. */
export function resolveEnvironmentOrEmpty(target: ResolveTarget, options: ResolutionOptions, context: ResolveContext): Environment {
  const answers = fromBackends(options, context, (backend, member) => {
    switch (backend.kind) {
      case 'native':
        return resolveNative(backend, target, options, member);
      case 'git':
        return resolveGit(backend, target, options, member);
      case 's3':
        return resolveS3(backend, target, options, member);
      case 'sql':
        return resolveSql(backend, target, options, member);
    }
  });
  // Only a single backend reports its version and state, also when it is the only one that has not failed. (compatibility document 2.2)
  const single = options.backends.length === 1 ? answers[0] : undefined;
  // Not decrypted. (compatibility document 5.1)
  const overrides = overridesSource(options.overrides);
  const sources = answers.flatMap((answer) => answer.sources).map((source) => decryptSource(source, options.encryption, context.decryption));
  return {
    name: target.name,
    profiles: target.profiles,
    label: target.label,
    version: single?.version ?? null,
    state: single?.state ?? null,
    propertySources: overrides === null ? sources : [overrides, ...sources],
  };
}
