// Entry of a serving thread: its lane, its routes, the runtime that the primary supervises.
import { runWorker } from './cluster/workerRuntime.ts';
import { ConfigServingPlane, type ServingOptions } from './serving/servingPlane.ts';
import { LaneWriter } from './telemetry/lane.hot.ts';

runWorker((worker) => new ConfigServingPlane(worker.data.settings as ServingOptions, { worker, lane: new LaneWriter(worker.data.lane) }));
