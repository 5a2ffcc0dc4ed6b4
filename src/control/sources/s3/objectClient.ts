// The two requests that a bucket is read with, by the AWS SDK. Runs in the S3 thread.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, ListObjectsV2Command, S3Client, type GetObjectCommandOutput, type ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { backoffMs } from '../../../base/backoff.ts';
import { Failure } from '../../../model/failure.ts';
import { objectFailure } from './objectFailure.ts';
import type { BucketAccess } from './s3Task.ts';

export interface ListedObject {
  readonly key: string;
  readonly etag: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  /** In a class that must be restored before it can be read. */
  readonly isArchived: boolean;
}

export interface ReadObject {
  readonly bytes: Uint8Array;
  /** null: the bucket keeps no versions. */
  readonly version: string | null;
}

/** Requests at once: enough to hide a round trip of 50 ms, few enough not to be throttled. */
export const requestsAtOnce = 16;

const connectTimeoutMs = 5_000;
/** Silence on a connection after which a request is tried again. */
const silenceMs = 10_000;
/** Of one request, by the SDK, for throttling, 5xx and broken connections. */
const attemptsMax = 4;
/** Of one body that came cut short: by then the SDK has handed it over. */
const bodyAttemptsMax = 3;
const bodyBackoff = { firstMs: 100, maxMs: 2_000 };

export class ObjectClient {
  private readonly client: S3Client;
  private readonly bucket: string;

  constructor(access: BucketAccess, timeoutMs: number) {
    const { region, endpoint, accessKeyId, secretAccessKey, sessionToken } = access;
    const agent = { keepAlive: true, maxSockets: requestsAtOnce };
    this.bucket = access.bucket;
    this.client = new S3Client({
      ...(region === null && endpoint === null ? {} : { region: region ?? 'us-east-1' }),
      ...(endpoint === null ? {} : { endpoint }),
      ...(accessKeyId === null || secretAccessKey === null
        ? {}
        : { credentials: { accessKeyId, secretAccessKey, ...(sessionToken === null ? {} : { sessionToken }) } }),
      forcePathStyle: access.pathStyle,
      followRegionRedirects: endpoint === null,
      maxAttempts: attemptsMax,
      requestHandler: {
        connectionTimeout: Math.min(connectTimeoutMs, timeoutMs),
        socketTimeout: Math.min(silenceMs, timeoutMs),
        httpAgent: new HttpAgent(agent),
        httpsAgent: new HttpsAgent(agent),
      },
    });
  }

  /** Page by page, 1,000 objects each. Throws a Failure. */
  async *list(prefix: string, signal: AbortSignal): AsyncGenerator<readonly ListedObject[]> {
    let token: string | undefined;
    do {
      const page: ListObjectsV2CommandOutput = await this.send(signal, () =>
        this.client.send(new ListObjectsV2Command({ Bucket: this.bucket, Prefix: prefix, ContinuationToken: token, EncodingType: 'url' }), {
          abortSignal: signal,
        }),
      );
      yield listedObjects(page);
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  /** null: the object is gone, or not any more what was listed. Throws a Failure. */
  async read({ key, etag, sizeBytes }: ListedObject, signal: AbortSignal): Promise<ReadObject | null> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.get(key, etag, signal);
      if (answer === null || answer.ETag !== etag || answer.Body === undefined) return null;
      try {
        const bytes = await answer.Body.transformToByteArray();
        if (bytes.length === sizeBytes) return { bytes, version: answer.VersionId ?? null };
        if (attempt >= bodyAttemptsMax) throw new Failure('SOURCE_PROTOCOL', `${key} came with ${bytes.length} bytes, ${sizeBytes} were listed`);
      } catch (error) {
        if (attempt >= bodyAttemptsMax || signal.aborted) throw objectFailure(error, this.bucket, signal);
      }
      await sleep(backoffMs(attempt, bodyBackoff, Math.random()));
    }
  }

  close(): void {
    this.client.destroy();
  }

  private async get(key: string, etag: string, signal: AbortSignal): Promise<GetObjectCommandOutput | null> {
    try {
      return await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key, IfMatch: etag }), { abortSignal: signal });
    } catch (error) {
      const { name, $metadata } = error as { readonly name?: string; readonly $metadata?: { readonly httpStatusCode?: number } };
      if ($metadata?.httpStatusCode === 412 || name === 'NoSuchKey') return null;
      throw objectFailure(error, this.bucket, signal);
    }
  }

  private async send<Output>(signal: AbortSignal, request: () => Promise<Output>): Promise<Output> {
    try {
      return await request();
    } catch (error) {
      throw objectFailure(error, this.bucket, signal);
    }
  }
}

/** A page of something else with status 200 (a login, a proxy) must not look like an empty bucket. */
function listedObjects(page: ListObjectsV2CommandOutput): readonly ListedObject[] {
  if (page.Name === undefined && page.KeyCount === undefined) throw new Failure('SOURCE_PROTOCOL', 'the answer is no list of objects');
  if (page.IsTruncated === true && page.NextContinuationToken === undefined) throw new Failure('SOURCE_PROTOCOL', 'the list of objects ends too early');
  return (page.Contents ?? []).map(({ Key, ETag, Size, LastModified, StorageClass }) => {
    if (Key === undefined || ETag === undefined || Size === undefined) throw new Failure('SOURCE_PROTOCOL', 'the list of objects lacks keys or tags');
    return {
      key: page.EncodingType === 'url' ? decodeKey(Key) : Key,
      etag: ETag,
      sizeBytes: Size,
      modifiedAtMs: LastModified?.getTime() ?? 0,
      isArchived: StorageClass === 'GLACIER' || StorageClass === 'DEEP_ARCHIVE',
    };
  });
}

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch (error) {
    if (error instanceof URIError) return key;
    throw error;
  }
}
