// Makes a configuration repository of a given size with `git fast-import`, the same bytes every time.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface RepositoryShape {
  readonly files: number;
  readonly commits: number;
  /** flat: all files in the root, as most configuration repositories have them; nested: twenty files per directory. */
  readonly layout: 'flat' | 'nested';
}

/** Creates a bare repository at `directory` (which must not exist) with branch `main`, packed as a hosting service would. */
export async function generateRepository(directory: string, shape: RepositoryShape): Promise<void> {
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', directory]);
  const child = spawn('git', ['fast-import', '--quiet'], { cwd: directory, stdio: ['pipe', 'inherit', 'inherit'] });
  for (let commit = 0; commit < shape.commits; commit += 1) {
    const text = commitText(shape, commit);
    if (!child.stdin.write(text)) await once(child.stdin, 'drain');
  }
  child.stdin.end();
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
  execFileSync('git', ['repack', '-adfq'], { cwd: directory });
  execFileSync('git', ['config', 'http.receivepack', 'true'], { cwd: directory });
}

export function generatedPath(shape: RepositoryShape, file: number): string {
  return shape.layout === 'flat' ? `service-${file}.yml` : `team-${Math.floor(file / 20)}/service-${file}.yml`;
}

/** About 1.6 kB of YAML. */
export function generatedContent(file: number, generation: number): string {
  const lines = [`service: service-${file}`, `generation: ${generation}`];
  for (let group = 0; group < 8; group += 1) {
    lines.push(`group${group}:`);
    for (let key = 0; key < 6; key += 1) lines.push(`  setting-${key}: value ${file * 31 + group * 7 + key} of ${generation}`);
  }
  return `${lines.join('\n')}\n`;
}

function commitText(shape: RepositoryShape, commit: number): string {
  const lines = ['commit refs/heads/main', `committer Bench <bench@example.com> ${1_600_000_000 + commit * 60} +0000`, 'data 4', 'edit'];
  const changed = commit === 0 ? Array.from({ length: shape.files }, (_, file) => file) : [(commit * 7919) % shape.files];
  for (const file of changed) {
    const content = generatedContent(file, commit);
    lines.push(`M 100644 inline ${generatedPath(shape, file)}`, `data ${content.length}`, content);
  }
  return `${lines.join('\n')}\n`;
}
