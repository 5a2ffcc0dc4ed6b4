// What the S3 source needs to know.
import type { Secret } from '../../../base/secret.ts';
import type { TreeLimits } from '../treeLimits.ts';

export interface S3SourceOptions {
  /** S3Backend.repository. */
  readonly repository: string;
  readonly bucket: string;
  /** null: that of the AWS environment. */
  readonly region: string | null;
  /** null: AWS. */
  readonly endpoint: string | null;
  readonly pathStyle: boolean;
  /** Directory of the bucket; '' for all of it. */
  readonly prefix: string;
  /** null: from the environment, shared files, a web identity or the instance. */
  readonly accessKeyId: string | null;
  readonly secretAccessKey: Secret | null;
  readonly sessionToken: Secret | null;
  /** Read when the source is opened, so that the first answers need not wait for it. */
  readonly firstLabels: readonly string[];
  /** One look at the bucket; the first one has ten times as long. */
  readonly timeoutMs: number;
  /** null: nothing is kept on disk. */
  readonly storageDirectory: string | null;
  readonly limits: TreeLimits;
}
