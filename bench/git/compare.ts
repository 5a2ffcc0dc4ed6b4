// Compares Git implementations on a generated repository over smart HTTP and prints a table.
//
// usage: node dist/bench/git/compare.js [--modules DIR] [--layout flat|nested] [--files N] [--commits N] [--only NAME]
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
      only: { type: 'string' },
    },
  });
  const shape: RepositoryShape = { files: Number(values.files), commits: Number(values.commits), layout: values.layout === 'nested' ? 'nested' : 'flat' };
  const root = mkdtempSync(join(tmpdir(), 'git-compare-'));
  await generateRepository(join(root, 'origin.git'), shape);
  const server = await startGitHttpServer({ root });
  const rows: string[][] = [];
  for (const name of candidateNames) {
    if (values.only !== undefined && values.only !== name) continue;
    rows.push([name, ...(await measureCandidate(name, values.modules, root, `${server.url}/origin.git`, shape))]);
  }
  await server.close();
  rmSync(root, { recursive: true });
  process.stdout.write(`${shape.files} files, ${shape.commits} commits, ${shape.layout}; time in ms and peak resident MB of the process tree\n\n`);
  const head = ['implementation', 'first mirror', 'fetch of one commit', 'list and read all files', 'read one changed file'];
  for (const row of [head, head.map(() => '---'), ...rows]) process.stdout.write(`| ${row.join(' | ')} |\n`);
}

async function measureCandidate(name: CandidateName, modules: string, root: string, url: string, shape: RepositoryShape): Promise<string[]> {
  const directory = join(root, `mirror-${name}`);
  const cells: string[] = [];
  for (const step of ['mirror', 'fetch', 'readAll', 'readBlob'] as const) {
    if (step === 'fetch') commitOneChange(join(root, 'origin.git'), shape);
    const blobId = execFileSync('git', ['rev-parse', `main:${generatedPath(shape, 3)}`], { cwd: join(root, 'origin.git'), encoding: 'utf8' }).trim();
    const measured = await measureStep([name, modules, step, url, directory, blobId]);
    cells.push(measured === null ? 'failed' : `${measured.ms.toFixed(measured.ms < 10 ? 1 : 0)} ms, ${measured.rssMb.toFixed(0)} MB`);
  }
  return cells;
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
  let ms: number | null = null;
  let peak = 0;
  child.on('message', (message) => {
    ms = Number(message);
  });
  const pid = child.pid ?? 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, treeRssBytes(pid));
  }, 5);
  await once(child, 'exit');
  clearInterval(timer);
  return ms === null ? null : { ms, rssMb: peak / 1e6 };
}

async function runStep([name, modules, step, url, directory, blobId]: readonly string[]): Promise<void> {
  const candidate = loadCandidate(name as CandidateName, modules ?? '');
  const start = performance.now();
  await runOne(candidate, step as Step, url ?? '', directory ?? '', blobId ?? '');
  const ms = performance.now() - start;
  await new Promise((resolve) => setTimeout(resolve, 30));
  process.send?.(ms);
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
