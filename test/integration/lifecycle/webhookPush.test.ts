// From a git push to a subscriber within moments: the poll interval is an hour, a webhook makes the difference.
import { setTimeout as delay } from 'node:timers/promises';
import { WEBHOOK_POLL_DELAY_MS } from '../../../src/model/limits.ts';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';
import { configuration, logged, metric } from '../../fixtures/lifecycle/questions.ts';
import { push, signed, type Delivery } from '../../fixtures/webhook/deliveries.ts';
import { startServer, type Server } from '../../fixtures/server.ts';
import { overWebSocket } from '../push/pushClients.ts';
import { testGitLife } from './gitLife.ts';

const secret = 'a secret';
const hourly = { pollInterval: '1h', maxStaleness: '2h' };
const monitor = { onApiPort: true, github: { secret }, bitbucket: { secret } };

function deliver(server: Server, { headers, body }: Delivery): ReturnType<Server['manage']> {
  return server.manage('POST', '/monitor', headers, body);
}

testGitLife('a push and its webhook: the new answer is served, and pushed to a WebSocket', async (test, { fixture, start }) => {
  fixture.push({ 'application.yml': 'v: 1\n' });
  const server = await start(hourly, { settings: { monitor } });
  test.match(await configuration(server, '/app/default'), { value: 1 });
  const subscriber = overWebSocket(server.port, '/app/default', {}, 'vortex.v1.json');
  test.teardown(() => subscriber.end());
  await subscriber.next('snapshot');

  const revision = fixture.push({ 'application.yml': 'v: 2\n' });
  await delay(1_000);
  test.match(await configuration(server, '/app/default'), { value: 1 }, 'nobody has told it');
  const answer = await deliver(server, signed('github', push('github', '127.0.0.1', 'origin'), secret));
  test.equal(answer.status, 200);
  test.match(answer.headers, { 'x-vortex-webhook': 'polled', 'x-vortex-sources-polled': '1' });
  test.match(await subscriber.next('change'), { revision, changed: { v: { from: 1, to: 2 } } });
  test.match(await configuration(server, '/app/default'), { value: 2, revision });
  test.equal(logged(server, 'a webhook has a source polled').length, 1);

  fixture.push({ 'application.yml': 'v: 3\n' });
  const onApiPort = signed('bitbucketCloud', push('bitbucketCloud', '127.0.0.1', 'origin'), secret);
  await server.request('POST', '/monitor', onApiPort.headers, onApiPort.body);
  test.match(await subscriber.next('change'), { changed: { v: { from: 2, to: 3 } } });
});

testGitLife('a burst of deliveries is one fetch; one of another repository, or without a signature, is none', async (test, { fixture, remote, start }) => {
  fixture.push({ 'application.yml': 'v: 1\n' });
  const server = await start(hourly, { settings: { monitor } });
  test.match(await configuration(server, '/app/default'), { value: 1 });
  const fetches = (): number => remote.requests.filter((request) => request.includes('info/refs')).length;
  const before = fetches();
  test.equal((await deliver(server, push('github', '127.0.0.1', 'origin'))).status, 401);
  const other = await deliver(server, signed('github', push('github', '127.0.0.1', 'other'), secret));
  test.match(other.headers, { 'x-vortex-webhook': 'unmatched', 'x-vortex-sources-polled': '0' });
  await delay(1_000);
  test.equal(fetches(), before);

  fixture.push({ 'application.yml': 'v: 2\n' });
  const numbers = Array.from({ length: 30 }, (_, index) => index + 10);
  const startedMs = performance.now();
  const answers = await Promise.all(numbers.map((number) => deliver(server, signed('github', push('github', '127.0.0.1', 'origin', number), secret))));
  test.ok(answers.every(({ headers }) => headers['x-vortex-webhook'] === 'polled'));
  const windows = Math.ceil((performance.now() - startedMs) / WEBHOOK_POLL_DELAY_MS);
  await eventually(
    'the new content',
    () => configuration(server, '/app/default'),
    ({ value }) => value === 2,
  );
  await delay(500);
  // what comes while a fetch runs needs one more; a busy machine may spread them over several delays
  const count = fetches() - before;
  test.ok(count >= 1 && count <= windows + 1, `${count} fetches for ${numbers.length} deliveries in ${windows} delays`);

  const again = await deliver(server, signed('github', push('github', '127.0.0.1', 'origin', 10), secret));
  test.match(again.headers, { 'x-vortex-webhook': 'repeated', 'x-vortex-sources-polled': '0' });
  test.equal(await metric(server, 'vortex_webhook_deliveries_total', { provider: 'github', outcome: 'polled' }), 30);
  test.equal(await metric(server, 'vortex_webhook_deliveries_total', { provider: 'github', outcome: 'repeated' }), 1);
});

testGitLife('a repository under an internal name is found by the public one, one made from a placeholder by its own', async (test, { fixture, network }) => {
  fixture.push({ 'application.yml': 'v: 1\n' });
  const url = `http://127.0.0.1:${network.port}`;
  const start = (git: Readonly<Record<string, unknown>>): Promise<Server> =>
    startServer(test, { settings: { monitor, backends: { git: { ...hourly, ...git } } } });
  const server = await start({ uri: `${url}/origin.git` });
  const placeholder = await start({ uri: `${url}/{application}.git` });
  const named = await start({ uri: `${url}/origin.git`, webhookUris: ['https://git.example.com/team/config'] });
  for (const each of [server, named]) test.match(await configuration(each, '/app/default'), { value: 1 });
  test.match(await configuration(placeholder, '/origin/default'), { value: 1 });
  fixture.push({ 'application.yml': 'v: 2\n' });
  const external = signed('github', push('github', 'git.example.com', 'team/config'), secret);
  test.equal((await deliver(server, external)).headers['x-vortex-webhook'], 'unmatched');
  test.equal((await deliver(named, external)).headers['x-vortex-webhook'], 'polled');
  const own = signed('github', push('github', '127.0.0.1', 'origin'), secret);
  test.equal((await deliver(placeholder, own)).headers['x-vortex-webhook'], 'polled');
  for (const [each, target] of [
    [named, '/app/default'],
    [placeholder, '/origin/default'],
  ] as const) {
    await eventually(
      target,
      () => configuration(each, target),
      ({ value }) => value === 2,
    );
  }
  test.match(await configuration(server, '/app/default'), { value: 1 });
});
