// A sink that loads pino with the first record: a thread that has nothing to say starts faster and needs less memory.
import { writeSync } from 'node:fs';
import type { LogRecord, LogSink } from './logger.ts';
import type { SinkOptions } from './sinkOptions.ts';

/** Records that wait for pino to be loaded; above, they are dropped and counted in a line. */
const waitingMax = 1_000;

export class LazySink implements LogSink {
  private readonly options: SinkOptions;
  private waiting: LogRecord[] = [];
  private dropped = 0;
  private loading: Promise<LogSink> | null = null;
  private sink: LogSink | null = null;

  constructor(options: SinkOptions) {
    this.options = options;
  }

  write(record: LogRecord): void {
    if (this.sink !== null) {
      this.sink.write(record);
      return;
    }
    if (this.waiting.length < waitingMax) this.waiting.push(record);
    else this.dropped += 1;
    void this.load();
  }

  async flush(): Promise<void> {
    if (this.loading === null) return;
    const sink = await this.loading;
    await sink.flush();
  }

  /** Before pino is there: the same fields, by hand. */
  flushNow(): void {
    if (this.sink !== null) {
      this.sink.flushNow();
      return;
    }
    for (const { level, timeMs, component, message, fields } of this.waiting.splice(0)) {
      writeSync(this.options.fd, `${JSON.stringify({ level, time: new Date(timeMs).toISOString(), component, ...fields, msg: message })}\n`);
    }
  }

  private load(): Promise<LogSink> {
    this.loading ??= import('./pinoSink.ts').then(({ PinoSink }) => {
      const sink = new PinoSink(this.options);
      for (const record of this.waiting.splice(0)) sink.write(record);
      if (this.dropped > 0) {
        sink.write({
          level: 'warn',
          timeMs: Date.now(),
          component: 'log',
          message: 'lines dropped before the log was open',
          fields: { dropped: this.dropped },
        });
      }
      this.sink = sink;
      return sink;
    });
    return this.loading;
  }
}
