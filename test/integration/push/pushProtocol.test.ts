// The push protocol, the same over every carrier: first state, changes, resume, what is not there, and what only WebSockets have.
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { pack } from 'msgpackr/pack';
import { WebSocket } from 'ws';
import { startServer, type Server } from '../../fixtures/server.ts';
import { carriers, overWebSocket, queryOf, Subscriber } from './pushClients.ts';

t.setTimeout(120_000);

function serverWith(t: Test, files: Readonly<Record<string, string>>, settings: Readonly<Record<string, unknown>> = {}): Promise<Server> {
  return startServer(t, { files, settings: { backends: { native: { pollInterval: '1h', maxStaleness: '2h' } }, ...settings } });
}

for (const [name, connect] of Object.entries(carriers)) {
  t.test(`${name}: everything first, then each change, and nothing when nothing changed`, async (t) => {
    const server = await serverWith(t, { 'orders.yml': 'a: 1\nb: two\nc: 12345678901234567890\n', 'application.yml': 'shared: "${a}-x"\n' });
    const subscriber = connect(server.port, '/orders/prod');
    t.teardown(() => subscriber.end());
    const first = await subscriber.next('snapshot');
    t.match(first, { application: 'orders', profile: 'prod', label: null, properties: { a: 1, b: 'two', shared: '1-x' } });
    server.write('orders.yml', 'a: 2\nd: new\nc: 12345678901234567890\n');
    const change = await subscriber.next('change');
    t.match(change, { from: { hash: first.hash, revision: first.revision }, added: { d: 'new' }, removed: { b: 'two' }, source: /native/ });
    t.same(change.changed, { a: { from: 1, to: 2 }, shared: { from: '1-x', to: '2-x' } });
    server.write('other.yml', 'x: 1\n');
    await sleep(300);
    server.write('orders.yml', 'a: 3\nd: new\nc: 12345678901234567890\n');
    const second = await subscriber.next('change');
    t.equal(second.from.hash, change.hash);
    t.same(second.changed, { a: { from: 2, to: 3 }, shared: { from: '2-x', to: '3-x' } });
    t.equal(subscriber.frames.filter(({ type }) => type === 'change').length, 2, 'the other file caused no frame');
    t.same(subscriber.gaps, []);
  });

  t.test(`${name}: who comes back gets what was missed, as one change`, async (t) => {
    const server = await serverWith(t, { 'orders.yml': 'a: 1\nb: 1\n' });
    const before = connect(server.port, '/orders/prod');
    await before.next('snapshot');
    before.end();
    const witness = overWebSocket(server.port, '/orders/prod', {}, 'vortex.v1.json');
    t.teardown(() => witness.end());
    await witness.next('snapshot');
    server.write('orders.yml', 'a: 2\nb: 1\n');
    await witness.next('change');
    server.write('orders.yml', 'a: 3\nc: 1\n');
    await witness.next('change');
    for (const since of [{ hash: before.hash, revision: before.revision }, { revision: before.revision }]) {
      // an event id has a hash always
      if (name === 'events' && since.hash === undefined) continue;
      const back = connect(server.port, '/orders/prod', since);
      const change = await back.next('change');
      back.end();
      t.same(change.changed, { a: { from: 1, to: 3 } });
      t.same([change.added, change.removed], [{ c: 1 }, { b: 1 }]);
      t.equal(change.hash, witness.hash);
    }
    const stranger = connect(server.port, '/orders/prod', { hash: 'A'.repeat(22) });
    t.same((await stranger.next('snapshot')).properties, { a: 3, c: 1 });
    stranger.end();
    if (name === 'poll') return;
    const same = connect(server.port, '/orders/prod', { hash: witness.hash });
    t.match(await same.next('current'), { hash: witness.hash });
    same.end();
  });

  t.test(`${name}: what does not exist, and what is not allowed`, async (t) => {
    const server = await serverWith(t, { 'orders.yml': 'a: 1\n' }, { server: { port: 0, workers: 1 } });
    const strange = connect(server.port, '/..%2Fetc/passwd');
    const { code, reason } = await strange.untilClosed();
    t.ok(code === 400 || reason.endsWith('400'), `${code} ${reason}`);
  });
}

t.test('one WebSocket has several subscriptions and loses one of them', async (t) => {
  const server = await serverWith(t, { 'orders.yml': 'a: 1\n', 'stock.yml': 'b: 1\n' }, { push: { subscriptionsPerConnection: 2 } });
  const subscriber = new Subscriber();
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws/orders/prod`, ['vortex.v1.json']);
  socket.on('message', (data: Buffer) => subscriber.receive(JSON.parse(data.toString()) as Subscriber['frames'][number]));
  t.teardown(() => socket.terminate());
  t.match(await subscriber.next('snapshot'), { application: 'orders' });
  const say = (message: unknown): void => socket.send(JSON.stringify(message));
  say({ type: 'subscribe', application: 'stock', profile: 'prod' });
  t.match(await subscriber.next('snapshot'), { application: 'stock', properties: { b: 1 } });
  say({ type: 'subscribe', application: 'third', profile: 'prod' });
  t.match(await subscriber.next('error'), { code: 'LIMIT_EXCEEDED' });
  server.write('stock.yml', 'b: 2\n');
  t.match(await subscriber.next('change'), { application: 'stock', changed: { b: { from: 1, to: 2 } } });
  say({ type: 'unsubscribe', application: 'stock', profile: 'prod' });
  say({ type: 'resync', application: 'orders', profile: 'prod', hash: 'x' });
  t.match(await subscriber.next('snapshot'), { application: 'orders' });
  server.write('stock.yml', 'b: 3\n');
  server.write('orders.yml', 'a: 2\n');
  t.match(await subscriber.next('change'), { application: 'orders' });
  t.notOk(subscriber.frames.some((frame) => frame.application === 'stock' && frame.type === 'change' && 'b' in frame.changed && frame.changed['b']?.to === 3));
});

t.test('bad input closes a WebSocket with a code and a reason, and nobody else', async (t) => {
  const server = await serverWith(t, { 'orders.yml': 'a: 1\n' });
  const witness = overWebSocket(server.port, '/orders/prod', {}, null);
  t.teardown(() => witness.end());
  await witness.next('snapshot');
  t.match(await overWebSocket(server.port, '/orders/prod', {}, 'chat').untilClosed(), { code: /1002|-1/ });
  const closesAfter = async (messages: readonly (string | Uint8Array)[], protocol = 'vortex.v1.json'): Promise<{ code: number; reason: string }> => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws/orders/prod`, [protocol]);
    return new Promise((resolve, reject) => {
      socket.on('open', () => {
        for (const message of messages) socket.send(message);
      });
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
      socket.on('error', reject);
    });
  };
  t.same(await closesAfter(['no json']), { code: 1_008, reason: 'not a message of this protocol' });
  t.same(await closesAfter(['{"type":"subscribe","application":1,"profile":"x"}']), { code: 1_008, reason: 'not a message of this protocol' });
  t.same(await closesAfter(['[]']), { code: 1_008, reason: 'not a message of this protocol' });
  t.same(await closesAfter([Uint8Array.from([0xc1])], 'vortex.v1.msgpack'), { code: 1_008, reason: 'not a message of this protocol' });
  const harmless = JSON.stringify({ type: 'unsubscribe', application: 'a', profile: 'b' });
  t.same(await closesAfter(Array.from({ length: 60 }, () => harmless)), { code: 1_008, reason: 'too many messages' });
  t.same(
    await closesAfter(
      Array.from({ length: 60 }, () => pack({ type: 'unsubscribe', application: 'a', profile: 'b' })),
      'vortex.v1.msgpack',
    ),
    {
      code: 1_008,
      reason: 'too many messages',
    },
  );
  t.match(await closesAfter(['x'.repeat(20_000)]), { code: /1006|1009/ });
  server.write('orders.yml', 'a: 2\n');
  await witness.next('change');
});

t.test('a long poll says 304 in time, and a wait that is no number is refused', async (t) => {
  const server = await serverWith(t, { 'orders.yml': 'a: 1\n' });
  const url = `http://127.0.0.1:${server.port}/vortex/v1/watch/orders/prod`;
  const { hash } = (await (await fetch(url)).json()) as { hash: string };
  const answer = await fetch(`${url}?${queryOf({ hash })}&wait=0.05`);
  t.same([answer.status, answer.headers.get('etag')], [304, `"${hash}"`]);
  t.equal((await fetch(`${url}?wait=soon`)).status, 400);
});

t.test('too many at once are told when to come back', async (t) => {
  const server = await serverWith(t, { 'orders.yml': 'a: 1\n' }, { push: { admissionsPerSecond: 2 } });
  const url = `http://127.0.0.1:${server.port}/vortex/v1/watch/orders/prod`;
  const answers = await Promise.all(Array.from({ length: 6 }, () => fetch(url)));
  const refused = answers.filter(({ status }) => status === 503);
  t.ok(refused.length >= 3 && refused.length <= 4, `${refused.length} refused`);
  t.ok(refused.every(({ headers }) => Number(headers.get('retry-after')) >= 1));
  const metrics = await (await fetch(`http://127.0.0.1:${server.managementPort}/metrics`)).text();
  t.match(metrics, new RegExp(`ws_connections_total\\{action="refused"\\} ${refused.length}`));
});

t.test('a WebSocket above the rate is told when to come back, and closed', async (t) => {
  const server = await serverWith(t, { 'orders.yml': 'a: 1\n' }, { push: { admissionsPerSecond: 2 } });
  const subscribers = Array.from({ length: 6 }, () => overWebSocket(server.port, '/orders/prod', {}, 'vortex.v1.json'));
  t.teardown(() => subscribers.forEach((subscriber) => subscriber.end()));
  while (subscribers.some(({ frames, closed }) => frames.length === 0 && closed === null)) await sleep(10);
  const refused = subscribers.flatMap((subscriber) => subscriber.frames.flatMap((frame) => (frame.type === 'drain' ? [{ frame, subscriber }] : [])));
  t.ok(refused.length >= 3 && refused.length <= 4, `${refused.length} refused`);
  for (const { subscriber } of refused) t.same(await subscriber.untilClosed(), { code: 1_013, reason: 'too many at once' });
  const delays = refused.map(({ frame }) => Number(frame['reconnectDelayMs']));
  t.ok(
    delays.every((delay) => delay > 0 && delay <= 2_500),
    String(delays),
  );
  t.equal(new Set(delays).size, delays.length, 'each at a time of its own');
});

t.test('a slow reader gets one change over all that it could not take', async (t) => {
  const value = (turn: number): string => `a: ${turn}\ntext: ${String.fromCharCode(97 + (turn % 26)).repeat(12_000)}\n`;
  const server = await serverWith(t, { 'orders.yml': value(0) });
  const slow = new Subscriber();
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws/orders/prod`, ['vortex.v1.json']);
  socket.on('message', (data: Buffer) => slow.receive(JSON.parse(data.toString()) as Subscriber['frames'][number]));
  socket.on('close', (code, reason) => slow.finish(code, reason.toString()));
  t.teardown(() => socket.terminate());
  await slow.next('snapshot');
  socket.pause();
  const dropped = async (): Promise<number> => {
    const metrics = await (await fetch(`http://127.0.0.1:${server.managementPort}/metrics`)).text();
    return Number(/^vortex_push_dropped_total (\d+)$/m.exec(metrics)?.[1]);
  };
  let turn = 0;
  for (; turn < 1_500 && (await dropped()) === 0;) {
    turn += 1;
    server.write('orders.yml', value(turn));
    await sleep(35);
  }
  t.ok((await dropped()) > 0, `dropped after ${turn} changes`);
  for (let more = 0; more < 5; more += 1) {
    turn += 1;
    server.write('orders.yml', value(turn));
    await sleep(100);
  }
  socket.resume();
  const deadline = Date.now() + 20_000;
  while (slow.properties?.get('a') !== turn && Date.now() < deadline) await sleep(20);
  t.equal(slow.properties?.get('a'), turn, 'it has the newest content');
  t.same(slow.gaps, [], 'each change starts from what it had');
  t.ok(slow.frames.filter(({ type }) => type === 'change').length < turn, 'what it missed came as one');
});

t.test('a drain dismisses every subscriber with a delay of its own', async (t) => {
  const server = await serverWith(
    t,
    { 'orders.yml': 'a: 1\n' },
    { server: { host: '127.0.0.1', port: 0, workers: 1, drain: { propagationDelay: '0s', spread: '1s' } } },
  );
  const subscribers = Array.from({ length: 20 }, (_, index) =>
    index % 2 === 0 ? carriers.websocket(server.port, '/orders/prod') : carriers.events(server.port, '/orders/prod'),
  );
  await Promise.all(subscribers.map((subscriber) => subscriber.next('snapshot')));
  const { hash } = subscribers[0]!;
  const poll = fetch(`http://127.0.0.1:${server.port}/vortex/v1/watch/orders/prod?hash=${hash}`);
  await sleep(100);
  const stopped = server.stop();
  t.equal((await poll).status, 304);
  for (const subscriber of subscribers) t.ok(Number((await subscriber.next('drain'))['reconnectDelayMs']) >= 0);
  const closed = await Promise.all(subscribers.map((subscriber) => subscriber.untilClosed()));
  t.ok(
    closed.every(({ code }, index) => code === (index % 2 === 0 ? 1_012 : 200)),
    JSON.stringify(closed),
  );
  t.same(await stopped, { code: 0, signal: null });
});
