// The two ways in which a configuration file is refused, worded alike for every format.
import type { ResolutionLimits } from '../../model/backend.ts';
import { Failure } from '../../model/failure.ts';

/** `line` and `column` from 1, column in characters. The message is for logs: `conf/a.yml:3:7: duplicate key "port"`. */
export function contentInvalid(path: string, line: number, column: number, what: string, cause?: unknown): Failure {
  return new Failure('CONTENT_INVALID', `${path}:${line}:${column}: ${what}`, cause === undefined ? {} : { cause });
}

export function limitExceeded(path: string, limit: keyof ResolutionLimits, what: string): Failure {
  return new Failure('LIMIT_EXCEEDED', `${path}: ${what} (server.limits.${limit})`);
}
