// The one thread in which all Git work happens: network, packs, trees.
import { SharedRuns } from '../../../base/sharedRuns.ts';
import { SourceThread, type TaskFailed } from '../sourceThread.ts';
import type { GitOutcome, GitTask } from './gitTask.ts';

export class GitThread extends SourceThread<GitTask, GitOutcome> {
  private readonly fetches = new SharedRuns<GitOutcome | TaskFailed>();

  constructor() {
    super('fetcher', 'Git');
  }

  /** Sources of one repository share their fetches. */
  override run(task: GitTask): Promise<GitOutcome | TaskFailed> {
    if (task.kind !== 'fetch' || task.place.kind === 'local') return super.run(task);
    const { nowMs: _nowMs, ...same } = task;
    return this.fetches.run(JSON.stringify(same), () => super.run(task));
  }
}
