// The sink that writes: pino in front of a buffered, asynchronous descriptor.
import { isatty } from 'node:tty';
import { pino, type DestinationStream } from 'pino';
import type { LogRecord, LogSink } from './logger.ts';
import { prettyLine } from './prettyLine.ts';
import type { LogFormat, SinkOptions } from './sinkOptions.ts';

type Destination = ReturnType<typeof pino.destination>;

/** Lines that wait for a reader that does not read; above, new ones are dropped: a stuck log must not stop the server. */
const waitingBytesMax = 4 * 1_024 * 1_024;

/** Longest wait of flush for a reader that does not read. */
const flushMaxMs = 1_000;

/** Importing this file loads pino, some 30 ms: see LazySink. */
export class PinoSink implements LogSink {
  private readonly destination: Destination;
  private readonly pino: ReturnType<typeof pino>;
  private dropped = 0;
  private retryUntilMs = Infinity;

  constructor(options: SinkOptions) {
    // minLength 1 writes at once, and unlike 0 lets flush wait for a write that is under way
    this.destination = pino.destination({
      fd: options.fd,
      sync: false,
      minLength: 1,
      maxLength: waitingBytesMax,
      retryEAGAIN: () => performance.now() < this.retryUntilMs,
    });
    this.destination.on('drop', () => {
      this.dropped += 1;
    });
    // The reader of the log is gone (EPIPE) or the disk is full: nobody is left to tell, and the server goes on.
    this.destination.on('error', () => {
      this.dropped += 1;
    });
    this.destination.on('drain', () => this.reportDropped());
    this.pino = pino(
      { level: 'trace', base: null, timestamp: false, formatters: { level: (level) => ({ level }) } },
      formatted(this.destination, options.format, isatty(options.fd)),
    );
  }

  write(record: LogRecord): void {
    const { level, timeMs, component, message, fields } = record;
    this.pino[level]({ time: new Date(timeMs).toISOString(), component, ...fields }, message);
  }

  async flush(): Promise<void> {
    await new Promise<void>((resolve) => {
      const giveUp = setTimeout(resolve, flushMaxMs);
      this.destination.flush(() => {
        clearTimeout(giveUp);
        resolve();
      });
    });
  }

  /** Gives up after a second when the descriptor takes nothing; a blocking descriptor blocks as long as its reader does. */
  flushNow(): void {
    this.retryUntilMs = performance.now() + flushMaxMs;
    try {
      this.destination.flushSync();
    } catch {
      // Nobody reads, or the disk is full: what follows is an exit, and it must not wait for a log.
      this.dropped += 1;
    } finally {
      this.retryUntilMs = Infinity;
    }
  }

  private reportDropped(): void {
    const lines = this.dropped;
    if (lines === 0) return;
    this.dropped = 0;
    this.write({ level: 'warn', timeMs: Date.now(), component: 'log', message: 'log lines were dropped: they were not read fast enough', fields: { lines } });
  }
}

function formatted(destination: Destination, format: LogFormat, coloured: boolean): DestinationStream & { flushSync?: () => void } {
  if (format === 'json') return destination;
  return {
    write: (line: string) => {
      destination.write(prettyLine(line, coloured));
    },
    flushSync: () => destination.flushSync(),
  };
}
