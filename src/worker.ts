// Entry of a serving thread: its lane, its log, its routes, the runtime that the primary supervises.
import { runWorker } from './cluster/workerRuntime.ts';
import { ConfigServingPlane } from './serving/servingPlane.ts';
import type { ServingOptions } from './serving/servingRuntime.ts';
import { LaneWriter } from './telemetry/lane.hot.ts';
import { LazySink } from './telemetry/lazySink.ts';
import { Logger } from './telemetry/logger.ts';
import { SharedLogLevel } from './telemetry/logLevel.ts';

runWorker((worker) => {
  const options = worker.data.settings as ServingOptions;
  const sink = new LazySink({ format: options.logFormat, fd: 1 });
  const log = new Logger(new SharedLogLevel(options.logLevel), sink, 'serving', { worker: worker.data.workerIndex });
  return new ConfigServingPlane(options, { worker, lane: new LaneWriter(worker.data.lane), log, sending: { answers: 0 } });
});
