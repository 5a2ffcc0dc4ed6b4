// What /metrics says of push: frames and bytes by carrier and kind, resyncs, and how long a change took to the last socket.
import t from 'tap';
import { startServer, type Server } from '../../fixtures/server.ts';
import { carriers, overWebSocket } from './pushClients.ts';

t.setTimeout(60_000);

async function metricsOf(server: Server): Promise<(series: string) => number> {
  const text = await (await fetch(`http://127.0.0.1:${server.managementPort}/metrics`)).text();
  const values = new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))] as const),
  );
  return (series) => values.get(series) ?? Number.NaN;
}

t.test('every subscriber counts, whatever carries its frames', async (t) => {
  const server = await startServer(t, { files: { 'orders.yml': 'a: 1\n' }, settings: { push: { heartbeatInterval: '1h' } } });
  const before = await metricsOf(server);
  t.equal(before('vortex_push_frames_total{carrier="websocket",kind="change"}'), 0);
  t.equal(before('vortex_propagation_seconds_count'), 0);
  const subscribers = [
    ...Array.from({ length: 70 }, () => carriers.websocket(server.port, '/orders/prod')),
    carriers.msgpack(server.port, '/orders/prod'),
    carriers.events(server.port, '/orders/prod'),
    carriers.poll(server.port, '/orders/prod'),
  ];
  t.teardown(() => subscribers.forEach((subscriber) => subscriber.end()));
  await Promise.all(subscribers.map((subscriber) => subscriber.next('snapshot')));
  server.write('orders.yml', 'a: 2\n');
  const frames = await Promise.all(subscribers.map((subscriber) => subscriber.next('change')));
  const metric = await metricsOf(server);
  const ofWebSockets = (name: string, kind: string): number => metric(`vortex_push_${name}_total{carrier="websocket",kind="${kind}"}`);
  t.equal(ofWebSockets('frames', 'snapshot'), 71);
  t.equal(ofWebSockets('frames', 'change'), 71);
  const jsonBytes = Buffer.byteLength(JSON.stringify(frames[0]));
  t.ok(ofWebSockets('bytes', 'change') > 70 * jsonBytes, 'the bytes of 70 texts');
  t.ok(ofWebSockets('bytes', 'change') < 71 * jsonBytes, 'and of one that is packed');
  for (const carrier of ['events', 'poll']) {
    t.equal(metric(`vortex_push_frames_total{carrier="${carrier}",kind="change"}`), 1, carrier);
    t.equal(metric(`vortex_push_bytes_total{carrier="${carrier}",kind="change"}`), jsonBytes, carrier);
  }
  t.equal(metric('vortex_propagation_seconds_count'), 1, 'one answer, one worker');
  t.ok(metric('vortex_propagation_seconds_sum') > 0);
  t.ok(metric('vortex_propagation_seconds_sum') < 30);
});

t.test('a first state and a commit that changes nothing are no propagation', async (t) => {
  const server = await startServer(t, { files: { 'orders.yml': 'a: 1\n', 'other.yml': 'b: 1\n' } });
  const subscriber = overWebSocket(server.port, '/orders/prod', {}, 'vortex.v1.json');
  t.teardown(() => subscriber.end());
  const { revision } = await subscriber.next('snapshot');
  server.write('other.yml', 'b: 2\n');
  for (let tries = 0; ; tries += 1) {
    const answer = (await (await fetch(`http://127.0.0.1:${server.port}/other/prod`)).json()) as { propertySources: { source: { b: number } }[] };
    if (answer.propertySources[0]?.source.b === 2) break;
    if (tries > 5_000) throw new Error(`the other file is not served; ${revision}`);
  }
  t.equal((await metricsOf(server))('vortex_propagation_seconds_count'), 0);
});
