// Where log lines go and how they look.

/** The values of logging.format. */
export type LogFormat = 'json' | 'pretty';

export interface SinkOptions {
  readonly format: LogFormat;
  /** File descriptor that lines are written to: 1 in the server. */
  readonly fd: number;
}
