// The statements that read a table of properties, for each engine.
import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { SqlEngine } from './sqlAccess.ts';
import type { TableNames } from './tableNames.ts';

/** The columns that say whose a row is; null where the column is. */
export interface GroupKey {
  readonly application: string | null;
  readonly profile: string | null;
  readonly label: string | null;
}

/** Keys and values of one application, profile and label, summed up by the database. */
export interface TableGroup extends GroupKey {
  /** Numbers come as text. */
  readonly rows: string | number;
  readonly bytes: string | number | null;
  /** Differs when the rows do; null where the database can't tell. */
  readonly fingerprint: string | null;
}

export interface TableRow extends GroupKey {
  readonly key: string | null;
  readonly value: string | null;
}

export class TableQueries {
  private readonly engine: SqlEngine;
  private readonly names: TableNames;

  constructor(engine: SqlEngine, names: TableNames) {
    this.engine = engine;
    this.names = names;
  }

  /** One pass over the table in the database; a result row for each application, profile and label. */
  async groups(database: Kysely<unknown>): Promise<readonly TableGroup[]> {
    const { value } = this.texts();
    const { application, profile, label } = this.exactGroup();
    const { rows } = await sql<TableGroup>`
      select ${application} as ${sql.id('application')}, ${profile} as ${sql.id('profile')}, ${label} as ${sql.id('label')},
        count(*) as ${sql.id('rows')}, sum(${this.byteLength(value)}) as ${sql.id('bytes')}, ${this.fingerprint()} as ${sql.id('fingerprint')}
      from ${sql.table(this.names.table)} group by ${application}, ${profile}, ${label}`.execute(database);
    return rows.map((row) => ({ ...row, application: decoded(row.application), profile: decoded(row.profile), label: decoded(row.label) }));
  }

  /** The rows of these groups; null: all rows. In the order of the database. */
  async rows(database: Kysely<unknown>, groups: readonly GroupKey[] | null): Promise<readonly TableRow[]> {
    const { application, profile, label, key, value } = this.texts();
    const all = sql<TableRow>`
      select ${application} as ${sql.id('application')}, ${profile} as ${sql.id('profile')}, ${label} as ${sql.id('label')},
        ${key} as ${sql.id('key')}, ${value} as ${sql.id('value')}
      from ${sql.table(this.names.table)}`;
    const wanted =
      groups === null
        ? all
        : sql<TableRow>`${all} where ${sql.join(
            groups.map((group) => this.isOf(group)),
            sql` or `,
          )}`;
    return (await wanted.execute(database)).rows;
  }

  /** Every column as text, whatever its type, as upstream reads it. */
  private texts(): Record<keyof TableRow, RawBuilder<string | null>> {
    const { application, profile, label, key, value } = this.names;
    return { application: this.text(application), profile: this.text(profile), label: this.text(label), key: this.text(key), value: this.text(value) };
  }

  private text(column: string): RawBuilder<string | null> {
    return this.engine === 'mysql' ? sql`cast(${sql.id(column)} as char character set utf8mb4)` : sql`cast(${sql.id(column)} as text)`;
  }

  /** Equal means equal in every letter: MySQL's default collations ignore case, accents and blanks at the end, also in groups. */
  private exactGroup(): Record<keyof GroupKey, RawBuilder<string | null>> {
    const { application, profile, label } = this.texts();
    if (this.engine !== 'mysql') return { application, profile, label };
    const bytes = (text: RawBuilder<string | null>): RawBuilder<string | null> => sql`convert(${text} using binary)`;
    return { application: bytes(application), profile: bytes(profile), label: bytes(label) };
  }

  private byteLength(text: RawBuilder<string | null>): RawBuilder<unknown> {
    return this.engine === 'sqlite' ? sql`length(cast(${text} as blob))` : sql`octet_length(${text})`;
  }

  /** A sum does not depend on the order of rows. 60 bits of MD5 for MySQL, 64 of PostgreSQL's own hash; SQLite has none and is near. */
  private fingerprint(): RawBuilder<string | null> {
    const { key, value } = this.texts();
    switch (this.engine) {
      case 'postgres':
        return sql`cast(sum(hashtextextended(coalesce(${value}, ''), hashtextextended(coalesce(${key}, ''), 0))) as text) || '/' || count(${key}) || '/' || count(${value})`;
      case 'mysql':
        return sql`concat_ws('/', sum(cast(conv(left(md5(concat_ws('=', md5(${key}), ${value})), 15), 16, 10) as unsigned)), count(${key}), count(${value}))`;
      case 'sqlite':
        return sql`null`;
    }
  }

  /** By the columns themselves, so that an index is used. What a collation finds beside it is sorted out by who groups the rows. */
  private isOf({ application, profile, label }: GroupKey): RawBuilder<unknown> {
    const equals = (column: string, text: string | null): RawBuilder<unknown> =>
      text === null ? sql`${sql.id(column)} is null` : sql`${sql.id(column)} = ${text}`;
    const { names } = this;
    return sql`(${equals(names.application, application)} and ${equals(names.profile, profile)} and ${equals(names.label, label)})`;
  }
}

/** Bytes come as such. */
function decoded(text: unknown): string | null {
  if (text === null || typeof text === 'string') return text;
  return Buffer.from(text as Uint8Array).toString('utf8');
}
