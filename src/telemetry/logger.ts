// Loggers by component: check the level, clean the fields, hand a record to the sink.
import { cleanFields } from './cleanFields.ts';
import type { LogLevel, SharedLogLevel } from './logLevel.ts';

export type LogFields = Readonly<Record<string, unknown>>;

export interface LogRecord {
  readonly level: LogLevel;
  readonly timeMs: number;
  readonly component: string;
  readonly message: string;
  /** Of the thread (worker index), then of the call. Clean: no secrets, plain JSON values. */
  readonly fields: LogFields;
}

export interface LogSink {
  write(record: LogRecord): void;
  /** Resolves when everything written so far has left the process. */
  flush(): Promise<void>;
  /** Writes what can be written without waiting: before an exit that runs nothing else. */
  flushNow(): void;
}

export class Logger {
  private readonly level: SharedLogLevel;
  private readonly sink: LogSink;
  private readonly component: string;
  private readonly bound: LogFields;

  /** `bound`: fields of every line, such as the worker's index. */
  constructor(level: SharedLogLevel, sink: LogSink, component: string, bound: LogFields = {}) {
    this.level = level;
    this.sink = sink;
    this.component = component;
    this.bound = bound;
  }

  /** The same log under another component's name. */
  child(component: string, bound: LogFields = {}): Logger {
    return new Logger(this.level, this.sink, component, { ...this.bound, ...bound });
  }

  /** For lines whose fields cost something to make. */
  isEnabled(level: LogLevel): boolean {
    return this.level.admits(level);
  }

  trace(message: string, fields?: LogFields): void {
    this.log('trace', message, fields);
  }

  debug(message: string, fields?: LogFields): void {
    this.log('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.log('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.log('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.log('error', message, fields);
  }

  fatal(message: string, fields?: LogFields): void {
    this.log('fatal', message, fields);
  }

  /** `fields.error` may be an Error: type, code, message, stack and causes are logged. The level may come from errorCodes. */
  log(level: LogLevel, message: string, fields: LogFields = {}): void {
    if (!this.level.admits(level)) return;
    const clean = cleanFields({ message, fields: { ...this.bound, ...fields } });
    this.sink.write({ level, timeMs: Date.now(), component: this.component, message: clean.message, fields: clean.fields });
  }
}
