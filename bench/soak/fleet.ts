// Fleets of subscribers: stalled ones among the others, a restart, a drain. Exits 1 when something was lost, late or not spread.
//
//   npm run soak:fleet -- [stalled|restart|drain]
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import type { FleetMessage, FleetReport } from '../lib/clientFleet.ts';
import { exampleRepository, type ExampleRepository } from '../lib/exampleRepository.ts';
import { median } from '../lib/figures.ts';
import { startVortex, type Vortex, type VortexOptions } from '../lib/vortex.ts';

const problems: string[] = [];
const expect = (holds: boolean, what: string): void => {
  console.log(`${holds ? 'ok  ' : 'MISS'} ${what}`);
  if (!holds) problems.push(what);
};

class ClientFleet {
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.child = child;
  }

  static async open(port: number, application: string, count: number): Promise<ClientFleet> {
    const program = fileURLToPath(new URL('../lib/clientFleet.js', import.meta.url));
    const fleet = new ClientFleet(fork(program, [String(port), application, String(count)]));
    await fleet.next('ready');
    return fleet;
  }

  /** Milliseconds until the last client has what the trigger wrote. */
  async untilAllHave(marker: string, trigger: () => Promise<void>): Promise<number> {
    const arrived = this.next('arrived');
    this.child.send({ kind: 'await', marker, sinceMs: Date.now() });
    await trigger();
    return (await arrived).lastMs;
  }

  async report(): Promise<FleetReport> {
    const answer = this.next('report');
    this.child.send({ kind: 'report' });
    return await answer;
  }

  close(): void {
    this.child.disconnect();
  }

  private async next<Kind extends FleetMessage['kind']>(kind: Kind): Promise<FleetMessage & { readonly kind: Kind }> {
    const [message] = (await once(this.child, 'message', { signal: AbortSignal.timeout(120_000) })) as [FleetMessage];
    if (message.kind !== kind) throw new Error(`the fleet said '${message.kind}', not '${kind}'`);
    return message as FleetMessage & { readonly kind: Kind };
  }
}

async function start(repository: ExampleRepository, options: Partial<VortexOptions> = {}): Promise<Vortex> {
  return await startVortex({ searchLocation: repository.directory, cpu: null, storageDirectory: null, ...options });
}

/** One of a hundred reads nothing, while a large answer of its own piles up: the others must not feel it, and it must catch up. */
async function stalledAmongOthers(total: number): Promise<void> {
  const repository = await exampleRepository(20);
  const [application = '', fat = ''] = repository.applications;
  const vortex = await start(repository, { environment: { VORTEX_PUSH_ADMISSIONS_PER_SECOND: '1000000', VORTEX_PUSH_SLOW_MAX: '10m' } });
  const fleet = await ClientFleet.open(vortex.port, application, (total * 99) / 100);
  const stalled = await Promise.all(Array.from({ length: total / 100 }, () => StalledClient.open(vortex.port, application, fat)));
  let turn = 0;
  const change = async (): Promise<number> => {
    const marker = `turn-${(turn += 1)}`;
    return await fleet.untilAllHave(marker, () => repository.change(application, marker));
  };
  await change();
  const before: number[] = [];
  for (let index = 0; index < 10; index += 1) before.push(await change());
  for (const client of stalled) client.pause();
  const behind = async (): Promise<number> => {
    const metrics = await (await fetch(`http://127.0.0.1:${vortex.managementPort}/metrics`)).text();
    return Number(/^vortex_push_dropped_total (\d+)$/m.exec(metrics)?.[1]);
  };
  for (let index = 0; (await behind()) < stalled.length; index += 1) {
    if (index === 1_500) throw new Error('the stalled clients take everything');
    await repository.change(fat, `${index}-${'x'.repeat(6_000)}`);
    await sleep(20);
  }
  const during: number[] = [];
  for (let index = 0; index < 10; index += 1) during.push(await change());
  const ratio = median(during) / median(before);
  expect(ratio <= 1.5, `last of ${total} with 1 % stalled after ${median(during)} ms, without after ${median(before)} ms: ${ratio.toFixed(2)}x (<= 1.5x)`);
  await repository.change(fat, 'the-end');
  for (const client of stalled) client.resume();
  const caught = await Promise.all(stalled.map((client) => client.has(application, `turn-${turn}`, fat, 'the-end')));
  expect(caught.every(Boolean), `${caught.filter(Boolean).length} of ${stalled.length} stalled clients have everything after they read on`);
  const { content, closed, frames } = await fleet.report();
  expect(
    content[`turn-${turn}`] === (total * 99) / 100 && closed.length === 0,
    `the others have everything, none was closed; frames ${JSON.stringify(frames)}`,
  );
  for (const client of stalled) client.close();
  fleet.close();
  await vortex.process.stop();
}

/** A server that goes and another one at the same address, with a change in between. */
async function restart(total: number): Promise<void> {
  const repository = await exampleRepository(20);
  const [application = ''] = repository.applications;
  const storage = await mkdtemp(join(tmpdir(), 'vortex-fleet-storage-'));
  const first = await start(repository, { storageDirectory: storage });
  const fleet = await ClientFleet.open(first.port, application, total);
  await fleet.untilAllHave('before', () => repository.change(application, 'before'));
  await fleet.report();
  const ended = once(first.process.child, 'exit');
  first.process.child.kill('SIGTERM');
  await ended;
  await repository.change(application, 'between');
  const second = await start(repository, { storageDirectory: storage, port: first.port });
  const tookMs = await fleet.untilAllHave('between', () => Promise.resolve());
  const { content, opened, admitted, frames, closed } = await fleet.report();
  const spread = peakAgainstMean(admitted);
  expect(content['between'] === total, `${content['between']} of ${total} clients have what changed meanwhile, ${tookMs} ms after the new server was ready`);
  const refused = closed.filter(({ code }) => code === 1_006).length;
  console.log(`     ${refused} attempts met no server, ${opened.length - admitted.length} one that told them to come back`);
  expect(
    spread.ratio <= 2,
    `${admitted.length} reconnects over ${spread.seconds} s, at most ${spread.peak} in a second: ${spread.ratio.toFixed(2)}x of the mean (<= 2x)`,
  );
  expect((frames['snapshot'] ?? 0) === 0, `all resumed by diff: frames ${JSON.stringify(frames)}`);
  fleet.close();
  await second.process.stop();
}

async function drain(total: number): Promise<void> {
  const repository = await exampleRepository(20);
  const [application = ''] = repository.applications;
  const vortex = await start(repository);
  const fleet = await ClientFleet.open(vortex.port, application, total);
  await fleet.report();
  const startedAt = Date.now();
  const ended = once(vortex.process.child, 'exit');
  vortex.process.child.kill('SIGTERM');
  const [code] = (await ended) as [number | null];
  const tookMs = Date.now() - startedAt;
  const { closed, frames, delaysMs } = await fleet.report();
  const dismissed = closed.filter((each) => each.code === 1_012);
  const spread = peakAgainstMean(dismissed.map(({ atMs }) => atMs));
  expect(code === 0 && tookMs < 30_000, `exit ${code} after ${tookMs} ms (time-out 30 s)`);
  expect(dismissed.length === total, `${dismissed.length} of ${total} subscribers were closed with 1012`);
  expect(
    frames['drain'] === total && new Set(delaysMs).size > total / 10,
    `${frames['drain']} delays, from ${Math.min(...delaysMs)} to ${Math.max(...delaysMs)} ms`,
  );
  expect(spread.ratio <= 2, `over ${spread.seconds} s, at most ${spread.peak} in a second: ${spread.ratio.toFixed(2)}x of the mean (<= 2x)`);
  fleet.close();
}

function peakAgainstMean(timesMs: readonly number[]): { readonly seconds: number; readonly peak: number; readonly ratio: number } {
  const firstMs = Math.min(...timesMs);
  const perSecond: number[] = [];
  for (const atMs of timesMs) perSecond[Math.floor((atMs - firstMs) / 1_000)] = (perSecond[Math.floor((atMs - firstMs) / 1_000)] ?? 0) + 1;
  const counts = Array.from(perSecond, (count) => count ?? 0);
  const peak = Math.max(...counts);
  console.log(`     per second: ${counts.join(' ')}`);
  return { seconds: counts.length, peak, ratio: peak / (timesMs.length / counts.length) };
}

/** Two subscriptions on one socket that can stop reading. */
class StalledClient {
  private readonly socket: WebSocket;
  private readonly content = new Map<string, string>();
  private wake: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => this.receive(JSON.parse(data.toString()) as Readonly<Record<string, unknown>>));
  }

  static async open(port: number, application: string, other: string): Promise<StalledClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/${application}/prod`, ['vortex.v1.json']);
    const client = new StalledClient(socket);
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'subscribe', application: other, profile: 'prod' }));
    return client;
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  close(): void {
    this.socket.terminate();
  }

  async has(application: string, marker: string, other: string, otherMarker: string): Promise<boolean> {
    const deadline = Date.now() + 30_000;
    while (this.content.get(application) !== marker || this.content.get(other) !== otherMarker) {
      if (Date.now() > deadline) return false;
      await Promise.race([new Promise<void>((resolve) => (this.wake = resolve)), sleep(1_000)]);
    }
    return true;
  }

  private receive(frame: Readonly<Record<string, unknown>>): void {
    const properties = (frame['properties'] ?? {}) as Readonly<Record<string, string>>;
    const changed = (frame['changed'] ?? {}) as Readonly<Record<string, { readonly to: string }>>;
    const marker = properties['feature.marker'] ?? changed['feature.marker']?.to;
    if (marker !== undefined) this.content.set(String(frame['application']), marker);
    this.wake();
  }
}

const parts = { stalled: () => stalledAmongOthers(10_000), restart: () => restart(5_000), drain: () => drain(5_000) };
for (const [name, run] of Object.entries(parts)) {
  if (process.argv[2] !== undefined && process.argv[2] !== name) continue;
  console.log(`${name}:`);
  await run();
}
console.log(`${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
