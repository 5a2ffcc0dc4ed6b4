// Three real servers and a real nats-server: a webhook that reaches one refreshes all, and without the bus everything goes on.
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';
import { configuration, failing, health, logged, metric } from '../../fixtures/lifecycle/questions.ts';
import { busCheck, connected, deliver, messages, serves, startFleet, startMember, testWithNats } from './fleet.ts';
import { NatsServer } from './natsServer.ts';

testWithNats('a webhook to one server: all three serve the new revision, by one fetch each', async (test, program, origin) => {
  const nats = await NatsServer.start(test, program);
  const servers = await startFleet(test, origin, { url: nats.url });
  await delay(1_000);
  const [fetches, sent] = [origin.fetches(), await messages(servers, 'sent')];
  for (const [index, value] of [2, 3, 4].entries()) {
    origin.fixture.push({ 'application.yml': `v: ${value}\n` });
    const answer = await deliver(servers[index]!);
    test.equal(answer.headers['x-vortex-webhook'], 'polled');
    await Promise.all(servers.map((server) => serves(server, value)));
  }
  await delay(1_000);
  test.equal(origin.fetches() - fetches, 9, 'one fetch per server and push');
  test.equal((await messages(servers, 'sent')) - sent, 3, 'one message per push');
  test.equal(await messages(servers, 'invalid'), 0);
  for (const server of servers) {
    test.match(await busCheck(server), { status: 'ok', details: { connected: true, server: `127.0.0.1:${nats.port}`, lastError: null } });
    test.equal(await metric(server, 'vortex_bus_connected'), 1);
  }
});

testWithNats('a webhook to a server that does not serve the label that moved still reaches the one that does', async (test, program, origin) => {
  const { fixture } = origin;
  fixture.work.git('branch', 'feature');
  fixture.pushAll();
  const nats = await NatsServer.start(test, program);
  const servers = await startFleet(test, origin, { url: nats.url });
  test.match(await configuration(servers[1]!, '/app/default/feature'), { value: 1 });
  fixture.work.git('checkout', '--quiet', 'feature');
  fixture.push({ 'application.yml': 'v: 7\n' });
  await deliver(servers[0]!);
  await eventually(
    'the branch',
    () => configuration(servers[1]!, '/app/default/feature'),
    ({ value }) => value === 7,
  );
});

testWithNats('what one server finds by its own poll the others hear too', async (test, program, origin) => {
  const nats = await NatsServer.start(test, program);
  const servers = await startFleet(test, origin, { url: nats.url });
  const frequent = await startMember(test, origin, { url: nats.url }, { pollInterval: '1s' });
  await connected(frequent, true);
  origin.fixture.push({ 'application.yml': 'v: 2\n' });
  await Promise.all([...servers, frequent].map((server) => serves(server, 2)));
});

testWithNats(
  'NATS goes down and comes back: polling and reads go on, health says it, readiness does not; then all is as before',
  async (test, program, origin) => {
    const nats = await NatsServer.start(test, program);
    const servers = await startFleet(test, origin, { url: nats.url });
    const [first, second] = servers as [(typeof servers)[0], (typeof servers)[0]];
    const frequent = await startMember(test, origin, { url: nats.url }, { pollInterval: '1s' });
    await connected(frequent, true);
    await nats.stop();
    for (const server of [...servers, frequent]) {
      await connected(server, false);
      const body = await health(server);
      test.match(body, { httpStatus: 503, status: 'degraded' });
      test.same(
        failing(body).map(({ kind }) => kind),
        ['bus'],
      );
      test.equal((await health(server, '/health/ready')).httpStatus, 200);
      test.equal((await health(server, '/health/live')).httpStatus, 200);
      test.equal(await metric(server, 'vortex_bus_connected'), 0);
    }
    origin.fixture.push({ 'application.yml': 'v: 2\n' });
    await deliver(first);
    await Promise.all([first, frequent].map((server) => serves(server, 2)));
    test.match(await configuration(second, '/app/default'), { status: 200, value: 1 }, 'it has not heard of it, and serves what it has');
    test.ok((await messages([first], 'unsent')) > 0);

    await nats.start();
    await Promise.all(servers.map((server) => connected(server, true)));
    await Promise.all(servers.map((server) => serves(server, 2)));
    test.equal((await health(second)).httpStatus, 200);
    origin.fixture.push({ 'application.yml': 'v: 3\n' });
    await deliver(second);
    await Promise.all(servers.map((server) => serves(server, 3)));
    test.equal(logged(second, /the bus is away/).length, 1, 'one line for an outage');
  },
);

testWithNats('a server starts while NATS is away, and ends while it is', async (test, program, origin) => {
  const nats = await NatsServer.prepare(test, program);
  const server = await startMember(test, origin, { url: nats.url });
  await serves(server, 1);
  test.match(await busCheck(server), { status: 'failing', details: { connected: false, server: null, lastError: /./ } });
  await nats.start();
  await connected(server, true);
  await nats.stop();
  await connected(server, false);
  test.same(await server.stop(), { code: 0, signal: null }, server.output);
});

testWithNats('several servers of a cluster may be named: one that is away does not matter', async (test, program, origin) => {
  const away = await NatsServer.prepare(test, program);
  const nats = await NatsServer.start(test, program);
  const server = await startMember(test, origin, { url: `${away.url},${nats.url}` });
  await connected(server, true);
  test.match(await busCheck(server), { details: { server: `127.0.0.1:${nats.port}` } });
});

testWithNats('another subject prefix is another fleet', async (test, program, origin) => {
  const nats = await NatsServer.start(test, program);
  const [one, other] = await Promise.all([
    startMember(test, origin, { url: nats.url }),
    startMember(test, origin, { url: nats.url, subjectPrefix: 'staging.config' }),
  ]);
  await Promise.all([one, other].map((server) => connected(server, true)));
  await Promise.all([one, other].map((server) => serves(server, 1)));
  origin.fixture.push({ 'application.yml': 'v: 2\n' });
  await deliver(one);
  await serves(one, 2);
  await delay(1_000);
  test.match(await configuration(other, '/app/default'), { value: 1 });
});
