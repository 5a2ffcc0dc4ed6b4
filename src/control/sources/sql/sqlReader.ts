// One database in the SQL thread: opened when it is read, listened to where it can tell, closed and opened anew after a failure.
//
//   read ─► connection? open ─► listening? listen ─► changed? no ─► nothing to do
//                                                           └ yes, can't tell ─► read ─► copy on disk
import { assert } from '../../../base/assert.ts';
import { Failure } from '../../../model/failure.ts';
import { askStatements } from './askStatements.ts';
import { accessText, readDeadlineMs, type SqlAccess } from './sqlAccess.ts';
import { openSql } from './openSql.ts';
import type { SqlConnection } from './sqlConnection.ts';
import { sqlFailure } from './sqlFailure.ts';
import type { SqlOutcome, SqlSetup, SqlTask } from './sqlTask.ts';
import { TableCopy } from './tableCopy.ts';
import { TableReader } from './tableReader.ts';
import { tableNames } from './tableNames.ts';

type Task<Kind extends SqlTask['kind']> = Extract<SqlTask, { readonly kind: Kind }>;

export class SqlReader {
  private connection: Promise<SqlConnection> | null = null;
  private isListening = false;
  private isClosed = false;
  private table: TableReader | null = null;
  /** Something changed while nobody watched. */
  private isChanged = false;
  private watcher: ((outcome: SqlOutcome) => void) | null = null;
  private readonly copy = new TableCopy();
  /** Why changes are seen by polls only, where they could be told. */
  private deafness: string | null = null;

  async load({ file }: SqlSetup): Promise<SqlOutcome> {
    return { kind: 'loaded', ...(await this.copy.load(file)) };
  }

  async readTable({ setup, previous, nowMs }: Task<'readTable'>): Promise<SqlOutcome> {
    const { access, content, repository, limits } = setup;
    assert(content.kind === 'table', 'a table is read where no statements are set');
    const names = tableNames(access.engine, content);
    const image = await this.within(access, async (connection) => {
      if (connection.hasChanged?.() === false && this.table !== null) return previous;
      this.table ??= new TableReader(repository, names, limits, previous);
      return this.table.read(connection, nowMs);
    });
    if (image !== null) this.copy.store(setup.file, image, nowMs);
    const notices = [...(this.table?.notices() ?? []), this.copy.problem, this.deafness].filter((notice) => notice !== null);
    return { kind: 'table', image: image?.revision === previous?.revision ? null : image, notices };
  }

  ask(task: Task<'ask'>): Promise<SqlOutcome> {
    const { access, content } = task.setup;
    assert(content.kind === 'statements', 'statements are asked where they are set');
    return this.within(access, (connection) => askStatements(connection, content, task));
  }

  /** One watcher at a time. */
  watch(): Promise<SqlOutcome> {
    this.end({ kind: 'closed' });
    return new Promise((resolve) => {
      this.watcher = resolve;
      if (this.isClosed) this.end({ kind: 'closed' });
      else if (this.isChanged) this.end({ kind: 'changed' });
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.end({ kind: 'closed' });
    await this.disconnect();
    await this.copy.stored();
  }

  /** A read that fails or takes too long ends its connections: the next one begins with new ones. */
  private async within<T>(access: SqlAccess, read: (connection: SqlConnection) => Promise<T>): Promise<T> {
    const deadlineMs = readDeadlineMs(access);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Failure('SOURCE_TIMEOUT', `${accessText(access)}: no answer within ${deadlineMs} ms`)), deadlineMs);
    });
    try {
      return await Promise.race([this.connected(access).then(read), late]);
    } catch (error) {
      await this.disconnect();
      throw sqlFailure(error, access);
    } finally {
      clearTimeout(timer);
    }
  }

  private async connected(access: SqlAccess): Promise<SqlConnection> {
    if (this.connection !== null && (await this.connection).isReplaced()) await this.disconnect();
    this.connection ??= openSql(access, 'read');
    const connection = await this.connection;
    if (connection.listen !== null && !this.isListening) await this.listen(connection.listen, this.connection);
    return connection;
  }

  /** Before the read: what changes after it is told. Without notifications there are still the polls. */
  private async listen(listen: NonNullable<SqlConnection['listen']>, of: Promise<SqlConnection>): Promise<void> {
    this.isListening = true;
    try {
      await listen(
        () => this.changed(),
        () => this.lost(of),
      );
      this.deafness = null;
    } catch (error) {
      this.isListening = false;
      this.deafness = `no notifications, changes are seen by polls only: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  private async disconnect(): Promise<void> {
    const { connection } = this;
    this.connection = null;
    this.isListening = false;
    // one that never opened has nothing to close, and has said so to who opened it
    const opened = await connection?.catch(() => null);
    await opened?.close();
  }

  private changed(): void {
    this.isChanged = true;
    this.end({ kind: 'changed' });
  }

  /** Changes may have been missed since the connection broke: a read looks for them, and listens again. */
  private lost(connection: Promise<SqlConnection>): void {
    if (this.connection !== connection || this.isClosed) return;
    this.isListening = false;
    this.changed();
  }

  private end(outcome: SqlOutcome): void {
    const { watcher } = this;
    if (watcher === null) return;
    this.isChanged = false;
    this.watcher = null;
    watcher(outcome);
  }
}
