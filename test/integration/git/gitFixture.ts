// What the tests of the Git source share: a work repository, its bare origin, a Git thread, and options for a source.
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitSource } from '../../../src/control/sources/git/gitSource.ts';
import { GitThread } from '../../../src/control/sources/git/gitThread.ts';
import { defaultPackBytesMax, defaultPacksMax, type GitSourceOptions } from '../../../src/control/sources/git/gitOptions.ts';
import { defaultTreeLimits } from '../../../src/control/sources/treeLimits.ts';
import { WorkRepository, type Files } from './workRepository.ts';

export class GitFixture {
  readonly root = mkdtempSync(join(tmpdir(), 'git-source-'));
  readonly storage = join(this.root, 'storage');
  /** Below it is `origin.git`: what servers serve. */
  readonly served = join(this.root, 'served');
  readonly work = new WorkRepository(join(this.root, 'work'));
  readonly thread = new GitThread();
  private readonly sources: GitSource[] = [];
  private files = new Set<string>();

  constructor() {
    mkdirSync(this.served);
    this.work.git('init', '--quiet', '--bare', '--initial-branch=main', join(this.served, 'origin.git'));
    this.work.git('remote', 'add', 'origin', join(this.served, 'origin.git'));
  }

  /** Makes exactly these files the content of the current branch and pushes it. */
  put(files: Readonly<Record<string, string>>): string {
    const gone = [...this.files].filter((path) => !(path in files)).map((path) => [path, null] as const);
    this.files = new Set(Object.keys(files));
    return this.push({ ...files, ...Object.fromEntries(gone) });
  }

  /** Commits on the current branch and pushes everything. */
  push(files: Files): string {
    const commit = this.work.commit(files);
    this.pushAll();
    return commit;
  }

  pushAll(): void {
    this.work.git('push', '--quiet', '--force', '--prune', 'origin', 'refs/heads/*:refs/heads/*', 'refs/tags/*:refs/tags/*');
  }

  options(uri: string, more: Partial<GitSourceOptions> = {}): GitSourceOptions {
    return {
      repository: `git ${uri}`,
      uri,
      webhookUris: [],
      workingDirectory: this.root,
      storageDirectory: this.storage,
      username: null,
      password: null,
      token: null,
      tokenKind: 'basic',
      privateKey: null,
      passphrase: null,
      knownHosts: null,
      sshDirectory: null,
      strictHostKeyChecking: true,
      skipSslValidation: false,
      caCertificates: null,
      timeoutMs: 20_000,
      limits: defaultTreeLimits,
      packBytesMax: defaultPackBytesMax,
      packsMax: defaultPacksMax,
      gate: null,
      ...more,
    };
  }

  source(uri: string, more: Partial<GitSourceOptions> = {}, thread: GitThread = this.thread): GitSource {
    const source = new GitSource(this.options(uri, more), thread);
    this.sources.push(source);
    return source;
  }

  /** Directories of the mirrors in the storage. */
  mirrors(): string[] {
    return readdirSync(join(this.storage, 'git')).map((name) => join(this.storage, 'git', name));
  }

  /** Pack files of a mirror. */
  packsOf(mirror: string): string[] {
    const packs = join(mirror, 'objects/pack');
    return readdirSync(packs)
      .filter((name) => name.endsWith('.pack'))
      .map((name) => join(packs, name));
  }

  async close(): Promise<void> {
    for (const source of this.sources) await source.close();
    await this.thread.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}
