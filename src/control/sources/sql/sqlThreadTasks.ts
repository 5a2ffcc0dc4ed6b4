// Runs in the SQL thread: keeps the databases open between tasks and carries the tasks out.
import { migrateTable } from './migration.ts';
import { problemOf } from '../sourceProgress.ts';
import { SqlReader } from './sqlReader.ts';
import type { SqlOutcome, SqlTask } from './sqlTask.ts';

export class SqlThreadTasks {
  private readonly readers = new Map<string, SqlReader>();

  /** Never rejects because of the world: an outcome of kind `failed` says what happened. */
  async run(task: SqlTask): Promise<SqlOutcome> {
    try {
      return await this.dispatch(task);
    } catch (error) {
      return { kind: 'failed', problem: problemOf(error) };
    }
  }

  private async dispatch(task: SqlTask): Promise<SqlOutcome> {
    switch (task.kind) {
      case 'load':
        return this.reader(task.setup.repository).load(task.setup);
      case 'readTable':
        return this.reader(task.setup.repository).readTable(task);
      case 'ask':
        return this.reader(task.setup.repository).ask(task);
      case 'watch':
        return this.reader(task.repository).watch();
      case 'migrate':
        return { kind: 'migrated', lines: await migrateTable(task.access, task.table, task.isDryRun) };
      case 'close': {
        const reader = this.readers.get(task.repository);
        this.readers.delete(task.repository);
        await reader?.close();
        return { kind: 'closed' };
      }
    }
  }

  private reader(repository: string): SqlReader {
    const known = this.readers.get(repository);
    if (known !== undefined) return known;
    const reader = new SqlReader();
    this.readers.set(repository, reader);
    return reader;
  }
}
