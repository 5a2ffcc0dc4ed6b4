// Makes the source of a repository from the settings; the only place that turns settings into transport options.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { assert } from '../base/assert.ts';
import { Secret } from '../base/secret.ts';
import { labelList } from '../core/resolve/labels.ts';
import { gitRepositoryKey } from '../model/backend.ts';
import { backendEntries, type BackendEntry } from '../settings/backendEntries.ts';
import { s3Repository } from '../settings/resolutionOptions.ts';
import type { GitAccessSettings, S3Settings, Settings } from '../settings/options.ts';
import type { StalePolicy } from '../model/staleness.ts';
import { remoteHost } from './sources/git/gitUri.ts';
import { RemoteGates } from './sources/remoteGates.ts';
import type { SqlSettings } from '../settings/sqlRules.ts';
import { readSettingsFile } from './readSettingsFile.ts';
import { defaultPackBytesMax, defaultPacksMax, type GitSourceOptions } from './sources/git/gitOptions.ts';
import { GitSource } from './sources/git/gitSource.ts';
import { GitThread } from './sources/git/gitThread.ts';
import { NativeSource } from './sources/native/nativeSource.ts';
import type { S3SourceOptions } from './sources/s3/s3Options.ts';
import { S3Source } from './sources/s3/s3Source.ts';
import { S3Thread } from './sources/s3/s3Thread.ts';
import type { Source } from './sources/source.ts';
import { sqlAccess, sqlContent, sqlCopyFile, sqlTimes } from './sources/sql/sqlSetup.ts';
import { SqlSource, type SqlSourceOptions } from './sources/sql/sqlSource.ts';
import { SqlThread } from './sources/sql/sqlThread.ts';
import { defaultTreeLimits, type TreeLimits } from './sources/treeLimits.ts';

export interface SourceTimes {
  readonly pollIntervalMs: number;
  readonly timeoutMs: number;
  readonly maxStalenessMs: number;
  readonly onStale: StalePolicy;
}

/** A scan of directories has no time-out of its own: this is when a poll counts as failed. */
const scanTimeoutMs = 60_000;
/** The first fetch of a mirror, or look at a bucket, may take ten times the time-out: the source ends it by itself. */
const longestFetch = 11;

/** A repository of the settings, or many whose uri holds placeholders. */
type RepositoryEntry = NativeEntry | GitEntry | S3Entry | SqlEntry;

interface NativeEntry {
  readonly kind: 'native';
  /** Its key too. */
  readonly id: string;
  readonly searchLocations: readonly string[];
  readonly times: SourceTimes;
  readonly isWhole: true;
}

interface SqlEntry {
  readonly kind: 'sql';
  /** Its key too. */
  readonly id: string;
  readonly settings: SqlSettings;
  /** Where it stands in the settings. */
  readonly path: string;
  readonly isWhole: boolean;
}

interface GitEntry {
  readonly kind: 'git';
  /** Keys begin with it. */
  readonly id: string;
  readonly uri: string;
  readonly webhookUris: readonly string[];
  readonly access: GitAccessSettings;
  /** Where it stands in the settings. */
  readonly path: string;
  /** It is all of its backend. */
  readonly isWhole: boolean;
}

interface S3Entry {
  readonly kind: 's3';
  /** Its key too. */
  readonly id: string;
  readonly bucket: S3Settings;
  /** It is all of its backend. */
  readonly isWhole: true;
}

export class SourceFactory {
  private readonly settings: Settings;
  private readonly backends: number;
  private readonly entries: readonly RepositoryEntry[];
  private readonly gates: RemoteGates;
  private gitThread: GitThread | null = null;
  private s3Thread: S3Thread | null = null;
  private sqlThread: SqlThread | null = null;

  /** `onRemote`: a host is tried by one source at a time from now on, or answers again. */
  constructor(settings: Settings, onRemote: (host: string, isOpen: boolean) => void) {
    this.settings = settings;
    this.gates = new RemoteGates({ onChange: onRemote, nowMs: () => performance.now(), random: Math.random });
    const backends = backendEntries(settings);
    this.backends = backends.length;
    this.entries = backends.flatMap(repositoryEntries);
  }

  /** The repositories whose uri holds no placeholder: opened at start. */
  static(): readonly string[] {
    return this.entries.flatMap((entry) => {
      if (entry.kind !== 'git') return [entry.id];
      return entry.uri.includes('{') ? [] : [gitRepositoryKey(entry.id, entry.uri)];
    });
  }

  /** null when no settings entry fits. Throws SETTINGS_INVALID when a key or certificate file can't be read. */
  create(repository: string): Source | null {
    const entry = this.entryOf(repository);
    if (entry === null) return null;
    switch (entry.kind) {
      case 'native':
        return this.native(entry);
      case 'git':
        return this.git(entry, repository);
      case 's3':
        return this.s3(entry);
      case 'sql':
        return this.sql(entry);
    }
  }

  /** After the sources. */
  async close(): Promise<void> {
    await Promise.all([this.gitThread?.close(), this.s3Thread?.close(), this.sqlThread?.close()]);
  }

  /** Only of repositories that `create` knows. */
  times(repository: string): SourceTimes {
    const entry = this.entryOf(repository);
    assert(entry !== null, `${repository} is a repository of the settings`);
    if (entry.kind === 'native') return entry.times;
    if (entry.kind === 'sql') return sqlTimes(entry.settings);
    const { pollIntervalMs, maxStalenessMs, onStale, timeoutMs } = entry.kind === 's3' ? entry.bucket : entry.access;
    return { pollIntervalMs, maxStalenessMs, onStale, timeoutMs: timeoutMs * longestFetch };
  }

  /** Whether every answer needs it: it is one of several backends, none may fail, and it has no repositories with patterns. */
  isRequired(repository: string): boolean {
    return this.backends > 1 && this.settings.config.failOnCompositeError && this.entryOf(repository)?.isWhole === true;
  }

  private native({ id, searchLocations }: NativeEntry): Source {
    return new NativeSource({ repository: id, searchLocations, workingDirectory: process.cwd(), limits: this.treeLimits(), isWatching: true });
  }

  private git({ id, webhookUris, access, path }: GitEntry, repository: string): Source {
    const { storage } = this.settings;
    const fileText = (file: string, option: string): string => readSettingsFile(file, `${path}.${option}`);
    this.gitThread ??= new GitThread();
    const uri = repository.slice(id.length + 1);
    const host = remoteHost(uri, process.cwd());
    const options: GitSourceOptions = {
      repository,
      uri,
      webhookUris,
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
      gate: host === null ? null : this.gates.of(host, access.pollIntervalMs, access.timeoutMs * longestFetch),
    };
    return new GitSource(options, this.gitThread);
  }

  private s3({ id, bucket }: S3Entry): Source {
    const { storage, config } = this.settings;
    const label = config.defaultLabel ?? bucket.defaultLabel;
    this.s3Thread ??= new S3Thread();
    const { region, endpoint, pathStyle, prefix, accessKeyId, secretAccessKey, sessionToken, timeoutMs } = bucket;
    const options: S3SourceOptions = {
      repository: id,
      bucket: bucket.bucket,
      region,
      endpoint,
      pathStyle,
      prefix,
      accessKeyId,
      secretAccessKey,
      sessionToken,
      firstLabels: label === null ? [''] : labelList(label),
      timeoutMs,
      storageDirectory: storage.enabled ? storage.directory : null,
      limits: this.treeLimits(),
    };
    return new S3Source(options, this.s3Thread);
  }

  private sql({ id, settings, path }: SqlEntry): Source {
    const { storage, server } = this.settings;
    this.sqlThread ??= new SqlThread();
    const caCertificates = settings.caFile === null ? null : readSettingsFile(settings.caFile, `${path}.caFile`);
    const options: SqlSourceOptions = {
      repository: id,
      access: sqlAccess(settings, caCertificates),
      content: sqlContent(settings),
      limits: this.treeLimits(),
      file: sqlCopyFile(settings, storage.enabled ? storage.directory : null),
      labelsMax: server.limits.labelsMax,
    };
    return new SqlSource(options, this.sqlThread);
  }

  private entryOf(repository: string): RepositoryEntry | null {
    return this.entries.find(({ kind, id }) => (kind === 'git' ? repository.startsWith(`${id} `) : repository === id)) ?? null;
  }

  private treeLimits(): TreeLimits {
    const { fileBytesMax, treeBytesMax, treeFilesMax } = this.settings.server.limits;
    return { ...defaultTreeLimits, fileBytesMax, treeBytesMax, filesMax: treeFilesMax };
  }
}

function repositoryEntries({ id, path, settings }: BackendEntry): readonly RepositoryEntry[] {
  switch (settings.type) {
    case 'native': {
      const { searchLocations, pollIntervalMs, maxStalenessMs, onStale } = settings;
      const times = { pollIntervalMs, maxStalenessMs, onStale, timeoutMs: scanTimeoutMs };
      return [{ kind: 'native', id, searchLocations, times, isWhole: true }];
    }
    case 'git': {
      const own: GitEntry = {
        kind: 'git',
        id,
        uri: settings.uri,
        webhookUris: settings.webhookUris,
        access: settings,
        path: path.join('.'),
        isWhole: settings.repos.size === 0,
      };
      const repos = [...settings.repos].map(([name, access]): GitEntry => ({
        kind: 'git',
        id: `${id}.repos.${name}`,
        uri: access.uri,
        webhookUris: access.webhookUris,
        access,
        path: [...path, 'repos', name].join('.'),
        isWhole: false,
      }));
      return [own, ...repos];
    }
    case 's3':
      return [{ kind: 's3', id: s3Repository(id, settings), bucket: settings, isWhole: true }];
    case 'sql':
      return [{ kind: 'sql', id, settings, path: path.join('.'), isWhole: settings.failOnError }];
  }
}
