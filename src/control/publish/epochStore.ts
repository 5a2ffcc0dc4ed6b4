// Keeps the last good epoch on disk: the newest one only, one write at a time, never in the way of a publish.
import { createHash, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import type { ResolutionOptions } from '../../model/backend.ts';
import { readEpochFile, writeEpochFile, type StoredEpoch } from '../../snapshot/epochFile.ts';

/** An epoch that lasts shorter than this is not worth a write. */
const SETTLE_MS = 500;

export interface EpochStorePorts {
  readonly onError: (path: string, error: unknown) => void;
  readonly onStored: (path: string, epoch: number) => void;
}

export class EpochStore {
  readonly path: string;
  readonly fingerprint: string;
  private readonly sealKey: KeyObject | null;
  private readonly ports: EpochStorePorts;
  private timer: NodeJS.Timeout | null = null;
  private waiting: (() => StoredEpoch) | null = null;
  private writing: Promise<void> = Promise.resolve();

  constructor(directory: string, fingerprint: string, sealKey: KeyObject | null, ports: EpochStorePorts) {
    this.fingerprint = fingerprint;
    this.path = join(directory, `epoch-${fingerprint.slice(0, 16)}.bin`);
    this.sealKey = sealKey;
    this.ports = ports;
  }

  /** null when there is nothing to serve; `reason` for the log. */
  read(): Promise<{ readonly stored: StoredEpoch | null; readonly reason: string }> {
    return readEpochFile(this.path, this.fingerprint, this.sealKey);
  }

  /** `make` is called when the write begins, so that it is the newest state that is written. */
  store(make: () => StoredEpoch): void {
    this.waiting = make;
    this.timer ??= setTimeout(() => void this.flush(), SETTLE_MS).unref();
  }

  /** Writes what waits; resolves when it is on disk or has failed. */
  flush(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const make = this.waiting;
    this.waiting = null;
    if (make !== null) this.writing = this.writing.then(() => this.write(make()));
    return this.writing;
  }

  private async write(stored: StoredEpoch): Promise<void> {
    try {
      await writeEpochFile(this.path, stored, this.sealKey);
      this.ports.onStored(this.path, stored.epoch);
    } catch (error) {
      this.ports.onError(this.path, error);
    }
  }
}

/** Of everything that changes answers, the keys too, and of the layout that holds them. */
export function settingsFingerprint(options: ResolutionOptions, versionAndKeys: string): string {
  const facts = JSON.stringify([versionAndKeys, { ...options, overrides: [...options.overrides] }]);
  return createHash('sha256').update(facts).digest('hex');
}
