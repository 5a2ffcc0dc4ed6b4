// The names of the table and its columns, as each engine has them by default. (compatibility document 6.3)
import type { SqlEngine, SqlTable } from './sqlAccess.ts';

export interface TableNames {
  readonly table: string;
  readonly application: string;
  readonly profile: string;
  readonly label: string;
  readonly key: string;
  readonly value: string;
}

/** Upstream quotes KEY and VALUE only: PostgreSQL folds the names without quotes to small letters. */
export function tableNames(engine: SqlEngine, { table, columns }: SqlTable): TableNames {
  const unquoted = (name: string): string => (engine === 'postgres' ? name : name.toUpperCase());
  return {
    table: table ?? unquoted('properties'),
    application: columns.application ?? unquoted('application'),
    profile: columns.profile ?? unquoted('profile'),
    label: columns.label ?? unquoted('label'),
    key: columns.key ?? 'KEY',
    value: columns.value ?? 'VALUE',
  };
}
