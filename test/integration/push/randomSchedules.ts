// Random schedules of commits, disconnects, slow readers and worker replacements: at the end every subscriber has the server's content.
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { Server } from '../../fixtures/server.ts';
import { Random } from '../fuzz/random.ts';
import { overEvents, overPolls, queryOf, Subscriber, type Frame } from './pushClients.ts';

export interface SchedulesResult {
  readonly schedules: number;
  readonly changes: number;
  readonly reconnects: number;
  readonly pauses: number;
  readonly replacements: number;
  readonly frames: Readonly<Record<string, number>>;
  /** One line each; empty when all is well. */
  readonly problems: readonly string[];
}

const applications = ['orders', 'stock', 'billing'];
const settleMs = 20_000;

/** A subscriber that comes and goes, over the carrier that it was made with. */
class Actor {
  readonly application: string;
  readonly carrier: number;
  subscriber = new Subscriber();
  isPaused = false;
  private socket: WebSocket | null = null;
  private readonly port: number;

  constructor(port: number, application: string, carrier: number) {
    this.port = port;
    this.application = application;
    this.carrier = carrier;
    this.connect();
  }

  /** Resumes from what it has. */
  connect(): void {
    const since = { revision: this.subscriber.revision, hash: this.subscriber.hash };
    const target = `/${this.application}/prod`;
    this.subscriber.closed = null;
    if (this.carrier === 0) {
      this.subscriber.askAgain = (): void => {
        this.subscriber.end();
        this.connect();
      };
      overEvents(this.port, target, since, this.subscriber);
    }
    if (this.carrier === 1) overPolls(this.port, target, since, this.subscriber);
    if (this.carrier > 1) this.openSocket(`ws://127.0.0.1:${this.port}/ws${target}?${queryOf(since)}`);
  }

  disconnect(): void {
    this.resume();
    this.subscriber.end();
  }

  pause(): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    this.socket.pause();
    this.isPaused = true;
  }

  resume(): void {
    if (this.isPaused) this.socket?.resume();
    this.isPaused = false;
  }

  /** As a client does: comes back when it was sent away, asks when it is hinted at a large change. */
  keepUp(): void {
    if (this.subscriber.closed !== null) this.connect();
  }

  private openSocket(url: string): void {
    const { subscriber, application } = this;
    const socket = new WebSocket(url, ['vortex.v1.json']);
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      subscriber.receive(JSON.parse(data.toString()) as Frame);
    });
    subscriber.askAgain = (): void => socket.send(JSON.stringify({ type: 'resync', application, profile: 'prod', hash: subscriber.hash }));
    socket.on('close', (code, reason) => {
      if (this.socket === socket) subscriber.finish(code, reason.toString());
    });
    socket.on('error', () => undefined);
    subscriber.end = () => socket.terminate();
  }
}

/** `seed` decides everything but the timing. */
export async function runSchedules(schedules: number, seed: number): Promise<SchedulesResult> {
  const server = new Server({
    files: Object.fromEntries(applications.map((name) => [`${name}.yml`, 'n: 0\n'])),
    settings: { server: { workers: 2 }, push: { admissionsPerSecond: 1_000_000 } },
  });
  const random = new Random(seed);
  const problems: string[] = [];
  const counts = { changes: 0, reconnects: 0, pauses: 0, replacements: 0 };
  const frames: Record<string, number> = {};
  let n = 0;
  const pending: { replacing: Promise<void> | null } = { replacing: null };
  try {
    await server.listening(true);
    const actors = Array.from({ length: 12 }, (_, index) => new Actor(server.port, random.pick(applications), index % 4));
    const act = async (): Promise<void> => {
      const kind = random.below(10);
      const actor = random.pick(actors);
      if (kind < 5) {
        n += 1;
        counts.changes += 1;
        const text = random.chance(0.3) ? 'x'.repeat(random.below(30_000)) : '';
        server.write(`${random.pick(applications)}.yml`, `n: ${n}\ntext: "${text}"\nk${random.below(4)}: 1\n`);
      } else if (kind < 7) {
        counts.reconnects += 1;
        actor.disconnect();
        actor.connect();
      } else if (kind < 9) {
        counts.pauses += 1;
        if (actor.isPaused) actor.resume();
        else actor.pause();
      } else {
        // One at a time: the next would wait until the subscribers of the last have left.
        pending.replacing ??= server.manage('POST', '/vortex/v1/workers/restart').then(({ status }) => {
          if (status === 200) counts.replacements += 1;
          else problems.push(`a replacement was answered ${status}`);
          pending.replacing = null;
        });
      }
      await sleep(random.below(60));
      for (const each of actors) each.keepUp();
    };
    for (let schedule = 0; schedule < schedules; schedule += 1) {
      const actions = 2 + random.below(8);
      for (let action = 0; action < actions; action += 1) await act();
      for (const actor of actors) actor.resume();
      problems.push(...(await settle(server, actors)).map((problem) => `seed ${seed}, schedule ${schedule}: ${problem}`));
      for (const { subscriber } of actors) account(subscriber, frames, problems);
      if (problems.length > 20) break;
    }
    for (const actor of actors) actor.disconnect();
    await pending.replacing;
    if (server.child.exitCode !== null || server.child.signalCode !== null) problems.push(`the server ended: ${server.output.slice(-500)}`);
    return { schedules, ...counts, frames, problems };
  } finally {
    await server.remove();
  }
}

async function settle(server: Server, actors: readonly Actor[]): Promise<readonly string[]> {
  const deadline = Date.now() + settleMs;
  for (;;) {
    const truth = new Map<string, string>();
    for (const name of applications) {
      const answer = await fetch(`http://127.0.0.1:${server.port}/${name}-prod.json`);
      truth.set(name, canonical(Object.entries((await answer.json()) as Record<string, unknown>)));
    }
    const behind = actors.filter((actor) => canonical([...(actor.subscriber.properties ?? new Map<string, unknown>())]) !== truth.get(actor.application));
    if (behind.length === 0) return [];
    if (Date.now() > deadline) return behind.map((actor) => `carrier ${actor.carrier} of ${actor.application} has other content than the server`);
    for (const actor of actors) actor.keepUp();
    await sleep(10);
  }
}

function canonical(entries: readonly (readonly [string, unknown])[]): string {
  return JSON.stringify([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What it saw since the last look: counters never go back, and every change starts from what it had. */
function account(subscriber: Subscriber, frames: Record<string, number>, problems: string[]): void {
  let last = -1;
  for (const frame of subscriber.frames.splice(0)) {
    frames[frame.type] = (frames[frame.type] ?? 0) + 1;
    const n = frame.type === 'snapshot' ? frame.properties['n'] : frame.type === 'change' ? (frame.changed['n']?.to ?? frame.added['n']) : undefined;
    if (typeof n !== 'number') continue;
    if (n < last) problems.push(`${n} came after ${last}`);
    last = n;
  }
  for (const gap of subscriber.gaps.splice(0)) problems.push(`a change from ${gap.from.hash}, which it did not have`);
}
