// From what sources and workers report to the facts, and from the facts to the looked-up metrics.
import t from 'tap';
import type { WorkerStatus } from '../../../../src/cluster/workerPool.ts';
import { scrapeSamples } from '../../../../src/control/management/scrapeSamples.ts';
import { sourceState, workerStates, type SourceReport } from '../../../../src/control/management/serverFacts.ts';
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

function report(more: Partial<SourceStatus> = {}, maxStalenessMs = 300_000, isRequired = false): SourceReport {
  return { repository: 'git https://joe:pw@host/x', status: { ...status, ...more }, maxStalenessMs, onStale: 'warn', isRequired };
}

t.test('a source state has no credentials, an age in seconds and the revisions of its labels', (t) => {
  t.same(sourceState(report(), 12_500), {
    name: 'git https://***@host/x',
    state: 'ok',
    revisions: [
      { label: 'main', revision: 'abc' },
      { label: 'gone', revision: null },
    ],
    ageSeconds: 2.5,
    maxStalenessSeconds: 300,
    onStale: 'warn',
    lastSuccess: '1970-01-01T00:00:10.000Z',
    consecutiveFailures: 0,
    lastError: null,
    isMissing: false,
  });
  t.match(sourceState(report({ lastSuccessAtMs: null }), 5), { ageSeconds: null, lastSuccess: null, state: 'stale' });
  t.equal(sourceState(report(), 5).ageSeconds, 0, 'a clock that was set back');
  const many = new Map(Array.from({ length: 50 }, (_, index) => [`label${index}`, 'abc'] as const));
  t.equal(sourceState(report({ revisions: many }), 5).revisions.length, 20);
  t.end();
});

t.test('the state of a source is of its newest try within the limit, and stale beyond it', (t) => {
  const stateOf = (health: SourceStatus['health'], ageMs: number): string => sourceState(report({ health }, 1_000), 10_000 + ageMs).state;
  t.strictSame(
    (['opening', 'ok', 'retrying', 'failed'] as const).map((health) => [stateOf(health, 1_000), stateOf(health, 1_001)]),
    [
      ['opening', 'opening'],
      ['ok', 'stale'],
      ['retrying', 'stale'],
      ['failed', 'failed'],
    ],
  );
  t.end();
});

t.test('a source is missing when every answer needs it and there never was anything of it', (t) => {
  const isMissing = (health: SourceStatus['health'], lastSuccessAtMs: number | null, isRequired: boolean): boolean =>
    sourceState(report({ health, lastSuccessAtMs }, 1_000, isRequired), 0).isMissing;
  t.equal(isMissing('failed', null, true), true);
  t.equal(isMissing('opening', null, true), true);
  t.equal(isMissing('failed', 10, true), false, 'an earlier process has left answers');
  t.equal(isMissing('ok', null, true), false, 'content of an unknown age is content');
  t.equal(isMissing('failed', null, false), false);
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
  t.equal(samples.vortex_source_state.length, 10);
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
