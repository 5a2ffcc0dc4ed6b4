// One thing that is wrong with the settings, and where it was set.
import { Failure } from '../model/failure.ts';
import { formatOrigin, type Origin } from './origin.ts';

export interface Problem {
  /** Dotted path of the option; '' when the problem is no option's. */
  readonly path: string;
  readonly message: string;
  readonly origin: Origin;
}

/** `/etc/vortex-config/config.yaml:3:9: server.port: expected …`. Never holds the value of a secret. */
export function formatProblem(problem: Problem): string {
  const subject = problem.path === '' ? '' : `${problem.path}: `;
  return `${formatOrigin(problem.origin)}: ${subject}${problem.message}`;
}

/** SETTINGS_INVALID (exit code 78) with one line per problem. */
export function settingsFailure(problems: readonly Problem[]): Failure {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new Failure('SETTINGS_INVALID', [`settings are invalid, ${count}:`, ...problems.map((problem) => `  ${formatProblem(problem)}`)].join('\n'));
}
