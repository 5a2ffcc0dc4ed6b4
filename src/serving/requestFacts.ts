// What is kept of a request: uWebSockets.js takes it away when the handler returns.

export interface RequestFacts {
  readonly method: string;
  /** The raw path as it came, prefix included: error bodies show it. */
  readonly path: string;
  readonly accept: string;
  readonly ifNoneMatch: string;
  readonly ifModifiedSince: string;
  readonly ifUnmodifiedSince: string;
  /** Index into routeTemplates, for the metrics. */
  readonly template: number;
  /** performance.now() at the start of the handler. */
  readonly startedMs: number;
  /** Of the client, when the access log samples this request; else null. */
  readonly remoteAddress: string | null;
}
