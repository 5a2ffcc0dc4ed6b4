// Push: one change to 10,000 WebSockets on one worker against a bare publish of the same bytes to the same sockets.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BenchPlan } from './lib/benchPlan.ts';
import { MeasuredProcess } from './lib/child.ts';
import { exampleRepository } from './lib/exampleRepository.ts';
import { Fleet } from './lib/fleet.ts';
import { median, medianRatio, type Figure } from './lib/figures.ts';
import { openLoadProcess } from './reads.ts';
import { freePort, startVortex } from './lib/vortex.ts';

interface Side {
  readonly process: MeasuredProcess;
  readonly fleet: Fleet;
  /** Of the server, per socket. */
  readonly bytesPerSocket: number;
  readonly trigger: () => Promise<void>;
  readonly cpuMs: number[];
  readonly lastMs: number[];
}

/** Fan-outs per measurement: CPU time is counted in steps of 10 ms. */
const fanOuts = 5;

export async function pushFigures(plan: BenchPlan): Promise<readonly Figure[]> {
  const sockets = plan.rounds === 1 ? 1_000 : 10_000;
  const repository = await exampleRepository(20);
  const [application = ''] = repository.applications;
  let turn = 0;
  const change = (): Promise<void> => repository.change(application, `turn-${String((turn += 1)).padStart(6, '0')}`);
  const vortexServer = await startVortex({
    searchLocation: repository.directory,
    cpu: plan.serverCpu,
    storageDirectory: null,
    environment: { VORTEX_PUSH_ADMISSIONS_PER_SECOND: '1000000' },
  });
  // The compile thread starts with the first answer, and belongs to no socket.
  for (const each of repository.applications) await (await fetch(`http://127.0.0.1:${vortexServer.port}/vortex/v1/watch/${each}/prod`)).text();
  const vortexBefore = await settled(vortexServer.process);
  const vortexFleet = await Fleet.open(vortexServer.port, `/ws/${application}/prod`, sockets, plan);
  const sample = await vortexFleet.fanOut(change);
  const file = join(await mkdtemp(join(tmpdir(), 'vortex-bench-push-')), 'message.txt');
  // The frame's header takes 4 bytes.
  await writeFile(file, 'x'.repeat(sample.bytes - 4));
  const barePort = await freePort();
  const program = fileURLToPath(new URL('./servers/barePush.js', import.meta.url));
  const bareServer = MeasuredProcess.start({ command: [process.execPath, program, String(barePort), file], cpu: plan.serverCpu });
  await bareServer.ready(`http://127.0.0.1:${barePort}/`);
  const bareBefore = await settled(bareServer);
  const bareFleet = await Fleet.open(barePort, '/ws/a', sockets, plan);
  const publish = async (): Promise<void> => void (await fetch(`http://127.0.0.1:${barePort}/publish`));
  const sides = {
    vortex: await sideOf(vortexServer.process, vortexFleet, vortexBefore, sockets, change),
    bare: await sideOf(bareServer, bareFleet, bareBefore, sockets, publish),
  };
  try {
    for (let round = 0; round < plan.rounds; round += 1) for (const side of [sides.bare, sides.vortex]) await measure(side);
    plan.note(`  frames of ${sample.bytes} bytes to ${sockets} sockets`);
    return [...figuresOf(sides, sockets), await readsMeanwhile(vortexServer.port, `/${repository.applications[3]}/prod`, change, plan)];
  } finally {
    vortexFleet.close();
    bareFleet.close();
    await Promise.all([vortexServer.process.stop(), bareServer.stop()]);
  }
}

function figuresOf({ vortex, bare }: { readonly vortex: Side; readonly bare: Side }, sockets: number): readonly Figure[] {
  const last = median(vortex.lastMs);
  return [
    {
      name: `one change to ${sockets} WebSockets on one worker, CPU time against a bare publish`,
      measured: `${median(vortex.cpuMs).toFixed(0)} ms against ${median(bare.cpuMs).toFixed(0)} ms`,
      ratio: medianRatio(vortex.cpuMs, bare.cpuMs),
      bar: { kind: 'atMost', value: 1.5 },
    },
    {
      name: 'the same, time until the last client has it (from the write of the file, against from the call)',
      measured: `${last.toFixed(0)} ms against ${median(bare.lastMs).toFixed(0)} ms`,
      ratio: medianRatio(vortex.lastMs, bare.lastMs),
      bar: { kind: 'atMost', value: 2 },
      absolute: { text: '< 1 s', holds: last < 1_000 },
    },
    {
      name: 'memory per idle subscribed WebSocket against a bare socket',
      measured: `${(vortex.bytesPerSocket / 1_024).toFixed(2)} KiB against ${(bare.bytesPerSocket / 1_024).toFixed(2)} KiB`,
      ratio: vortex.bytesPerSocket / bare.bytesPerSocket,
      bar: { kind: 'atMost', value: 2.5 },
    },
  ];
}

async function readsMeanwhile(port: number, path: string, change: () => Promise<void>, plan: BenchPlan): Promise<Figure> {
  const load = { port, path, headers: { accept: 'application/json' }, connections: 16, rate: 5_000, seconds: Math.max(2, plan.seconds) };
  const steady: number[] = [];
  const pushing: number[] = [];
  for (let round = 0; round < Math.min(3, plan.rounds); round += 1) {
    steady.push((await openLoadProcess(load, plan)).latency.p99);
    const running = { yes: true };
    const writer = (async (): Promise<void> => {
      for (; running.yes;) {
        await change();
        await sleep(1_000);
      }
    })();
    pushing.push((await openLoadProcess(load, plan)).latency.p99);
    running.yes = false;
    await writer;
  }
  return {
    name: 'p99 of reads while a change fans out every second, against steady state',
    measured: `${Math.round(median(pushing))} µs against ${Math.round(median(steady))} µs`,
    ratio: median(pushing) / median(steady),
    bar: { kind: 'atMost', value: 3 },
  };
}

async function sideOf(server: MeasuredProcess, fleet: Fleet, before: number, sockets: number, trigger: () => Promise<void>): Promise<Side> {
  return { process: server, fleet, bytesPerSocket: ((await settled(server)) - before) / sockets, trigger, cpuMs: [], lastMs: [] };
}

async function settled(server: MeasuredProcess): Promise<number> {
  await sleep(1_000);
  return server.residentBytes();
}

async function measure(side: Side): Promise<void> {
  const before = await side.process.cpuSeconds();
  for (let index = 0; index < fanOuts; index += 1) side.lastMs.push((await side.fleet.fanOut(side.trigger)).last);
  side.cpuMs.push((((await side.process.cpuSeconds()) - before) * 1_000) / fanOuts);
}
