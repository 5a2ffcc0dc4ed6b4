// An open database, whatever its engine: a query builder, notifications where there are any, and an end that waits for nobody.
import type { Kysely } from 'kysely';
import type { SqlEngine } from './sqlAccess.ts';

export interface SqlConnection {
  readonly engine: SqlEngine;
  /** Connects with the first statement. */
  readonly database: Kysely<unknown>;
  /**
   * Calls `onChange` when the database says that the table changed, and `onLost` once when it cannot say so any more. null where
   * there are no such messages. Rejects when it cannot connect.
   */
  readonly listen: ((onChange: () => void, onLost: () => void) => Promise<void>) | null;
  /** Somebody put another file in the place of the one that is open. */
  readonly isReplaced: () => boolean;
  /** Whether the content may differ from that at the last call; null where only reading tells. */
  readonly hasChanged: (() => boolean) | null;
  /** Closes every socket at once, those in use too: their statements reject. */
  close(): Promise<void>;
}
