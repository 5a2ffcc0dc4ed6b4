// From what sources and workers report to the facts, and from the facts to the looked-up metrics.
import t from 'tap';
import type { WorkerStatus } from '../../../../src/cluster/workerPool.ts';
import { scrapeSamples } from '../../../../src/control/management/scrapeSamples.ts';
import { sourceState, workerStates } from '../../../../src/control/management/serverFacts.ts';
import type { SourceStatus } from '../../../../src/control/sources/source.ts';
import { freshSource, healthyFacts, healthyWorker } from '../../../fixtures/serverFacts.ts';

const thread: WorkerStatus = {
  worker: 0,
  thread: 0,
  threadBlock: 0,
  phase: 'serving',
  hung: false,
  heartbeatAgeMs: 500,
  epochServed: 3,
  restarts: 1,
  gauges: { requestsInFlight: 2, connectionsOpen: 10, subscribersOpen: 0, eventLoopUtilisation: 0.25 },
};

const status: SourceStatus = {
  health: 'ok',
  revisions: new Map([
    ['main', 'abc'],
    ['gone', null],
  ]),
  lastSuccessAtMs: 10_000,
  lastError: null,
  consecutiveFailures: 0,
  notices: [],
};

t.test('a source state has no credentials, an age in seconds and the revisions of its labels', (t) => {
  t.same(sourceState('git https://joe:pw@host/x', status, 300_000, 12_500), {
    name: 'git https://***@host/x',
    state: 'ok',
    revisions: [
      { label: 'main', revision: 'abc' },
      { label: 'gone', revision: null },
    ],
    ageSeconds: 2.5,
    maxStalenessSeconds: 300,
    lastError: null,
  });
  t.equal(sourceState('x', { ...status, lastSuccessAtMs: null }, 1, 5).ageSeconds, null);
  t.equal(sourceState('x', status, 1, 5).ageSeconds, 0, 'a clock that was set back');
  const many = new Map(Array.from({ length: 50 }, (_, index) => [`label${index}`, 'abc'] as const));
  t.equal(sourceState('x', { ...status, revisions: many }, 1, 5).revisions.length, 20);
  t.end();
});

t.test('the two threads of a replacement are one worker: the serving one, with the connections of both', (t) => {
  const states = workerStates([
    { ...thread, worker: 1, thread: 5, phase: 'starting', heartbeatAgeMs: 1, epochServed: 0 },
    { ...thread, worker: 1, thread: 4 },
    { ...thread, worker: 0, phase: 'down', epochServed: 0 },
  ]);
  t.same(
    states.map(({ index, state, epochServed, connections, requestsInFlight, heartbeatAgeSeconds }) => [
      index,
      state,
      epochServed,
      connections,
      requestsInFlight,
      heartbeatAgeSeconds,
    ]),
    [
      [0, 'down', 0, 10, 2, 0.5],
      [1, 'serving', 3, 20, 4, 0.5],
    ],
  );
  t.end();
});

t.test('a hung thread is not hidden by the one that replaces it', (t) => {
  const [state] = workerStates([thread, { ...thread, thread: 1, phase: 'detaching', hung: true }]);
  t.equal(state?.state, 'serving');
  t.equal(state?.hung, true);
  t.end();
});

t.test('facts become samples: per source, per worker, one state at a time', (t) => {
  const samples = scrapeSamples({
    ...healthyFacts,
    heldBack: [{ key: 'a', code: 'CONTENT_INVALID', message: '' }],
    sources: [freshSource, { ...freshSource, name: 'never', state: 'failed', ageSeconds: null }],
    workers: [healthyWorker, { ...healthyWorker, index: 7, restarts: 3 }],
  });
  t.same(samples.vortex_source_age_seconds, [
    { labels: { source: freshSource.name }, value: 12 },
    { labels: { source: 'never' }, value: Infinity },
  ]);
  t.same(
    samples.vortex_source_state.filter(({ value }) => value === 1).map(({ labels }) => labels),
    [
      { source: freshSource.name, state: 'ok' },
      { source: 'never', state: 'failed' },
    ],
  );
  t.equal(samples.vortex_source_state.length, 8);
  t.same(samples.vortex_worker_restarts_total[1], { labels: { worker: '7' }, value: 3 });
  t.same(
    samples.vortex_drain_phase.filter(({ value }) => value === 1),
    [{ labels: { phase: 'running' }, value: 1 }],
  );
  t.same(
    [
      samples.vortex_epoch,
      samples.vortex_snapshot_entries,
      samples.vortex_snapshot_bytes,
      samples.vortex_held_back_entries,
      samples.vortex_miss_queue_depth,
    ].map(([sample]) => sample?.value),
    [4, 100, 200_000, 1, 2],
  );
  t.end();
});
