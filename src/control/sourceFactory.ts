// Makes the source of a repository from the settings; the only place that turns settings into transport options.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../base/secret.ts';
import { gitRepositoryKey } from '../model/backend.ts';
import { Failure } from '../model/failure.ts';
import type { GitAccessSettings, Settings } from '../settings/options.ts';
import { nativeRepository } from '../settings/resolutionOptions.ts';
import { defaultPackBytesMax, defaultPacksMax, type GitSourceOptions } from './sources/git/gitOptions.ts';
import { GitSource } from './sources/git/gitSource.ts';
import { GitThread } from './sources/git/gitThread.ts';
import { NativeSource } from './sources/native/nativeSource.ts';
import type { Source } from './sources/source.ts';
import { defaultTreeLimits, type TreeLimits } from './sources/treeLimits.ts';

export interface SourceTimes {
  readonly pollIntervalMs: number;
  readonly timeoutMs: number;
  readonly maxStalenessMs: number;
}

/** A scan of directories has no time-out of its own: this is when a poll counts as failed. */
const scanTimeoutMs = 60_000;

interface GitEntry {
  readonly id: string;
  readonly uri: string;
  readonly access: GitAccessSettings;
}

export class SourceFactory {
  private readonly settings: Settings;
  private readonly gitEntries: readonly GitEntry[];
  private gitThread: GitThread | null = null;

  constructor(settings: Settings) {
    this.settings = settings;
    this.gitEntries = gitEntriesOf(settings);
  }

  /** The repositories whose uri holds no placeholder: opened at start. */
  static(): readonly string[] {
    if (this.settings.backends.git.uri === null) return [nativeRepository];
    return this.gitEntries.filter(({ uri }) => !uri.includes('{')).map(({ id, uri }) => gitRepositoryKey(id, uri));
  }

  /** null when no settings entry fits. Throws SETTINGS_INVALID when a key or certificate file can't be read. */
  create(repository: string): Source | null {
    if (repository === nativeRepository) return this.native();
    const entry = this.entryOf(repository);
    if (entry === null) return null;
    const uri = repository.slice(entry.id.length + 1);
    const { access } = entry;
    const { storage } = this.settings;
    this.gitThread ??= new GitThread();
    const options: GitSourceOptions = {
      repository,
      uri,
      workingDirectory: process.cwd(),
      storageDirectory: storage.enabled ? storage.directory : null,
      username: access.username,
      password: access.password,
      token: access.token,
      tokenKind: 'basic',
      privateKey: access.privateKeyFile === null ? access.privateKey : new Secret(fileText(access.privateKeyFile, 'privateKeyFile')),
      passphrase: access.passphrase,
      knownHosts: access.knownHostsFile === null ? access.knownHosts : fileText(access.knownHostsFile, 'knownHostsFile'),
      sshDirectory: join(homedir(), '.ssh'),
      strictHostKeyChecking: access.strictHostKeyChecking,
      skipSslValidation: access.skipSslValidation,
      caCertificates: access.caFile === null ? null : fileText(access.caFile, 'caFile'),
      timeoutMs: access.timeoutMs,
      limits: this.treeLimits(),
      packBytesMax: defaultPackBytesMax,
      packsMax: defaultPacksMax,
    };
    return new GitSource(options, this.gitThread);
  }

  /** After the sources. */
  async close(): Promise<void> {
    await this.gitThread?.close();
  }

  times(repository: string): SourceTimes {
    if (repository === nativeRepository) {
      const { pollIntervalMs, maxStalenessMs } = this.settings.backends.native;
      return { pollIntervalMs, maxStalenessMs, timeoutMs: scanTimeoutMs };
    }
    const access = this.entryOf(repository)?.access ?? this.settings.backends.git;
    // The first fetch of a mirror may take ten times the time-out: the source ends it by itself.
    return { pollIntervalMs: access.pollIntervalMs, maxStalenessMs: access.maxStalenessMs, timeoutMs: access.timeoutMs * 11 };
  }

  private native(): Source {
    return new NativeSource({
      repository: nativeRepository,
      searchLocations: this.settings.backends.native.searchLocations,
      workingDirectory: process.cwd(),
      limits: this.treeLimits(),
      isWatching: true,
    });
  }

  private entryOf(repository: string): GitEntry | null {
    return this.gitEntries.find(({ id }) => repository.startsWith(`${id} `)) ?? null;
  }

  private treeLimits(): TreeLimits {
    const { fileBytesMax, treeBytesMax, treeFilesMax } = this.settings.server.limits;
    return { ...defaultTreeLimits, fileBytesMax, treeBytesMax, filesMax: treeFilesMax };
  }
}

function gitEntriesOf(settings: Settings): readonly GitEntry[] {
  const { git } = settings.backends;
  if (git.uri === null) return [];
  const repos = [...git.repos].map(([name, access]): GitEntry => ({ id: `git.repos.${name}`, uri: access.uri, access }));
  return [{ id: 'git', uri: git.uri, access: git }, ...repos];
}

function fileText(path: string, option: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure('SETTINGS_INVALID', `backends.git.${option}: ${reason}`, { cause: error });
  }
}
