// What all parts of a serving thread share: options from the settings, the worker's runtime, its lane.
import type { WorkerRuntime } from '../cluster/workerRuntime.ts';
import type { EncryptionFacts } from '../model/encryption.ts';
import type { LaneWriter } from '../telemetry/lane.hot.ts';
import type { LogFormat } from '../telemetry/sinkOptions.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { PushOptions } from './push/pushOptions.ts';
import type { Sending } from './sendEntry.hot.ts';

export interface ServingOptions {
  readonly serverPrefix: string;
  readonly validateProfiles: boolean;
  readonly hasResources: boolean;
  readonly urlBytesMax: number;
  /** 8 to 960. */
  readonly idleTimeoutSeconds: number;
  readonly waitersMax: number;
  readonly waitMaxMs: number;
  readonly version: string;
  readonly logFormat: LogFormat;
  /** SharedLogLevel.buffer */
  readonly logLevel: SharedArrayBuffer;
  readonly accessSampleRate: number;
  readonly webhooks: { readonly onApiPort: boolean; readonly path: string; readonly bodyBytesMax: number };
  readonly encryption: EncryptionFacts;
  readonly push: PushOptions;
}

/** What the parts of the plane share: the worker's runtime, its lane of counters, its log. */
export interface ServingRuntime {
  readonly worker: WorkerRuntime;
  readonly lane: LaneWriter;
  readonly log: Logger;
  readonly sending: Sending;
}
