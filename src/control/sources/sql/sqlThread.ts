// The one thread in which all SQL work happens: drivers, rows, trees.
import { SourceThread } from '../sourceThread.ts';
import type { SqlOutcome, SqlTask } from './sqlTask.ts';

export class SqlThread extends SourceThread<SqlTask, SqlOutcome> {
  constructor() {
    super('sqlReader', 'SQL');
  }
}
