// The backends that the settings ask for, as one list however they are written: one of its own, or those of backends.composite.
import type { CompositeEntrySettings, Settings } from './options.ts';

export interface BackendEntry {
  /** Begins the keys of its repositories: `native`, `git`, `composite.0.git`. */
  readonly id: string;
  /** Where it stands in the settings, for messages. */
  readonly path: readonly string[];
  readonly settings: CompositeEntrySettings;
}

/**
 * As listed; Git alone when `backends.git.uri` is set, S3 when `backends.s3.bucket` is, SQL when `backends.sql.url` is, else native.
 * The loader has refused settings that ask for more than one way.
 */
export function backendEntries({ backends }: Settings): readonly BackendEntry[] {
  const { native, git, s3, sql, composite } = backends;
  if (composite.length > 0) {
    return composite.map((settings, index) => ({
      id: `composite.${index}.${settings.type}`,
      path: ['backends', 'composite', String(index)],
      settings,
    }));
  }
  if (git.uri !== null) return [{ id: 'git', path: ['backends', 'git'], settings: { type: 'git', order: 0, ...git, uri: git.uri } }];
  if (s3.bucket !== null) return [{ id: 's3', path: ['backends', 's3'], settings: { type: 's3', order: 0, ...s3, bucket: s3.bucket } }];
  if (sql.url !== null) return [{ id: 'sql', path: ['backends', 'sql'], settings: { type: 'sql', order: 0, ...sql, url: sql.url } }];
  return [{ id: 'native', path: ['backends', 'native'], settings: { type: 'native', order: 0, ...native } }];
}
