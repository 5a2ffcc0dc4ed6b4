// Entry of the Git thread: piscina calls the default export with each task.
import { runInBackground } from './base/background.ts';
import { GitThreadTasks } from './control/sources/git/gitThreadTasks.ts';
import type { GitOutcome, GitTask } from './control/sources/git/gitTask.ts';

runInBackground();
const tasks = new GitThreadTasks();

export default function runGitTask(task: GitTask): Promise<GitOutcome> {
  return tasks.run(task);
}
