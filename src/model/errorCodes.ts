// The only list of errors that the world can cause: HTTP status, exit code, log level, one line of help.

export interface ErrorCodeEntry {
  /** HTTP status of the answer; 0 when it never answers a request. */
  readonly status: number;
  /** Exit code of the process; 0 when it never ends one. */
  readonly exitCode: number;
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  readonly help: string;
}

export const errorCodes = {
  // requests
  REQUEST_INVALID: { status: 400, exitCode: 0, level: 'debug', help: 'The application, profile, label or path holds characters that are refused.' },
  URL_TOO_LONG: { status: 414, exitCode: 0, level: 'debug', help: 'The request target is longer than server.limits.urlBytesMax.' },
  QUERY_INVALID: { status: 400, exitCode: 0, level: 'debug', help: 'A query parameter has a value that is not allowed.' },
  ROUTE_UNKNOWN: { status: 404, exitCode: 0, level: 'debug', help: 'No route has this shape.' },
  METHOD_NOT_ALLOWED: { status: 405, exitCode: 0, level: 'debug', help: 'The route exists, the method does not.' },
  NOT_ACCEPTABLE: { status: 406, exitCode: 0, level: 'debug', help: 'The Accept header admits no type of this route.' },
  REQUEST_TIMEOUT: { status: 408, exitCode: 0, level: 'debug', help: 'The request did not arrive in time.' },
  BODY_TOO_LARGE: { status: 413, exitCode: 0, level: 'debug', help: 'The body of the request is larger than the route takes.' },
  BODY_INVALID: { status: 400, exitCode: 0, level: 'debug', help: 'The body of the request is not what the route expects; the message says what is.' },
  BODY_TYPE_UNSUPPORTED: { status: 415, exitCode: 0, level: 'debug', help: 'The route does not take bodies of this Content-Type.' },
  WEBHOOK_REFUSED: { status: 401, exitCode: 0, level: 'debug', help: 'The delivery carries no valid signature or token of its provider.' },
  HEADERS_TOO_LARGE: { status: 431, exitCode: 0, level: 'debug', help: 'The header block of the request is larger than server.limits.headerBytesMax.' },
  CHARSET_INVALID: { status: 500, exitCode: 0, level: 'debug', help: 'Accept-Charset is not the name of a character set.' },
  // resolution
  LABEL_UNKNOWN: { status: 404, exitCode: 0, level: 'debug', help: 'The repository has no such branch, tag or commit.' },
  REPOSITORY_UNAVAILABLE: { status: 404, exitCode: 0, level: 'warn', help: 'The repository was never reached; see the source in /health.' },
  REPOSITORY_BROKEN: { status: 500, exitCode: 0, level: 'error', help: 'The directory of a file: uri is no repository.' },
  BUCKET_UNAVAILABLE: { status: 500, exitCode: 0, level: 'warn', help: 'The bucket was never read; see the source in /health.' },
  DATABASE_UNAVAILABLE: { status: 500, exitCode: 0, level: 'warn', help: 'The database was never read; see the source in /health.' },
  NOTHING_FOUND: { status: 404, exitCode: 0, level: 'debug', help: 'No property source matches and config.acceptEmpty is false.' },
  RESOURCE_UNKNOWN: { status: 404, exitCode: 0, level: 'debug', help: 'No file of that name in the locations of the request.' },
  CONTENT_INVALID: { status: 500, exitCode: 0, level: 'warn', help: 'A file of this application cannot be read; the log says which and where.' },
  NAME_WILDCARD: { status: 500, exitCode: 0, level: 'debug', help: 'An application name holds a *.' },
  PROFILES_REFUSED: {
    status: 500,
    exitCode: 0,
    level: 'debug',
    help: 'Profile validation is off, and the profiles hold characters that no file name may have.',
  },
  KEY_MALFORMED: { status: 400, exitCode: 0, level: 'debug', help: 'A key cannot become a tree: see the message.' },
  KEY_CONFLICT: { status: 500, exitCode: 0, level: 'debug', help: 'The same key is a list in one source and something else in another.' },
  PLACEHOLDER_CIRCULAR: { status: 400, exitCode: 0, level: 'debug', help: 'A placeholder refers to itself.' },
  PLACEHOLDER_UNRESOLVED: { status: 400, exitCode: 0, level: 'debug', help: 'The value of a referenced key holds an unknown placeholder.' },
  RESOURCE_PLACEHOLDER_CIRCULAR: { status: 500, exitCode: 0, level: 'debug', help: 'A placeholder of a plain-text file refers to itself.' },
  DECRYPTION_FAILED: {
    status: 500,
    exitCode: 0,
    level: 'warn',
    help: 'An encrypted value of a plain-text file cannot be decrypted with the keys of this server.',
  },
  KEY_MISSING: { status: 500, exitCode: 0, level: 'debug', help: 'The server has no key to encrypt or decrypt with; see encrypt.key.' },
  KEY_SELECTION: { status: 500, exitCode: 0, level: 'debug', help: 'The {key:…} or {secret:…} of a text to encrypt selects no usable key of the key store.' },
  LIMIT_EXCEEDED: { status: 500, exitCode: 0, level: 'warn', help: 'A limit of server.limits was reached; the message names it.' },
  // sources
  SOURCE_UNREACHABLE: {
    status: 0,
    exitCode: 0,
    level: 'warn',
    help: 'The remote cannot be reached or answered with an error; the last good content is served.',
  },
  SOURCE_TIMEOUT: { status: 0, exitCode: 0, level: 'warn', help: 'The remote did not answer in time; the fetch was ended.' },
  SOURCE_UNAUTHORIZED: { status: 0, exitCode: 0, level: 'error', help: 'The remote refused the credentials, or there is no such repository for them.' },
  SOURCE_HOST_UNTRUSTED: { status: 0, exitCode: 0, level: 'error', help: 'The certificate or the SSH host key of the remote is not trusted.' },
  SOURCE_STATEMENT: {
    status: 0,
    exitCode: 0,
    level: 'error',
    help: 'The database has no such table or column, or refuses the statement; vortex-server migrate makes the default table.',
  },
  SOURCE_PROTOCOL: {
    status: 0,
    exitCode: 0,
    level: 'warn',
    help: 'The remote does not speak its protocol as expected: a login page, a proxy, damaged data.',
  },
  SOURCE_DAMAGED: { status: 0, exitCode: 0, level: 'warn', help: 'The local mirror is damaged and will be rebuilt from the remote.' },
  SOURCE_UNREADABLE: { status: 0, exitCode: 0, level: 'warn', help: 'A directory or file cannot be read; the last good content is served.' },
  SOURCE_PAUSED: {
    status: 0,
    exitCode: 0,
    level: 'debug',
    help: 'The host of the remote failed several times in a row: one source at a time tries it until it answers.',
  },
  SOURCE_STALE: {
    status: 503,
    exitCode: 0,
    level: 'warn',
    help: 'The source of this content was not confirmed within its maxStaleness, and its onStale is refuse.',
  },
  // serving
  OVERLOADED: { status: 503, exitCode: 0, level: 'warn', help: 'Too many answers are being computed; retry after the seconds given.' },
  NOT_READY: { status: 503, exitCode: 0, level: 'warn', help: 'No snapshot yet; /health says what is missing.' },
  MISS_TIMEOUT: { status: 503, exitCode: 0, level: 'warn', help: 'The answer could not be computed in time; retry.' },
  // process
  SETTINGS_INVALID: { status: 0, exitCode: 78, level: 'fatal', help: 'Settings are wrong; every problem is listed with its origin.' },
  ENCRYPTION_KEY_UNUSABLE: {
    status: 0,
    exitCode: 78,
    level: 'fatal',
    help: 'The encryption key or the key store of the settings cannot be used; the message says why.',
  },
  SOURCE_UNUSABLE: { status: 0, exitCode: 69, level: 'fatal', help: 'A source cannot be opened (--check), or a table not be made (migrate).' },
  PORT_IN_USE: { status: 0, exitCode: 73, level: 'fatal', help: 'Another process listens on this port.' },
  ADDRESS_UNUSABLE: {
    status: 0,
    exitCode: 73,
    level: 'fatal',
    help: 'server.host or management.host is no address of this machine, or the port needs a privilege.',
  },
  WORKER_HUNG: { status: 0, exitCode: 70, level: 'fatal', help: 'A worker stopped its heartbeat; the process ends so that it is restarted.' },
  DRAIN_TIMEOUT: { status: 0, exitCode: 0, level: 'error', help: 'The drain passed server.drain.timeout; what was left is logged.' },
  INTERNAL: { status: 500, exitCode: 70, level: 'fatal', help: 'A bug: please report the log line.' },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof errorCodes;
