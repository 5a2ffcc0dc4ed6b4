// Reads: CPU time per request and throughput against the bare handler and node:http, 304 answers, latency at half load.
import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MeasuredProcess } from './lib/child.ts';
import { closedLoad, loadTools, type LoadTool } from './lib/closedLoad.ts';
import { exampleRepository } from './lib/exampleRepository.ts';
import { median, medianRatio, type Figure } from './lib/figures.ts';
import { openLoadArguments, type OpenLoad, type OpenLoadResult } from './lib/openLoad.ts';
import { freePort, startVortex } from './lib/vortex.ts';
import type { BenchPlan } from './lib/benchPlan.ts';

const run = promisify(execFile);
const connections = 48;
const v2 = 'application/vnd.spring-cloud.config-server.v2+json';

interface Side {
  readonly process: MeasuredProcess;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Sample {
  readonly cpuMicroseconds: number;
  readonly rate: number;
}

export async function readFigures(plan: BenchPlan): Promise<readonly Figure[]> {
  const repository = await exampleRepository(20);
  const path = `/${repository.applications[3]}/prod`;
  const vortex = await startVortex({ searchLocation: repository.directory, cpu: plan.serverCpu, storageDirectory: null });
  const base = `http://127.0.0.1:${vortex.port}`;
  const answer = await fetch(base + path, { headers: { accept: 'application/json' } });
  const body = Buffer.from(await answer.arrayBuffer());
  const bodyFile = join(await mkdtemp(join(tmpdir(), 'vortex-bench-body-')), 'body.json');
  await writeFile(bodyFile, body);
  plan.note(`  body of ${body.length} bytes`);
  const [barePort, nodePort] = [await freePort(), await freePort()];
  const bare = startServer('bareUws', barePort, bodyFile, plan);
  const nodeHttp = startServer('nodeHttp', nodePort, bodyFile, plan);
  await bare.ready(`http://127.0.0.1:${barePort}${path}`);
  await nodeHttp.ready(`http://127.0.0.1:${nodePort}${path}`);
  const etag = answer.headers.get('etag') ?? '';
  const accept = { accept: 'application/json' };
  const sides = {
    vortex: { process: vortex.process, url: base + path, headers: accept },
    notModified: { process: vortex.process, url: base + path, headers: { ...accept, 'if-none-match': etag } },
    bare: { process: bare, url: `http://127.0.0.1:${barePort}${path}`, headers: accept },
    nodeHttp: { process: nodeHttp, url: `http://127.0.0.1:${nodePort}${path}`, headers: accept },
  } satisfies Record<string, Side>;
  try {
    const figures: Figure[] = [];
    for (const tool of loadTools()) figures.push(...(await throughput(tool, sides, plan)));
    figures.push(await latencyAtHalfLoad(vortex.port, barePort, path, plan));
    const v2Answer = await fetch(base + path, { headers: { accept: v2 } });
    if (v2Answer.status !== 200) throw new Error(`v2 answered ${v2Answer.status}`);
    return figures;
  } finally {
    await Promise.all([vortex.process.stop(), bare.stop(), nodeHttp.stop()]);
  }
}

function startServer(name: 'bareUws' | 'nodeHttp', port: number, bodyFile: string, plan: BenchPlan): MeasuredProcess {
  const program = fileURLToPath(new URL(`./servers/${name}.js`, import.meta.url));
  return MeasuredProcess.start({ command: [process.execPath, program, String(port), bodyFile, 'application/json'], cpu: plan.serverCpu });
}

async function throughput(
  tool: LoadTool,
  sides: Readonly<Record<'vortex' | 'notModified' | 'bare' | 'nodeHttp', Side>>,
  plan: BenchPlan,
): Promise<readonly Figure[]> {
  const samples = { vortex: [], notModified: [], bare: [], nodeHttp: [] } as { [Name in keyof typeof sides]: Sample[] };
  for (const side of Object.values(sides)) await closedLoad(tool, { ...side, connections, seconds: 1, cpu: plan.loadCpu });
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const name of ['vortex', 'bare', 'notModified', 'nodeHttp'] as const) samples[name].push(await measure(tool, sides[name], plan));
    plan.note(
      `  ${tool} round ${round + 1}: ${Object.entries(samples)
        .map(([name, list]) => `${name} ${list.at(-1)!.cpuMicroseconds.toFixed(2)} µs, ${Math.round(list.at(-1)!.rate)}/s`)
        .join('; ')}`,
    );
  }
  const cpu = (name: keyof typeof samples): number[] => samples[name].map((sample) => sample.cpuMicroseconds);
  const rate = (name: keyof typeof samples): number[] => samples[name].map((sample) => sample.rate);
  const micros = (name: keyof typeof samples): string => `${median(cpu(name)).toFixed(2)} µs`;
  const perSecond = (name: keyof typeof samples): string => `${Math.round(median(rate(name)))}/s`;
  const figures: Figure[] = [
    {
      name: `GET /{app}/{profile}, CPU time per request against a bare uWS handler (${tool})`,
      measured: `${micros('vortex')} against ${micros('bare')}`,
      ratio: medianRatio(cpu('vortex'), cpu('bare')),
      bar: { kind: 'atMost', value: 1.25 },
    },
    {
      name: `304 answers, CPU time per request against that bare handler (${tool})`,
      measured: `${micros('notModified')} against ${micros('bare')}`,
      ratio: medianRatio(cpu('notModified'), cpu('bare')),
      bar: { kind: 'atMost', value: 1.1 },
    },
  ];
  // autocannon is slower than the servers here: it would measure itself. Where wrk is at hand only that judges throughput.
  if (tool === 'autocannon' && loadTools().includes('wrk')) return figures;
  figures.push({
    name: `GET /{app}/{profile}, requests/s against node:http (${tool})`,
    measured: `${perSecond('vortex')} against ${perSecond('nodeHttp')} (bare ${perSecond('bare')})`,
    ratio: medianRatio(rate('vortex'), rate('nodeHttp')),
    bar: { kind: 'atLeast', value: 2 },
  });
  return figures;
}

async function measure(tool: LoadTool, side: Side, plan: BenchPlan): Promise<Sample> {
  const before = await side.process.cpuSeconds();
  const { requests, seconds, failed } = await closedLoad(tool, { ...side, connections, seconds: plan.seconds, cpu: plan.loadCpu });
  if (failed > 0) throw new Error(`${failed} of ${requests} requests of ${side.url} failed`);
  const cpu = (await side.process.cpuSeconds()) - before;
  return { cpuMicroseconds: (cpu / requests) * 1_000_000, rate: requests / seconds };
}

async function latencyAtHalfLoad(vortexPort: number, barePort: number, path: string, plan: BenchPlan): Promise<Figure> {
  const at = (port: number, rate: number): Promise<OpenLoadResult> =>
    openLoadProcess({ port, path, headers: { accept: 'application/json' }, connections: 32, rate, seconds: plan.seconds }, plan);
  const maximum = (await at(vortexPort, 0)).rate;
  const rate = maximum / 2;
  const vortex: OpenLoadResult[] = [];
  const bare: OpenLoadResult[] = [];
  for (let round = 0; round < plan.rounds; round += 1) {
    vortex.push(await at(vortexPort, rate));
    bare.push(await at(barePort, rate));
  }
  const p99 = (results: readonly OpenLoadResult[]): number[] => results.map((result) => result.latency.p99);
  plan.distribution({ name: `vortex at ${Math.round(rate)}/s`, points: vortex.at(-1)!.distribution });
  plan.distribution({ name: `bare uWS at ${Math.round(rate)}/s`, points: bare.at(-1)!.distribution });
  return {
    name: 'p99 at half of its own maximum against the bare handler at the same rate',
    measured: `${Math.round(median(p99(vortex)))} µs against ${Math.round(median(p99(bare)))} µs at ${Math.round(rate)}/s`,
    ratio: medianRatio(p99(vortex), p99(bare)),
    bar: { kind: 'atMost', value: 1.5 },
  };
}

export async function openLoadProcess(load: OpenLoad, plan: BenchPlan): Promise<OpenLoadResult> {
  const program = fileURLToPath(new URL('./lib/openLoad.js', import.meta.url));
  const argv = [process.execPath, ...openLoadArguments, program, JSON.stringify(load)];
  const [command, ...rest] = plan.loadCpu === null ? argv : ['taskset', '-c', String(plan.loadCpu), ...argv];
  const { stdout } = await run(command!, rest);
  const result = JSON.parse(stdout) as OpenLoadResult;
  if (result.answered === 0 || result.failed > 0) throw new Error(`${result.failed} of ${result.answered} requests failed`);
  return result;
}
