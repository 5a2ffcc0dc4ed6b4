// How a database is reached and what is read of it: plain data, for the thread that does it.

/** `columns` and `table` null: the default of the engine. */
export interface SqlTable {
  readonly kind: 'table';
  /** As configured, with a schema before a dot where there is one; quoted as it is. */
  readonly table: string | null;
  readonly columns: SqlColumns;
}

export interface SqlColumns {
  readonly application: string | null;
  readonly profile: string | null;
  readonly label: string | null;
  readonly key: string | null;
  readonly value: string | null;
}

/** A `?` stands for application, profile and label in this order; without profile for application and label. */
export interface SqlStatements {
  readonly kind: 'statements';
  readonly withProfile: string;
  readonly withoutProfile: string | null;
}

export type SqlContent = SqlTable | SqlStatements;

export interface SqlTls {
  /** PEM; null: those that Node.js brings. */
  readonly caCertificates: string | null;
  readonly isVerified: boolean;
}

export interface SqlTimes {
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
}

export interface SqlServer extends SqlTimes {
  readonly engine: 'postgres' | 'mysql';
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string | null;
  readonly password: string | null;
  readonly tls: SqlTls | null;
  readonly poolSize: number;
}

export interface SqlFile extends SqlTimes {
  readonly engine: 'sqlite';
  /** Absolute. */
  readonly path: string;
}

export type SqlAccess = SqlServer | SqlFile;

export type SqlEngine = SqlAccess['engine'];

/** For messages; holds no credentials. */
export function accessText(access: SqlAccess): string {
  return access.engine === 'sqlite' ? access.path : `${access.host}:${access.port}/${access.database}`;
}

/** Of one read as a whole: begin, groups, rows, end. */
export function readDeadlineMs({ connectTimeoutMs, statementTimeoutMs }: SqlTimes): number {
  return connectTimeoutMs + 4 * statementTimeoutMs;
}
