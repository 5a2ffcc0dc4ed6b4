// Entry of the S3 thread: piscina calls the default export with each task.
import { runInBackground } from './base/background.ts';
import { S3ThreadTasks } from './control/sources/s3/s3ThreadTasks.ts';
import type { S3Outcome, S3Task } from './control/sources/s3/s3Task.ts';

runInBackground();
// The SDK writes a line to stderr on Node 20; the environment of a thread is its own copy.
// oxlint-disable-next-line node/no-process-env -- the SDK reads it nowhere else
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
const tasks = new S3ThreadTasks();

export default function runS3Task(task: S3Task): Promise<S3Outcome> {
  return tasks.run(task);
}
