// What answers and subscribers get while a source is older than it may be: the age, a warning, or a refusal; and how a dead host is tried.
import { setTimeout as delay } from 'node:timers/promises';
import type { Test } from 'tap';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';
import { configuration, failing, health, logged, metric } from '../../fixtures/lifecycle/questions.ts';
import { startServer, type Server } from '../../fixtures/server.ts';
import { carriers, type Subscriber } from '../push/pushClients.ts';
import { testGitLife } from './gitLife.ts';

testGitLife('warn: answers carry their age and a warning, the log says it once, and a fresh source ends it', async (test, life) => {
  const { fixture, network, start } = life;
  fixture.push({ 'application.yml': 'v: 1\n' });
  const server = await start({ onStale: 'warn' });
  const fresh = await server.get('/app/default');
  test.match(fresh.headers, { 'x-vortex-stale': undefined, warning: undefined });
  await network.off();
  const stale = await eventually(
    'the warning',
    () => server.get('/app/default'),
    ({ headers }) => headers['warning'] !== undefined,
  );
  test.match(stale, { status: 200, headers: { warning: '110 - "Response is Stale"', 'x-vortex-stale': /^\d+$/ } });
  const notModified = await server.get('/app/default', { 'if-none-match': String(stale.headers['etag']) });
  test.match(notModified, { status: 304, headers: { warning: /110/ } });
  test.match(failing(await health(server)), [{ kind: 'source', details: { state: 'stale', onStale: 'warn', lastSuccess: /Z$/ } }]);
  test.match(logged(server, 'a source was not confirmed for too long: its answers carry their age and a warning'), [{ level: 'warn', code: 'SOURCE_STALE' }]);
  await network.on();
  await eventually(
    'an answer without warning',
    () => server.get('/app/default'),
    ({ headers }) => headers['warning'] === undefined && headers['x-vortex-stale'] === undefined,
  );
  test.equal(logged(server, 'a source is up to date again').length, 1);
});

testGitLife('refuse: 503 for all that the source answers, in every form, and for subscribers, until it is confirmed', async (test, life) => {
  const { fixture, network, start } = life;
  fixture.push({ 'application.yml': 'v: 1\n', 'app/notes.txt': 'hello\n' });
  const settings = { push: { heartbeatInterval: '1s' } };
  const server = await start({ onStale: 'refuse', searchPaths: ['app'] }, { settings });
  const targets = ['/app/default', '/app-default.yml', '/app/default/main/notes.txt', '/app/default/none', '/cold/default'];
  test.match(await server.get('/app/default'), { status: 200 });
  test.match(await server.get('/app/default/main/notes.txt'), { status: 200 });
  const events = subscribe(test, server, '/app/default');
  test.match(await events.next('snapshot'), { stale: 0, properties: { v: 1 } });
  test.match(await events.next('heartbeat'), { stale: 0 });
  await network.off();
  await eventually(
    'the refusal',
    () => server.get('/app/default'),
    ({ status }) => status === 503,
  );
  for (const target of targets) {
    const refused = await eventually(
      `the refusal of ${target}`,
      () => server.get(target, { accept: target.includes('notes') ? '*/*' : 'application/json' }),
      ({ status }) => status === 503,
    );
    test.match(refused.headers, { 'retry-after': /^\d+$/, 'x-vortex-stale': /^\d+$/ }, target);
    test.match(JSON.parse(refused.body.toString()), { status: 503, error: 'Service Unavailable', message: /^SOURCE_STALE: .*maxStaleness/ }, target);
  }
  test.match(await events.next('unavailable'), { status: 503, message: /^SOURCE_STALE/ });
  const late = subscribe(test, server, '/app/default');
  test.match(await late.next('unavailable'), { status: 503 });
  test.equal((await health(server, '/health/ready')).httpStatus, 200, 'other sources may be fine, and no pod is better off');
  test.match(logged(server, 'a source was not confirmed for too long: its answers are refused'), [{ level: 'error' }]);
  await network.on();
  await eventually(
    'the answer',
    () => configuration(server, '/app/default'),
    ({ status, stale }) => status === 200 && stale === null,
  );
  for (const reader of [events, late]) test.match(await reader.next('snapshot'), { stale: 0, properties: { v: 1 } });
});

testGitLife('a composite refuses for a source that refuses, and heartbeats say the age of one that serves', async (test, life) => {
  const { fixture, network, storage } = life;
  fixture.push({ 'application.yml': 'g: 1\n' });
  const uri = `http://127.0.0.1:${network.port}/origin.git`;
  const git = { type: 'git', uri, pollInterval: '1s', maxStaleness: '2s', timeout: '5s' };
  const serve = (onStale: string): Promise<Server> => {
    const composite = [
      { ...git, onStale },
      { type: 'native', searchLocations: [storage] },
    ];
    return startServer(test, { settings: { storage: { directory: `${storage}/${onStale}` }, push: { heartbeatInterval: '1s' }, backends: { composite } } });
  };
  const [serving, refusing] = [await serve('serve'), await serve('refuse')];
  test.match(await configuration(refusing, '/app/default', 'g'), { status: 200, value: 1 });
  const events = subscribe(test, serving, '/app/default');
  await events.next('snapshot');
  await network.off();
  await eventually(
    'the refusal',
    () => configuration(refusing, '/app/default'),
    ({ status }) => status === 503,
  );
  await eventually(
    'a heartbeat with an age',
    () => events.next('heartbeat'),
    ({ stale }) => Number(stale) >= 2,
  );
  const late = subscribe(test, serving, '/app/default');
  test.ok(Number((await late.next('snapshot'))['stale']) >= 2);
});

testGitLife('sources of one host that is down are tried one at a time, and all come back with it', async (test, { fixture, remote, network, start }) => {
  fixture.push({ 'application.yml': 'v: 1\n' });
  const uri = `http://127.0.0.1:${network.port}/origin.git`;
  const repos = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`r${index}`, { uri, pattern: `r${index}` }]));
  const server = await start({ repos });
  await eventually(
    'all sources',
    () => health(server),
    ({ httpStatus }) => httpStatus === 200,
  );
  remote.setFault('serverError');
  await eventually(
    'the breaker',
    () => logged(server, 'a remote host failed several times in a row: one source at a time tries it').length,
    (lines) => lines === 1,
  );
  const beforeRequests = remote.requests.length;
  const beforeMs = Date.now();
  await delay(4_000);
  const requests = remote.requests.length - beforeRequests;
  const seconds = (Date.now() - beforeMs) / 1_000;
  test.ok(requests >= 1 && requests <= seconds + 2, `${requests} requests of 13 sources in ${seconds} s: one a second`);
  const states = (await health(server)).checks.filter(({ kind }) => kind === 'source').map(({ details }) => details['state']);
  test.notOk(states.includes('ok'), 'nobody passes for up to date');
  test.ok((await metric(server, 'vortex_source_polls_total', { result: 'paused' })) > 0);
  remote.setFault('none');
  await eventually(
    'all sources again',
    () => health(server),
    ({ httpStatus }) => httpStatus === 200,
  );
  test.equal(logged(server, 'a remote host answers again').length, 1);
});

function subscribe(test: Test, server: Server, target: string): Subscriber {
  const subscriber = carriers.websocket(server.port, target);
  test.teardown(() => subscriber.end());
  return subscriber;
}
