// The pods of the simulation: real servers, one process each, kept at the wanted number as a Deployment does, behind a balancer.
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { MeasuredProcess } from '../lib/child.ts';
import { freePort, serverProgram } from '../lib/vortex.ts';

export interface Pod {
  readonly name: string;
  readonly port: number;
  readonly managementPort: number;
}

interface RunningPod extends Pod {
  readonly process: MeasuredProcess;
  readonly agent: Agent;
  isReady: boolean;
}

export interface FleetOptions {
  readonly slots: number;
  readonly searchLocation: string;
  /** Durations of the drain, in real time. */
  readonly drain: { readonly propagationDelay: string; readonly spread: string; readonly timeout: string };
}

export class PodFleet {
  readonly #options: FleetOptions;
  #slots: Pod[] = [];
  readonly #running: RunningPod[] = [];
  readonly #ending = new Set<Promise<unknown>>();
  #turn = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Names and ports of all pods that may ever be: Prometheus takes up to 5 s to see new targets, too long in compressed time. */
  async reserve(): Promise<readonly Pod[]> {
    const ports = await Promise.all(Array.from({ length: this.#options.slots * 2 }, () => freePort()));
    this.#slots = Array.from({ length: this.#options.slots }, (_, slot) => ({
      name: `config-vortex-config-${slot}`,
      port: ports[2 * slot] ?? 0,
      managementPort: ports[2 * slot + 1] ?? 0,
    }));
    return this.#slots;
  }

  get pods(): readonly { readonly name: string; readonly isReady: boolean }[] {
    return this.#running;
  }

  get readyCount(): number {
    return this.#running.filter(({ isReady }) => isReady).length;
  }

  /** Starts what is missing and ends, with a drain, what is too much. */
  scale(replicas: number): void {
    while (this.#running.length < replicas) this.#startPod();
    while (this.#running.length > replicas) this.#endPod(this.#running.length - 1, 'SIGTERM');
  }

  /** As when a node fails: the balancer goes on sending to it until it has noticed. */
  async kill(noticedAfterMs: number): Promise<void> {
    const pod = this.#running[0];
    pod?.process.child.kill('SIGKILL');
    await sleep(noticedAfterMs);
    if (pod !== undefined) this.#endPod(this.#running.indexOf(pod), 'SIGKILL');
  }

  async replaceWorkers(): Promise<void> {
    const pod = this.#running[1];
    if (pod === undefined) throw new Error('there is no second pod');
    const answer = await fetch(`http://127.0.0.1:${pod.managementPort}/vortex/v1/workers/restart`, { method: 'POST' });
    if (!answer.ok) throw new Error(`the worker was not replaced: ${answer.status}`);
  }

  /** Asks the next pod that is ready, and once more another one when it is not answered with 200, as balancers do. */
  async request(path: string): Promise<'answered' | 'retried' | 'lost'> {
    const first = this.#next(null);
    if (first !== null && (await answers(first, path))) return 'answered';
    const second = this.#next(first);
    return second !== null && (await answers(second, path)) ? 'retried' : 'lost';
  }

  #next(except: RunningPod | null): RunningPod | null {
    const ready = this.#running.filter((pod) => pod.isReady && pod !== except);
    this.#turn += 1;
    return ready[this.#turn % Math.max(1, ready.length)] ?? null;
  }

  async stop(): Promise<void> {
    while (this.#running.length > 0) this.#endPod(0, 'SIGKILL');
    await Promise.all(this.#ending);
  }

  #startPod(): void {
    // the slot that was free for longest: its series are gone
    const slot = this.#slots.shift();
    if (slot === undefined) throw new Error('no slot is free');
    const { drain, searchLocation } = this.#options;
    const environment = {
      VORTEX_SERVER_HOST: '127.0.0.1',
      VORTEX_SERVER_PORT: String(slot.port),
      VORTEX_SERVER_WORKERS: '1',
      VORTEX_SERVER_DRAIN_PROPAGATION_DELAY: drain.propagationDelay,
      VORTEX_SERVER_DRAIN_SPREAD: drain.spread,
      VORTEX_SERVER_DRAIN_TIMEOUT: drain.timeout,
      VORTEX_MANAGEMENT_HOST: '127.0.0.1',
      VORTEX_MANAGEMENT_PORT: String(slot.managementPort),
      VORTEX_BACKENDS_NATIVE_SEARCH_LOCATIONS: `file:${searchLocation}/`,
      VORTEX_STORAGE_ENABLED: 'false',
      VORTEX_LOGGING_LEVEL: 'warn',
    };
    const process_ = MeasuredProcess.start({ command: [process.execPath, serverProgram()], environment, cpu: null });
    const pod: RunningPod = { ...slot, process: process_, agent: new Agent({ keepAlive: true, maxSockets: 16 }), isReady: false };
    this.#running.push(pod);
    void process_.ready(`http://127.0.0.1:${pod.port}/health/ready`).then(
      () => (pod.isReady = this.#running.includes(pod)),
      // a pod that is ended while it starts; else it stays unready and the bars fall
      () => (pod.isReady = false),
    );
  }

  #endPod(index: number, signal: NodeJS.Signals): void {
    const [pod] = this.#running.splice(index, 1);
    if (pod === undefined) return;
    pod.isReady = false;
    const { child } = pod.process;
    const isGone = child.exitCode !== null || child.signalCode !== null;
    const ended = (isGone ? Promise.resolve() : new Promise((resolve) => child.once('close', resolve))).then(() => {
      pod.agent.destroy();
      this.#slots.push({ name: pod.name, port: pod.port, managementPort: pod.managementPort });
      this.#ending.delete(ended);
    });
    this.#ending.add(ended);
    if (!isGone) child.kill(signal);
  }
}

function answers({ port, agent }: RunningPod, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get({ host: '127.0.0.1', port, path, agent, timeout: 10_000 }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode === 200));
      answer.once('error', () => resolve(false));
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(false));
  });
}
