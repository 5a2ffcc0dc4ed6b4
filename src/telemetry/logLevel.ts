// The level of the log: one word of shared memory that all threads read, changeable at run time.
import { assert } from '../base/assert.ts';

/** In ascending order; the values of logging.level. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof logLevels)[number];

export function isLogLevel(text: unknown): text is LogLevel {
  return (logLevels as readonly unknown[]).includes(text);
}

export class SharedLogLevel {
  /** Handed to other threads, which make their own view of it. */
  readonly buffer: SharedArrayBuffer;
  private readonly word: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    assert(buffer.byteLength === Int32Array.BYTES_PER_ELEMENT, 'one word');
    this.buffer = buffer;
    this.word = new Int32Array(buffer);
  }

  get(): LogLevel {
    return logLevels[Atomics.load(this.word, 0)]!;
  }

  /** Writer: the primary. Atomics.store pairs with the loads of get and admits; no other memory depends on it. */
  set(level: LogLevel): void {
    Atomics.store(this.word, 0, logLevels.indexOf(level));
  }

  /** Whether a line of this level is written. */
  admits(level: LogLevel): boolean {
    return logLevels.indexOf(level) >= Atomics.load(this.word, 0);
  }
}

export function createLogLevel(level: LogLevel): SharedLogLevel {
  const shared = new SharedLogLevel(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  shared.set(level);
  return shared;
}
