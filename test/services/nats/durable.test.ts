// With a JetStream stream: a server that was away hears what was said meanwhile, and the stream holds one message per source.
import { connect } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../fixtures/lifecycle/eventually.ts';
import { configuration } from '../../fixtures/lifecycle/questions.ts';
import { RemoteSwitch } from '../../fixtures/lifecycle/remoteSwitch.ts';
import { connected, deliver, messages, serves, startFleet, startMember, testWithNats } from './fleet.ts';
import { NatsServer } from './natsServer.ts';

testWithNats('a webhook to one server refreshes all over a stream too', async (test, program, origin) => {
  const nats = await NatsServer.start(test, program);
  const servers = await startFleet(test, origin, { url: nats.url, durable: true });
  for (const value of [2, 3]) {
    origin.fixture.push({ 'application.yml': `v: ${value}\n` });
    await deliver(servers[0]!);
    await Promise.all(servers.map((server) => serves(server, value)));
  }
  const client = await connect({ servers: nats.url });
  const { config, state } = await (await jetstreamManager(client)).streams.info('VORTEX_CONFIG');
  await client.close();
  test.match(config, { subjects: ['vortex.config.source.*'], max_msgs_per_subject: 1 });
  test.equal(state.messages, 1, 'the last word on the one source');
});

testWithNats('a server whose connection was cut hears from the stream what it missed, and fetches nothing it has', async (test, program, origin) => {
  const nats = await NatsServer.start(test, program);
  const network = await RemoteSwitch.open(nats.port);
  test.teardown(() => network.off());
  const cut = await startMember(test, origin, { url: `nats://127.0.0.1:${network.port}`, durable: true });
  const other = await startMember(test, origin, { url: nats.url, durable: true });
  await Promise.all([cut, other].map((server) => connected(server, true)));
  await Promise.all([cut, other].map((server) => serves(server, 1)));
  await network.off();
  await connected(cut, false);
  origin.fixture.push({ 'application.yml': 'v: 2\n' });
  await deliver(other);
  await serves(other, 2);
  test.match(await configuration(cut, '/app/default'), { value: 1 });
  await network.on();
  await connected(cut, true);
  await serves(cut, 2);
  await delay(500);
  const fetches = origin.fetches();
  await network.off();
  await connected(cut, false);
  await network.on();
  await connected(cut, true);
  await delay(1_000);
  test.equal(origin.fetches(), fetches, 'the stream says what it has already');
});

testWithNats('NATS loses its stream: it is made again, and what was not said is', async (test, program, origin) => {
  const nats = await NatsServer.start(test, program);
  const servers = await startFleet(test, origin, { url: nats.url, durable: true });
  const client = await connect({ servers: nats.url });
  await (await jetstreamManager(client)).streams.delete('VORTEX_CONFIG');
  await client.close();
  await nats.stop();
  await Promise.all(servers.map((server) => connected(server, false)));
  origin.fixture.push({ 'application.yml': 'v: 2\n' });
  await deliver(servers[0]!);
  await serves(servers[0]!, 2);
  await nats.start();
  await Promise.all(servers.map((server) => connected(server, true)));
  await Promise.all(servers.map((server) => serves(server, 2)));
  test.ok((await messages(servers, 'unsent')) > 0);
});

testWithNats('somebody deletes the stream while all are connected: it is made again', async (test, program, origin) => {
  const nats = await NatsServer.start(test, program);
  const servers = await startFleet(test, origin, { url: nats.url, durable: true });
  const client = await connect({ servers: nats.url });
  const manager = await jetstreamManager(client);
  await manager.streams.delete('VORTEX_CONFIG');
  await eventually(
    'the stream',
    () => manager.streams.info('VORTEX_CONFIG'),
    ({ state }) => state.consumer_count === 3,
    60_000,
  );
  await client.close();
  await Promise.all(servers.map((server) => connected(server, true)));
  origin.fixture.push({ 'application.yml': 'v: 2\n' });
  await deliver(servers[1]!);
  await Promise.all(servers.map((server) => serves(server, 2)));
});
