// The health verdicts, one fact changed at a time.
import t from 'tap';
import { healthVerdict, type HealthQuestion } from '../../../../src/control/management/healthVerdict.ts';
import type { ServerFacts } from '../../../../src/control/management/serverFacts.ts';
import { freshSource, healthyFacts, healthyWorker } from '../../../fixtures/serverFacts.ts';

const questions: readonly HealthQuestion[] = ['live', 'ready', 'full'];

/** Status and HTTP status of live, ready, full. */
function verdicts(change: Partial<ServerFacts>): readonly string[] {
  return questions.map((question) => {
    const { status, httpStatus, body } = healthVerdict(question, { ...healthyFacts, ...change });
    return body.status === status ? `${status} ${httpStatus}` : 'the body says something else';
  });
}

/** Names of the checks of full health that fail. */
function failing(change: Partial<ServerFacts>): readonly string[] {
  const { checks } = healthVerdict('full', { ...healthyFacts, ...change }).body;
  return checks.filter(({ status }) => status === 'failing').map(({ name }) => name);
}

const allOk = ['ok 200', 'ok 200', 'ok 200'];
const degraded = ['ok 200', 'ok 200', 'degraded 503'];
const unavailable = ['ok 200', 'unavailable 503', 'unavailable 503'];

t.test('a healthy server is ok three times, with version, whole seconds and its checks', (t) => {
  t.same(verdicts({}), allOk);
  const { body } = healthVerdict('full', healthyFacts);
  t.equal(body.version, '1.2.3');
  t.equal(body.uptime_secs, 61);
  t.same(
    body.checks.map(({ name, kind, status }) => [name, kind, status]),
    [
      ['process', 'process', 'ok'],
      ['snapshot', 'snapshot', 'ok'],
      ['worker-0', 'worker', 'ok'],
      ['worker-1', 'worker', 'ok'],
      ['git https://host/config', 'source', 'ok'],
      ['content', 'content', 'ok'],
    ],
  );
  t.same(Object.keys(body), ['status', 'version', 'uptime_secs', 'checks']);
  t.same(healthVerdict('live', healthyFacts).body.checks, [], 'live looks at nothing');
  t.end();
});

t.test('a stale source degrades full health and takes nothing out of service', (t) => {
  const stale = { ...freshSource, state: 'stale', ageSeconds: 301, lastError: { code: 'SOURCE_UNREACHABLE', message: 'no route' } } as const;
  t.same(verdicts({ sources: [freshSource, { ...stale, name: 'other' }] }), degraded);
  t.same(failing({ sources: [freshSource, { ...stale, name: 'other' }] }), ['other']);
  const check = healthVerdict('full', { ...healthyFacts, sources: [stale] }).body.checks.find(({ kind }) => kind === 'source');
  t.match(check?.details, { stale: true, ageSeconds: 301, maxStalenessSeconds: 300, lastError: { code: 'SOURCE_UNREACHABLE' } });
  t.end();
});

t.test('a source that fails within its limit is ok and shows its last error', (t) => {
  const sources = [{ ...freshSource, state: 'retrying', ageSeconds: 300, lastError: { code: 'SOURCE_TIMEOUT', message: 'slow' } }] as const;
  t.same(verdicts({ sources }), allOk);
  t.end();
});

t.test('a source that was never confirmed fails its check', (t) => {
  t.same(verdicts({ sources: [{ ...freshSource, state: 'failed', ageSeconds: null }] }), degraded);
  t.same(verdicts({ sources: [{ ...freshSource, state: 'opening', ageSeconds: 1 }] }), degraded, 'nor does one that is being opened count as read');
  t.end();
});

t.test('before the first snapshot the server is not ready and says which sources it waits for', (t) => {
  const sources = [{ ...freshSource, state: 'failed', ageSeconds: null, lastError: { code: 'SOURCE_UNAUTHORIZED', message: 'refused' } }] as const;
  const change = { epoch: 0, sources, workers: [{ ...healthyWorker, epochServed: 0 }] };
  t.same(verdicts(change), unavailable);
  const { checks } = healthVerdict('ready', { ...healthyFacts, ...change }).body;
  const snapshot = checks.find(({ name }) => name === 'snapshot');
  t.match(snapshot?.details, {
    reason: 'no snapshot was published yet',
    waitingFor: [{ source: freshSource.name, state: 'failed', lastError: { code: 'SOURCE_UNAUTHORIZED' } }],
  });
  t.equal(checks.find(({ name }) => name === 'worker-0')?.status, 'ok', 'the workers are not to blame');
  t.end();
});

t.test('every worker must serve from a snapshot', (t) => {
  for (const change of [{ state: 'starting' }, { state: 'down' }, { state: 'detaching' }, { hung: true }, { epochServed: 0 }] as const) {
    const workers = [healthyWorker, { ...healthyWorker, index: 1, ...change }];
    t.same(verdicts({ workers }), unavailable, JSON.stringify(change));
    t.same(failing({ workers }), ['worker-1']);
  }
  t.same(verdicts({ workers: [{ ...healthyWorker, epochServed: 3 }] }), allOk, 'an epoch behind is a snapshot too');
  t.end();
});

t.test('a server that starts or drains is alive and not ready', (t) => {
  for (const drainPhase of ['starting', 'lameDuck', 'spreading', 'finishing', 'lingering', 'exited'] as const) {
    t.same(verdicts({ drainPhase }), unavailable, drainPhase);
  }
  t.end();
});

t.test('held-back answers degrade full health; the body shows some of them', (t) => {
  const heldBack = Array.from({ length: 50 }, (_, index) => ({ key: `/app${index}/dev`, code: 'CONTENT_INVALID', message: 'line 3' }));
  t.same(verdicts({ heldBack }), degraded);
  const content = healthVerdict('full', { ...healthyFacts, heldBack }).body.checks.find(({ name }) => name === 'content');
  t.equal(content?.details['heldBack'], 50);
  t.match(content?.details['entries'], { length: 10 });
  t.end();
});

t.test('a server whose every answer needs a backend that was never read is not ready, and says which', async (t) => {
  const lastError = { code: 'SOURCE_UNREACHABLE', message: 'no route' } as const;
  const missing = { ...freshSource, name: 'other', state: 'failed', ageSeconds: null, lastError, isMissing: true } as const;
  const verdict = healthVerdict('ready', { ...healthyFacts, sources: [freshSource, missing] });
  t.equal(verdict.httpStatus, 503);
  t.match(
    verdict.body.checks.find(({ kind }) => kind === 'snapshot'),
    { status: 'failing', details: { reason: /never read/, waitingFor: [{ source: 'other', state: 'failed', lastError }] } },
  );
  t.equal(healthVerdict('ready', { ...healthyFacts, sources: [freshSource, { ...missing, isMissing: false }] }).httpStatus, 200);
});

t.test('a bus that is away degrades full health and nothing else', (t) => {
  const bus = { isConnected: false, sinceMs: 0, server: null, lastError: 'connection refused' };
  t.same(verdicts({ bus }), degraded);
  t.same(failing({ bus }), ['bus']);
  t.same(verdicts({ bus: { ...bus, isConnected: true } }), allOk);
  const names = healthVerdict('full', healthyFacts).body.checks.map(({ name }) => name);
  t.notOk(names.includes('bus'), 'without a bus nobody asks for one');
  t.end();
});
