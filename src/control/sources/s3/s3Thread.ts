// The one thread in which all S3 work happens: the AWS SDK is loaded there and nowhere else.
import { SourceThread } from '../sourceThread.ts';
import type { S3Outcome, S3Task } from './s3Task.ts';

export class S3Thread extends SourceThread<S3Task, S3Outcome> {
  constructor() {
    super('bucketReader', 'S3');
  }
}
