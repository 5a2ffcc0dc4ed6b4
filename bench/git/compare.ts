// Compares Git implementations on a generated repository over smart HTTP and prints a table.
//
// usage: node dist/bench/git/compare.js [--modules DIR] [--layout flat|nested] [--files N] [--commits N] [--rounds N] [--only NAME]
// Rounds go through all implementations in turn; the best time and the highest memory count. CPU time leaves out the server.
// DIR/node_modules holds the libraries to compare (default: the current directory): `npm install --prefix DIR es-git`.
import { fork, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startGitHttpServer } from '../../test/integration/git/gitHttpServer.ts';
import { candidateNames, loadCandidate, type CandidateName } from './candidates.ts';
import { generateRepository, generatedContent, generatedPath, type RepositoryShape } from './generatedRepository.ts';

type Step = 'mirror' | 'fetch' | 'readAll' | 'readBlob';
interface Measured {
  readonly ms: number;
  readonly cpuMs: number;
  readonly rssMb: number;
}

const self = fileURLToPath(import.meta.url);
let generation = 100_000;

if (process.argv[2] === '--step') await runStep(process.argv.slice(3));
else await compare();

async function compare(): Promise<void> {
  const { values } = parseArgs({
    options: {
      modules: { type: 'string', default: process.cwd() },
      layout: { type: 'string', default: 'flat' },
      files: { type: 'string', default: '1000' },
      commits: { type: 'string', default: '5000' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string' },
    },
  });
  const shape: RepositoryShape = { files: Number(values.files), commits: Number(values.commits), layout: values.layout === 'nested' ? 'nested' : 'flat' };
  const root = mkdtempSync(join(tmpdir(), 'git-compare-'));
  await generateRepository(join(root, 'origin.git'), shape);
  const server = await startGitHttpServer({ root });
  const results = new Map<string, Map<Step, Measured | null>>();
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const name of candidateNames) {
      if (values.only !== undefined && values.only !== name) continue;
      const steps = results.get(name) ?? new Map<Step, Measured | null>();
      results.set(name, steps);
      await measureCandidate({ name, modules: values.modules, root, url: `${server.url}/origin.git`, shape }, steps);
    }
  }
  await server.close();
  rmSync(root, { recursive: true });
  process.stdout.write(`${shape.files} files, ${shape.commits} commits, ${shape.layout}; time, CPU time, and peak resident memory of the process tree\n\n`);
  const head = ['implementation', 'first mirror', 'fetch of one commit', 'list and read all files', 'read one changed file'];
  const rows = [...results].map(([name, steps]) => [name, ...[...steps.values()].map(cell)]);
  for (const row of [head, head.map(() => '---'), ...rows]) process.stdout.write(`| ${row.join(' | ')} |\n`);
}

interface Subject {
  readonly name: CandidateName;
  readonly modules: string;
  readonly root: string;
  readonly url: string;
  readonly shape: RepositoryShape;
}

async function measureCandidate({ name, modules, root, url, shape }: Subject, steps: Map<Step, Measured | null>): Promise<void> {
  const directory = join(root, `mirror-${name}`);
  rmSync(directory, { recursive: true, force: true });
  for (const step of ['mirror', 'fetch', 'readAll', 'readBlob'] as const) {
    if (step === 'fetch') commitOneChange(join(root, 'origin.git'), shape);
    const blobId = execFileSync('git', ['rev-parse', `main:${generatedPath(shape, 3)}`], { cwd: join(root, 'origin.git'), encoding: 'utf8' }).trim();
    const measured = await measureStep([name, modules, step, url, directory, blobId]);
    steps.set(step, best(steps.get(step) ?? null, measured));
  }
}

function best(a: Measured | null, b: Measured | null): Measured | null {
  if (a === null || b === null) return a ?? b;
  return { ms: Math.min(a.ms, b.ms), cpuMs: Math.min(a.cpuMs, b.cpuMs), rssMb: Math.max(a.rssMb, b.rssMb) };
}

function cell(measured: Measured | null): string {
  if (measured === null) return 'failed';
  return `${measured.ms.toFixed(measured.ms < 10 ? 1 : 0)} ms, CPU ${measured.cpuMs.toFixed(0)} ms, ${measured.rssMb.toFixed(0)} MB`;
}

function commitOneChange(origin: string, shape: RepositoryShape): void {
  generation += 1;
  const content = generatedContent(3, generation);
  const text = `commit refs/heads/main\ncommitter Bench <bench@example.com> ${1_700_000_000 + generation} +0000\ndata 4\nedit\nfrom refs/heads/main^0\nM 100644 inline ${generatedPath(shape, 3)}\ndata ${content.length}\n${content}\n`;
  execFileSync('git', ['fast-import', '--quiet'], { cwd: origin, input: text });
}

/** Each step is a process of its own; the time is measured inside, the memory from outside, children included. */
async function measureStep(parameters: readonly string[]): Promise<Measured | null> {
  const child = fork(self, ['--step', ...parameters], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const pid = child.pid ?? 0;
  let done: { readonly ms: number; readonly cpuMs: number } | null = null;
  let peak = 0;
  child.on('message', (message) => {
    const { ms, startCpuMs } = message as { readonly ms: number; readonly startCpuMs: number };
    done = { ms, cpuMs: cpuMsOf(pid) - startCpuMs };
  });
  const timer = setInterval(() => {
    peak = Math.max(peak, treeRssBytes(pid));
  }, 5);
  await once(child, 'exit');
  clearInterval(timer);
  // assigned in the listener, which the compiler does not see
  const outcome = done as { readonly ms: number; readonly cpuMs: number } | null;
  return outcome === null ? null : { ...outcome, rssMb: peak / 1e6 };
}

async function runStep([name, modules, step, url, directory, blobId]: readonly string[]): Promise<void> {
  const candidate = loadCandidate(name as CandidateName, modules ?? '');
  const { user, system } = process.cpuUsage();
  const start = performance.now();
  await runOne(candidate, step as Step, url ?? '', directory ?? '', blobId ?? '');
  const ms = performance.now() - start;
  await new Promise((resolve) => setTimeout(resolve, 30));
  process.send?.({ ms, startCpuMs: (user + system) / 1000 });
  process.disconnect();
}

async function runOne(candidate: ReturnType<typeof loadCandidate>, step: Step, url: string, directory: string, blobId: string): Promise<void> {
  if (step === 'mirror') await candidate.mirror(url, directory);
  else if (step === 'fetch') await candidate.fetch(url, directory);
  else if (step === 'readBlob') await candidate.readBlob(directory, blobId);
  else {
    const files = await candidate.readAll(directory);
    const bytes = files.reduce((sum, [, , content]) => sum + content.length, 0);
    if (bytes === 0) throw new Error('nothing was read');
  }
}

/** Of a process and the children that it waited for; the kernel counts in hundredths of a second. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
  return [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]) * 10, 0);
}

function treeRssBytes(root: number): number {
  const children = new Map<number, { parent: number; rss: number }>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
      children.set(Number(name), { parent: Number(fields[1]), rss: Number(fields[21]) * 4096 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' && (error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  let sum = 0;
  for (const [pid, entry] of children) {
    let at: number | undefined = pid;
    while (at !== undefined && at !== root) at = children.get(at)?.parent;
    if (at === root) sum += entry.rss;
  }
  return sum;
}
