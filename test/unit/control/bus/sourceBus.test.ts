// A fleet of servers on one bus, in memory: who is told what, who polls, and that it ends.
import { createHash } from 'node:crypto';
import t from 'tap';
import { encodeBusMessage } from '../../../../src/control/bus/busMessage.ts';
import { SourceBus, type BusOutcome } from '../../../../src/control/bus/sourceBus.ts';

const repository = 'git https://host/config.git';
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** One server: what a poll would see is `remote`; relayed polls wait until the test runs them. */
class FleetServer {
  readonly counts = new Map<BusOutcome, number>();
  readonly relays: { readonly delayMs: number; readonly isNeeded: () => boolean }[] = [];
  readonly bus: SourceBus;
  isConnected = true;
  state: string | null = null;
  polls = 0;
  private readonly fleet: Fleet;

  constructor(fleet: Fleet, index: number) {
    this.fleet = fleet;
    this.bus = new SourceBus(`00000000-0000-4000-8000-00000000000${index}`, 1_000, {
      sources: () => [this.source, { repository: 'native' }],
      pollRelayed: (asked, delayMs, isNeeded) => {
        if (asked !== repository) throw new Error(`${asked} is not to be polled`);
        this.relays.push({ delayMs, isNeeded });
      },
      send: async (_source, message) => this.isConnected && fleet.send(message),
      count: (outcome) => this.counts.set(outcome, (this.counts.get(outcome) ?? 0) + 1),
      random: () => 0.25,
    });
  }

  readonly source = { repository, remoteState: (): string | null => this.state };

  async poll(isRelayed = false): Promise<void> {
    this.polls += 1;
    this.state = hash(this.fleet.remote(this));
    await this.bus.polled(this.source, isRelayed);
  }

  /** As SourcePoller does: however many asked, one poll, if it is needed still. */
  async runRelays(): Promise<void> {
    const needed = this.relays.splice(0).some(({ isNeeded }) => isNeeded());
    if (needed) await this.poll(true);
  }
}

class Fleet {
  messages = 0;
  remote: (server: FleetServer) => string = () => 'r0';
  readonly servers: readonly FleetServer[];

  constructor(count: number) {
    this.servers = Array.from({ length: count }, (_, index) => new FleetServer(this, index));
  }

  /** To all that are connected, the sender too, as a broker that echoes does. */
  send(message: Uint8Array): boolean {
    this.messages += 1;
    for (const server of this.servers) if (server.isConnected) server.bus.receive(message);
    return true;
  }

  async settle(): Promise<void> {
    for (let round = 0; round < 10; round += 1) for (const server of this.servers) await server.runRelays();
  }

  async begin(): Promise<void> {
    for (const server of this.servers) await server.poll();
    await this.settle();
    this.messages = 0;
    for (const server of this.servers) {
      server.polls = 0;
      server.counts.clear();
    }
  }
}

t.test('what one server sees the others poll once, and nobody says it again', async (t) => {
  const fleet = new Fleet(3);
  await fleet.begin();
  fleet.remote = () => 'r1';
  await fleet.servers[0]!.poll();
  t.equal(fleet.servers[1]!.relays[0]?.delayMs, 250, 'spread over the time');
  await fleet.settle();
  t.same(
    fleet.servers.map(({ polls }) => polls),
    [1, 1, 1],
  );
  t.ok(fleet.servers.every(({ state }) => state === hash('r1')));
  t.equal(fleet.messages, 1);
  t.same(
    [...fleet.servers[0]!.counts],
    [
      ['own', 1],
      ['sent', 1],
    ],
  );
  t.same([...fleet.servers[1]!.counts], [['polled', 1]]);
});

t.test('a server that has the revision already does nothing', async (t) => {
  const fleet = new Fleet(2);
  await fleet.begin();
  fleet.remote = () => 'r1';
  fleet.servers[1]!.state = hash('r1');
  await fleet.servers[0]!.poll();
  t.same([...fleet.servers[1]!.counts], [['known', 1]]);
  t.equal(fleet.servers[1]!.relays.length, 0);
});

t.test('what comes back to an earlier state is told again', async (t) => {
  const fleet = new Fleet(2);
  await fleet.begin();
  for (const remote of ['r1', 'r0', 'r1']) {
    fleet.remote = () => remote;
    await fleet.servers[0]!.poll();
    await fleet.settle();
    t.equal(fleet.servers[1]!.state, hash(remote));
  }
  t.equal(fleet.messages, 3);
});

t.test('a remote that answers every poll differently makes no loop', async (t) => {
  const fleet = new Fleet(5);
  await fleet.begin();
  let answers = 0;
  fleet.remote = () => `r${(answers += 1)}`;
  await fleet.servers[0]!.poll();
  await fleet.settle();
  t.equal(fleet.messages, 1);
  t.ok(fleet.servers.every(({ polls }) => polls <= 1));
});

t.test('what could not be sent is sent when the bus is back, as it is then', async (t) => {
  const fleet = new Fleet(2);
  await fleet.begin();
  const [first, second] = fleet.servers as [FleetServer, FleetServer];
  first.isConnected = false;
  for (const remote of ['r1', 'r2']) {
    fleet.remote = () => remote;
    await first.poll();
  }
  t.equal(first.counts.get('unsent'), 2);
  t.equal(fleet.messages, 0);
  first.isConnected = true;
  await first.bus.connected(false);
  t.equal(fleet.messages, 1);
  await fleet.settle();
  t.equal(second.state, hash('r2'));
  await first.bus.connected(false);
  t.equal(fleet.messages, 1, 'once');
});

t.test('a server that may have missed something looks for itself', async (t) => {
  const fleet = new Fleet(2);
  await fleet.begin();
  fleet.remote = () => 'r1';
  await fleet.servers[1]!.bus.connected(true);
  await fleet.servers[1]!.runRelays();
  t.equal(fleet.servers[1]!.state, hash('r1'));
  t.equal(fleet.messages, 0);
});

t.test('strangers, other fleets and damaged messages change nothing', async (t) => {
  const fleet = new Fleet(1);
  await fleet.begin();
  const server = fleet.servers[0]!;
  const from = '3f2b7c1e-8a4d-4e57-9c0b-1d2e3f4a5b6c';
  server.bus.receive(encodeBusMessage({ from, source: hash('git https://host/other.git'), revision: hash('r1') }));
  server.bus.receive(encodeBusMessage({ from, source: hash('native'), revision: hash('r1') }));
  server.bus.receive(Buffer.from('GET / HTTP/1.1'));
  server.bus.receive(Buffer.alloc(1_000_000, '{'));
  t.same(
    [...server.counts],
    [
      ['unknown', 2],
      ['invalid', 2],
    ],
  );
  t.equal(server.relays.length, 0);
});
