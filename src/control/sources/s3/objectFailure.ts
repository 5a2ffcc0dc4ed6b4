// What went wrong with a request to a bucket, as a failure of the table.
import type { ErrorCode } from '../../../model/errorCodes.ts';
import { Failure } from '../../../model/failure.ts';

interface SdkError {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const refused = new Set([
  'CredentialsProviderError',
  'NoSuchBucket',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'InvalidToken',
  'AccessDenied',
]);
/** The SDK calls these time-outs as well. */
const disconnected = new Set(['ECONNRESET', 'EPIPE']);
const untrusted = /^(?:CERT_|ERR_TLS_CERT|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_SSL_)/;

/** `signal`: aborted when the time of the whole look is over. */
export function objectFailure(error: unknown, bucket: string, signal: AbortSignal): Failure {
  if (error instanceof Failure) return error;
  const { name = 'Error', code = '', message = '', $metadata } = error as SdkError;
  const status = $metadata?.httpStatusCode;
  const reason = [name, message].filter((part, index, all) => part !== '' && all.indexOf(part) === index).join(': ');
  const text = `bucket ${bucket}: ${reason}${status === undefined ? '' : ` (HTTP ${status})`}`;
  return new Failure(codeOf(name, code, status, signal), text, { cause: error });
}

function codeOf(name: string, code: string, status: number | undefined, signal: AbortSignal): ErrorCode {
  if (signal.aborted || (name === 'TimeoutError' && !disconnected.has(code))) return 'SOURCE_TIMEOUT';
  if (refused.has(name) || status === 401 || status === 403) return 'SOURCE_UNAUTHORIZED';
  if (untrusted.test(code)) return 'SOURCE_HOST_UNTRUSTED';
  // an answer that is no XML: the SDK could not read it, though its status is fine
  if (status !== undefined && status < 300) return 'SOURCE_PROTOCOL';
  return 'SOURCE_UNREACHABLE';
}
