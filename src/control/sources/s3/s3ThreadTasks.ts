// Runs in the S3 thread: carries out tasks and keeps the buckets between them.
import { problemOf } from '../sourceProgress.ts';
import { BucketFiles } from './bucketFiles.ts';
import { BucketMirror } from './bucketMirror.ts';
import { ObjectClient } from './objectClient.ts';
import type { BucketPlace, S3Outcome, S3Task } from './s3Task.ts';

export class S3ThreadTasks {
  private readonly mirrors = new Map<string, BucketMirror>();

  /** Never rejects because of the world: an outcome of kind `failed` says what happened. */
  async run(task: S3Task): Promise<S3Outcome> {
    try {
      return await this.dispatch(task);
    } catch (error) {
      return { kind: 'failed', problem: problemOf(error) };
    }
  }

  private async dispatch(task: S3Task): Promise<S3Outcome> {
    switch (task.kind) {
      case 'open': {
        const content = await this.mirror(task.place).load();
        return content === null ? { kind: 'absent' } : { kind: 'content', content };
      }
      case 'poll':
        return { kind: 'content', content: await this.mirror(task.place).poll(task.labels) };
      case 'follow':
        return { kind: 'content', content: await this.mirror(task.place).follow(task.label) };
      case 'close':
        await this.mirrors.get(task.repository)?.close();
        this.mirrors.delete(task.repository);
        return { kind: 'closed' };
    }
  }

  private mirror(place: BucketPlace): BucketMirror {
    let mirror = this.mirrors.get(place.repository);
    if (mirror === undefined) {
      const files = place.directory === null ? null : new BucketFiles(place.directory, place.repository);
      mirror = new BucketMirror(place, new ObjectClient(place.access, place.timeoutMs), files);
      this.mirrors.set(place.repository, mirror);
    }
    return mirror;
  }
}
