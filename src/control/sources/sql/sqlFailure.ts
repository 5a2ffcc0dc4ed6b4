// What a database or its driver says, as a failure with a code.
import type { ErrorCode } from '../../../model/errorCodes.ts';
import { Failure } from '../../../model/failure.ts';
import { accessText, type SqlAccess } from './sqlAccess.ts';

/** SQLSTATE classes and codes of PostgreSQL, names of MySQL and SQLite, codes of Node.js. The first that fits. */
const meanings: readonly (readonly [pattern: RegExp, code: ErrorCode])[] = [
  [/^(28\w{3}|42501|ER_(ACCESS|DBACCESS|TABLEACCESS|COLUMNACCESS)_DENIED\w*|ER_HOST_NOT_PRIVILEGED|SQLITE_(AUTH|PERM))$/, 'SOURCE_UNAUTHORIZED'],
  [/^(57014|ER_QUERY_TIMEOUT|ER_STATEMENT_TIMEOUT|ETIMEDOUT|PROTOCOL_SEQUENCE_TIMEOUT)$/, 'SOURCE_TIMEOUT'],
  [
    /^(42\w{3}|3D000|3F000|22\w{3}|25006|ER_NO_SUCH_TABLE|ER_BAD_\w+|ER_PARSE_ERROR|ER_\w*SYNTAX\w*|ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION|SQLITE_ERROR|SQLITE_READONLY)$/,
    'SOURCE_STATEMENT',
  ],
  [/^(HANDSHAKE_NO_SSL_SUPPORT|HANDSHAKE_SSL_ERROR|\w*CERT\w*|UNABLE_TO_\w+|ERR_TLS_\w+|ERR_SSL_\w+)$/, 'SOURCE_HOST_UNTRUSTED'],
  [/^SQLITE_/, 'SOURCE_UNREADABLE'],
];

/** Messages of errors without a code of their own. */
const messages: readonly (readonly [pattern: RegExp, code: ErrorCode])[] = [
  [/does not support SSL|certificate|altnames/i, 'SOURCE_HOST_UNTRUSTED'],
  [/password must be a|no password|authentication/i, 'SOURCE_UNAUTHORIZED'],
  [/timeout|timed out/i, 'SOURCE_TIMEOUT'],
  [/local database|not a database|malformed/i, 'SOURCE_UNREADABLE'],
];

/** A Failure stays what it is. */
export function sqlFailure(error: unknown, access: SqlAccess): Failure {
  if (error instanceof Failure) return error;
  const { code, sqlMessage, errno } = error as { readonly code?: unknown; readonly sqlMessage?: unknown; readonly errno?: unknown };
  const message = typeof sqlMessage === 'string' ? sqlMessage : messageOf(error);
  // MariaDB's own number for a statement that took too long has no name in the driver
  const name = errno === 1969 ? 'ER_STATEMENT_TIMEOUT' : typeof code === 'string' ? code : '';
  const meaning = meanings.find(([pattern]) => pattern.test(name)) ?? messages.find(([pattern]) => pattern.test(message));
  const known = meaning?.[1] ?? 'SOURCE_UNREACHABLE';
  const advice = isTableMissing(name, message) ? '; vortex-server migrate makes the default table' : '';
  return new Failure(known, `${accessText(access)}: ${message}${advice}`, { cause: error });
}

/** Several addresses of one host that all refuse are an error without a message of its own. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}

function isTableMissing(name: string, message: string): boolean {
  return name === '42P01' || name === 'ER_NO_SUCH_TABLE' || message.startsWith('no such table');
}
