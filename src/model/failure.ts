// Why a request or a start failed: a code of the table, and words for the log.
import { errorCodes, type ErrorCode } from './errorCodes.ts';

/** Never sent to clients beyond the status: `message` is for logs, /explain and --check. */
export class Failure extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'Failure';
    this.code = code;
  }

  get exitCode(): number {
    return errorCodes[this.code].exitCode;
  }

  get level(): (typeof errorCodes)[ErrorCode]['level'] {
    return errorCodes[this.code].level;
  }

  get status(): number {
    return errorCodes[this.code].status;
  }
}
