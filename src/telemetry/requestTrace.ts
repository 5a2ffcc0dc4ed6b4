// Which request an error log line belongs to: its id and its W3C trace context, from headers that anybody can write.

export interface RequestTrace {
  /** x-request-id, as the client or a proxy gave it. */
  readonly requestId?: string;
  /** traceparent of W3C Trace Context, version 00. */
  readonly traceparent?: string;
}

const requestIdPattern = /^[A-Za-z0-9._:/+=@-]{1,128}$/;
const traceparentPattern = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Log fields; values that are no id or no trace context are left out, so that a header can't forge or bloat a line. '' = no header. */
export function requestTrace(requestId: string, traceparent: string): RequestTrace {
  return {
    ...(requestIdPattern.test(requestId) ? { requestId } : {}),
    ...(traceparentPattern.test(traceparent) ? { traceparent } : {}),
  };
}
