// The metrics that are looked up at each scrape, from the same facts as health.
import { drainPhases } from '../../cluster/controlBlock.ts';
import { stateSamples, type GaugeSamples } from '../../telemetry/gaugeSamples.ts';
import { sourceConditions, type ServerFacts, type WorkerState } from './serverFacts.ts';

export function scrapeSamples(facts: ServerFacts): GaugeSamples {
  const { sources, workers } = facts;
  const one = (value: number): readonly { labels: object; value: number }[] => [{ labels: {}, value }];
  const perWorker = (valueOf: (worker: WorkerState) => number): readonly { labels: { worker: string }; value: number }[] =>
    workers.map((worker) => ({ labels: { worker: String(worker.index) }, value: valueOf(worker) }));
  return {
    vortex_source_age_seconds: sources.map(({ name, ageSeconds }) => ({ labels: { source: name }, value: ageSeconds ?? Infinity })),
    vortex_source_state: sources.flatMap(({ name, state }) => stateSamples(sourceConditions, state, (shown) => ({ source: name, state: shown }))),
    vortex_bus_connected: facts.bus === null ? [] : one(facts.bus.isConnected ? 1 : 0),
    vortex_epoch: one(facts.epoch),
    vortex_snapshot_entries: one(facts.snapshotEntries),
    vortex_snapshot_bytes: one(facts.snapshotBytes),
    vortex_held_back_entries: one(facts.heldBack.length),
    vortex_miss_queue_depth: one(facts.missQueueDepth),
    ws_connections_active: perWorker(({ subscribers }) => subscribers),
    vortex_worker_heartbeat_age_seconds: perWorker(({ heartbeatAgeSeconds }) => heartbeatAgeSeconds),
    vortex_worker_event_loop_utilization: perWorker(({ eventLoopUtilization }) => eventLoopUtilization),
    vortex_worker_connections: perWorker(({ connections }) => connections),
    vortex_worker_requests_in_flight: perWorker(({ requestsInFlight }) => requestsInFlight),
    vortex_worker_restarts_total: perWorker(({ restarts }) => restarts),
    vortex_drain_phase: stateSamples(drainPhases, facts.drainPhase, (phase) => ({ phase })),
  };
}
