// Makes a fixture's directory: copies its files byte for byte and builds its Git repositories. (corpus README 1, 3)
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fixture } from './corpus.ts';
import type { FixtureValues } from './placeholders.ts';

interface Step {
  readonly commit: string;
  readonly branch: string;
  readonly from?: string;
  readonly date: string;
  readonly message: string;
  readonly write?: Readonly<Record<string, string | { readonly base64: string }>>;
  readonly delete?: readonly string[];
  readonly tags?: readonly string[];
  readonly annotatedTags?: readonly string[];
}

interface Repository {
  readonly name: string;
  readonly path: string;
  readonly kind: 'bare' | 'worktree';
  readonly defaultBranch: string;
  readonly author: { readonly name: string; readonly email: string };
  readonly steps: readonly Step[];
}

/** `root` must exist and be empty. */
export function buildFixture(fixture: Fixture, root: string): FixtureValues {
  const files = join(fixture.folder, 'files');
  if (existsSync(files)) cpSync(files, root, { recursive: true });
  const commitIds = new Map<string, string>();
  const historyFile = join(fixture.folder, 'history.json');
  if (existsSync(historyFile)) {
    const history = JSON.parse(readFileSync(historyFile, 'utf8')) as { readonly repositories: readonly Repository[] };
    for (const repository of history.repositories) {
      for (const [commit, id] of buildRepository(repository, join(root, repository.path))) commitIds.set(`${repository.name}:${commit}`, id);
    }
  }
  return { root, commitIds };
}

/** Ids by symbolic name. Commits are written by `git fast-import`: no working tree and no conversion can change a byte. */
function buildRepository(repository: Repository, folder: string): ReadonlyMap<string, string> {
  mkdirSync(folder, { recursive: true });
  const git = gitIn(folder);
  git(['init', '--quiet', ...(repository.kind === 'bare' ? ['--bare'] : []), '.']);
  git(['config', 'core.autocrlf', 'false']);
  git(['symbolic-ref', 'HEAD', `refs/heads/${repository.defaultBranch}`]);
  const marks = new Map(repository.steps.map((step, index) => [step.commit, index + 1]));
  git(['fast-import', '--quiet', '--export-marks=fixture-marks'], importStream(repository, marks));
  if (repository.kind === 'worktree') git(['checkout', '--quiet', '-f', repository.defaultBranch]);

  const idsByMark = new Map(readMarks(join(folder, 'fixture-marks'), folder));
  return new Map([...marks].map(([commit, mark]) => [commit, idsByMark.get(mark) ?? '']));
}

function readMarks(file: string, folder: string): readonly (readonly [mark: number, id: string])[] {
  // fast-import resolves the file below the Git directory of an ordinary repository
  const path = existsSync(file) ? file : join(folder, '.git', 'fixture-marks');
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line): readonly [number, string] => [Number(line.slice(1, line.indexOf(' '))), line.slice(line.indexOf(' ') + 1)]);
}

/** The commits in the format of git-fast-import(1). */
function importStream(repository: Repository, marks: ReadonlyMap<string, number>): Buffer {
  const parts: Buffer[] = [];
  const text = (line: string): number => parts.push(Buffer.from(`${line}\n`));
  const data = (bytes: Buffer): void => {
    text(`data ${bytes.length}`);
    parts.push(bytes);
    text('');
  };
  const branches = new Set<string>();
  for (const step of repository.steps) {
    const who = `${repository.author.name} <${repository.author.email}> ${Date.parse(step.date) / 1000} +0000`;
    if (!branches.has(step.branch) && step.from === undefined) text(`reset refs/heads/${step.branch}`);
    text(`commit refs/heads/${step.branch}`);
    text(`mark :${marks.get(step.commit)}`);
    text(`author ${who}`);
    text(`committer ${who}`);
    data(Buffer.from(step.message));
    if (!branches.has(step.branch) && step.from !== undefined) text(`from :${marks.get(step.from)}`);
    branches.add(step.branch);
    for (const path of step.delete ?? []) text(`D ${quotedPath(path)}`);
    for (const [path, content] of Object.entries(step.write ?? {})) {
      text(`M 100644 inline ${quotedPath(path)}`);
      data(typeof content === 'string' ? Buffer.from(content) : Buffer.from(content.base64, 'base64'));
    }
    for (const tag of step.tags ?? []) text(`reset refs/tags/${tag}\nfrom :${marks.get(step.commit)}\n`);
    for (const tag of step.annotatedTags ?? []) {
      text(`tag ${tag}\nfrom :${marks.get(step.commit)}\ntagger ${who}`);
      data(Buffer.from(tag));
    }
  }
  return Buffer.concat(parts);
}

/** A C-style string: only quote, backslash and line feed need an escape. */
function quotedPath(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

function gitIn(folder: string): (gitArguments: readonly string[], input?: Buffer) => void {
  // the machine's and the user's settings must not change what is built
  const environment = { PATH: process.env['PATH'] ?? '', HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
  return (gitArguments, input) => {
    execFileSync('git', gitArguments, { cwd: folder, env: environment, input: input ?? Buffer.alloc(0), stdio: ['pipe', 'ignore', 'pipe'] });
  };
}
