// Entry of the SQL thread: piscina calls the default export with each task.
import { runInBackground } from './base/background.ts';
import { SqlThreadTasks } from './control/sources/sql/sqlThreadTasks.ts';
import type { SqlOutcome, SqlTask } from './control/sources/sql/sqlTask.ts';

runInBackground();
const tasks = new SqlThreadTasks();

export default function runSqlTask(task: SqlTask): Promise<SqlOutcome> {
  return tasks.run(task);
}
