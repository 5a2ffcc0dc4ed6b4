// A real Git repository for tests: commits made with the git program, pushed nowhere, served by whoever wants to.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type Files = Readonly<Record<string, string | Buffer | null>>;

/** null where the program is missing: tests are skipped then, except in CI. */
export function gitVersion(): string | null {
  try {
    return execFileSync('git', ['--version'], { encoding: 'utf8' }).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && process.env.CI === undefined) return null;
    throw error;
  }
}

export class WorkRepository {
  readonly directory: string;
  private seconds = 1_700_000_000;

  /** Creates it with branch `main` and no commit. */
  constructor(directory: string) {
    this.directory = directory;
    mkdirSync(directory, { recursive: true });
    this.git('init', '--quiet', '--initial-branch=main');
    for (const [key, value] of [
      ['user.name', 'Test'],
      ['user.email', 'test@example.com'],
      ['core.autocrlf', 'false'],
      ['uploadpack.allowAnySHA1InWant', 'true'],
    ])
      this.git('config', key!, value!);
  }

  git(...parameters: readonly string[]): string {
    const date = `${this.seconds} +0000`;
    const env = { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date, GIT_CONFIG_NOSYSTEM: '1', HOME: this.directory };
    return execFileSync('git', parameters, { cwd: this.directory, encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  }

  /** Writes (null deletes) and commits on the current branch, a minute after the commit before. Answers the commit id. */
  commit(files: Files, message = 'change'): string {
    for (const [path, content] of Object.entries(files)) this.write(path, content);
    this.seconds += 60;
    this.git('add', '--all');
    this.git('commit', '--quiet', '--allow-empty', '-m', message);
    return this.git('rev-parse', 'HEAD');
  }

  link(path: string, target: string): void {
    mkdirSync(dirname(join(this.directory, path)), { recursive: true });
    symlinkSync(target, join(this.directory, path));
  }

  write(path: string, content: string | Buffer | null): void {
    const absolute = join(this.directory, path);
    if (content === null) {
      rmSync(absolute);
      return;
    }
    mkdirSync(dirname(absolute), { recursive: true });
    writeFileSync(absolute, content);
    chmodSync(absolute, 0o644);
  }

  /** Branches `empty-<number>` of one commit each; answers the commit ids. */
  importEmptyCommits(from: number, count: number): string[] {
    const numbers = Array.from({ length: count }, (_, index) => from + index);
    const commands = numbers.map((number) => `commit refs/heads/empty-${number}\ncommitter T <t@example.com> ${1_600_000_000 + number} +0000\ndata 1\nx\n`);
    execFileSync('git', ['fast-import', '--quiet'], { cwd: this.directory, input: commands.join('') });
    return this.git('rev-parse', ...numbers.map((number) => `empty-${number}`)).split('\n');
  }

  lastCommitMs(): number {
    return this.seconds * 1000;
  }
}
