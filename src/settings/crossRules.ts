// The rules that one option alone cannot break: how options must fit each other.
import { formatDuration } from '../base/duration.ts';
import { formatByteSize } from '../base/byteSize.ts';
import type { Origins } from './assembleSettings.ts';
import { backendEntries, type BackendEntry } from './backendEntries.ts';
import type { BrokenRule } from './brokenRule.ts';
import { encryptionRules } from './encryptionRules.ts';
import { gitTransport, hasCredentials, hasPlaceholderInHost } from './gitUri.ts';
import type { CompositeEntrySettings, GitPatternRepositorySettings, S3Settings, Settings } from './options.ts';
import { formatOrigin, type Origin } from './origin.ts';
import type { Problem } from './problem.ts';
import { sqlRules, type SqlSettings } from './sqlRules.ts';

/** The last phases of a drain (closing the listener, the last bytes) need a second of their own. (drain: finish, exit) */
const drainTailMs = 1_000;

/** `broken` holds the dotted paths that have a problem already: rules about them are not checked. */
export function crossRules(settings: Settings, origins: Origins, broken: ReadonlySet<string>): readonly Problem[] {
  const rules = [
    ...serverRules(settings),
    ...monitorRules(settings),
    ...busRules(settings, origins),
    ...backendRules(settings, origins),
    ...encryptionRules(settings),
  ];
  return rules.filter((rule) => !rule.paths.some((path) => broken.has(path.join('.'))) && !isInherited(rule, origins)).map((rule) => toProblem(rule, origins));
}

// What a repository has from its backend is reported there.
function isInherited(rule: BrokenRule, origins: Origins): boolean {
  const kinds = rule.paths.map((path) => origins.of(path).kind);
  return kinds.includes('inherited') && kinds.every((kind) => kind === 'inherited' || kind === 'default');
}

function toProblem(rule: BrokenRule, origins: Origins): Problem {
  const set = rule.paths.find((path) => !['default', 'inherited'].includes(origins.of(path).kind)) ?? rule.paths[0] ?? [];
  return { path: set.join('.'), message: rule.message, origin: rule.origin ?? origins.of(set) };
}

function serverRules(settings: Settings): readonly BrokenRule[] {
  const { drain, heartbeat, limits } = settings.server;
  const rules: BrokenRule[] = [];
  const phasesMs = drain.propagationDelayMs + drain.spreadMs + drainTailMs;
  if (phasesMs > drain.timeoutMs) {
    rules.push({
      paths: [
        ['server', 'drain', 'timeout'],
        ['server', 'drain', 'propagationDelay'],
        ['server', 'drain', 'spread'],
      ],
      message: `the phases of the drain take ${formatDuration(phasesMs)} (propagationDelay + spread + 1s), longer than server.drain.timeout ${formatDuration(drain.timeoutMs)}`,
    });
  }
  if (heartbeat.exitAfterMs <= heartbeat.timeoutMs) {
    rules.push({
      paths: [
        ['server', 'heartbeat', 'exitAfter'],
        ['server', 'heartbeat', 'timeout'],
      ],
      message: `server.heartbeat.exitAfter ${formatDuration(heartbeat.exitAfterMs)} must be longer than server.heartbeat.timeout ${formatDuration(heartbeat.timeoutMs)}`,
    });
  }
  if (settings.server.port !== 0 && settings.server.port === settings.management.port && hostsOverlap(settings.server.host, settings.management.host)) {
    rules.push({
      paths: [
        ['management', 'port'],
        ['server', 'port'],
      ],
      message: `server.port and management.port are both ${settings.server.port}`,
    });
  }
  if (limits.fileBytesMax > limits.treeBytesMax) {
    rules.push({
      paths: [
        ['server', 'limits', 'fileBytesMax'],
        ['server', 'limits', 'treeBytesMax'],
      ],
      message: `one file may have ${formatByteSize(limits.fileBytesMax)}, more than a whole revision (server.limits.treeBytesMax ${formatByteSize(limits.treeBytesMax)})`,
    });
  }
  return rules;
}

function monitorRules({ monitor }: Settings): readonly BrokenRule[] {
  const secrets = [monitor.token, ...webhookVendors.map((vendor) => monitor[vendor].secret)];
  if (!monitor.onApiPort || secrets.some((secret) => secret !== null)) return [];
  const message = 'needs monitor.token or the secret of a provider: whoever reaches the API could have the sources polled without end';
  return [{ paths: [['monitor', 'onApiPort']], message }];
}

const nats = ['bus', 'nats'];

function busRules({ bus }: Settings, origins: Origins): readonly BrokenRule[] {
  const { url, username, password, token, credentialsFile, certificateFile, keyFile } = bus.nats;
  const rules: BrokenRule[] = [];
  const broken = (fields: readonly string[], message: string): void => {
    rules.push({ paths: fields.map((field) => [...nats, field]), message });
  };
  const origin = origins.anyBelow(nats);
  if (url === null && origin !== null) rules.push({ paths: [[...nats, 'url']], message: 'other options of bus.nats are set, but not its url', origin });
  if ((username === null) !== (password === null)) broken(['username', 'password'], 'username and password need each other');
  if ([username, token, credentialsFile].filter((each) => each !== null).length > 1) {
    broken(['token', 'credentialsFile', 'username'], 'token, credentialsFile and username exclude each other');
  }
  if ((certificateFile === null) !== (keyFile === null)) broken(['certificateFile', 'keyFile'], 'certificateFile and keyFile need each other');
  return rules;
}

function hostsOverlap(a: string, b: string): boolean {
  const everywhere = ['0.0.0.0', '::', '[::]'];
  return a === b || everywhere.includes(a) || everywhere.includes(b);
}

const webhookVendors = ['github', 'gitlab', 'gitea', 'gogs', 'gitee', 'bitbucket'] as const;

const git = ['backends', 'git'];
const native = ['backends', 'native'];
const s3 = ['backends', 's3'];
const sql = ['backends', 'sql'];
const composite = ['backends', 'composite'];

type NativeSettings = Extract<CompositeEntrySettings, { readonly type: 'native' }>;
type GitSettings = Extract<CompositeEntrySettings, { readonly type: 'git' }>;

function backendRules(settings: Settings, origins: Origins): readonly BrokenRule[] {
  const indexes = origins.entriesOf(composite);
  // The type of an entry is missing or wrong: further rules would speak of other entries than they mean.
  if (indexes.length !== settings.backends.composite.length) return [];
  const gaps = compositeRules(indexes, origins);
  if (gaps.length > 0) return gaps;
  const rules = [...onlyOneWay(settings, origins)];
  for (const [path, option, value] of switches(settings)) {
    const origin = origins.anyBelow(path);
    if (value !== null || origin === null) continue;
    rules.push({ paths: [[...path, option]], message: `other options of ${path.join('.')} are set, but not its ${option}`, origin });
  }
  for (const entry of backendEntries(settings)) {
    if (origins.anyBelow(entry.path) !== null) rules.push(...entryRules(entry, origins));
  }
  return rules;
}

/** The backends that one option of theirs asks for, and its value. */
function switches({ backends }: Settings): readonly (readonly [path: readonly string[], option: string, value: string | null])[] {
  return [
    [git, 'uri', backends.git.uri],
    [s3, 'bucket', backends.s3.bucket],
    [sql, 'url', backends.sql.url],
  ];
}

function entryRules({ path, settings }: BackendEntry, origins: Origins): readonly BrokenRule[] {
  switch (settings.type) {
    case 'native':
      return nativeRules(path, settings);
    case 'git':
      return gitRules(path, settings, origins);
    case 's3':
      return s3Rules(path, settings, origins);
    case 'sql':
      return databaseRules(path, settings, origins);
  }
}

function onlyOneWay(settings: Settings, origins: Origins): readonly BrokenRule[] {
  const list = 'list several backends in backends.composite';
  const found = [native, ...switches(settings).map(([path]) => path)].flatMap((path) => {
    const origin = origins.anyBelow(path);
    return origin === null ? [] : [{ path, name: path.join('.'), origin }];
  });
  if (settings.backends.composite.length > 0) {
    return found.map(({ name, origin }) => ({
      paths: [composite],
      message: `${name} is set too (${formatOrigin(origin)}): ${list}, and nowhere else`,
      origin: origins.anyBelow(composite) ?? origin,
    }));
  }
  const active = switches(settings).find(([, , value]) => value !== null);
  if (active === undefined) return [];
  const [activePath, option] = active;
  return found
    .filter(({ path }) => path !== activePath)
    .map(({ name, origin }) => ({
      paths: [[...activePath, option]],
      message: `${name} is set too (${formatOrigin(origin)}): ${list}, or set one of them only`,
    }));
}

/** Variables and flags may name any index: none may be left out. */
function compositeRules(indexes: readonly string[], origins: Origins): readonly BrokenRule[] {
  const at = indexes.findIndex((name, index) => name !== String(index));
  if (at < 0) return [];
  const path = [...composite, indexes[at] ?? ''];
  return [
    {
      paths: [[...composite, String(at), 'type']],
      message: `there is an entry ${path.join('.')}, but none before it with this index`,
      ...originOf(path, origins),
    },
  ];
}

function nativeRules(path: readonly string[], { searchLocations, pollIntervalMs, maxStalenessMs }: NativeSettings): readonly BrokenRule[] {
  const rules = searchLocations.flatMap((location): readonly BrokenRule[] => {
    const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):/.exec(location)?.[1];
    if (scheme === undefined || scheme === 'file') return [];
    return [{ paths: [[...path, 'searchLocations']], message: `${scheme}: locations do not exist here; write file:/directory/ or /directory/` }];
  });
  return [...rules, ...stalenessRule(path, pollIntervalMs, maxStalenessMs)];
}

function gitRules(path: readonly string[], backend: GitSettings, origins: Origins): readonly BrokenRule[] {
  const rules: BrokenRule[] = [];
  if (backend.uri === '') rules.push({ paths: [[...path, 'uri']], message: 'the entry has no uri', ...originOf(path, origins) });
  else rules.push(...accessRulesOf(path, backend));
  for (const [name, repository] of backend.repos) {
    const own = [...path, 'repos', name];
    if (repository.uri !== '') rules.push(...accessRulesOf(own, repository));
    else if (origins.anyBelow(own) !== null) rules.push({ paths: [[...own, 'uri']], message: 'the repository has no uri', ...originOf(own, origins) });
  }
  return rules;
}

function s3Rules(path: readonly string[], backend: S3Settings, origins: Origins): readonly BrokenRule[] {
  const rules: BrokenRule[] = [];
  const broken = (fields: readonly string[], message: string): void => {
    rules.push({ paths: fields.map((field) => [...path, field]), message });
  };
  const { accessKeyId, secretAccessKey, sessionToken } = backend;
  if (backend.bucket === '') rules.push({ paths: [[...path, 'bucket']], message: 'the entry has no bucket', ...originOf(path, origins) });
  if (accessKeyId !== null && secretAccessKey === null) broken(['accessKeyId', 'secretAccessKey'], 'accessKeyId needs a secretAccessKey');
  if (accessKeyId === null && secretAccessKey !== null) broken(['secretAccessKey', 'accessKeyId'], 'secretAccessKey needs an accessKeyId');
  if (accessKeyId === null && sessionToken !== null) broken(['sessionToken', 'accessKeyId'], 'sessionToken needs an accessKeyId');
  return [...rules, ...stalenessRule(path, backend.pollIntervalMs, backend.maxStalenessMs)];
}

function databaseRules(path: readonly string[], backend: SqlSettings, origins: Origins): readonly BrokenRule[] {
  if (backend.url === '') return [{ paths: [[...path, 'url']], message: 'the entry has no url', ...originOf(path, origins) }];
  const rules = sqlRules(backend).map(({ fields, message }): BrokenRule => ({ paths: fields.map((field) => [...path, field]), message }));
  return [...rules, ...stalenessRule(path, backend.pollIntervalMs, backend.maxStalenessMs)];
}

function originOf(path: readonly string[], origins: Origins): { readonly origin?: Origin } {
  const origin = origins.anyBelow(path);
  return origin === null ? {} : { origin };
}

type Access = Omit<GitPatternRepositorySettings, 'pattern'>;

function accessRulesOf(path: readonly string[], access: Access): readonly BrokenRule[] {
  const rules: BrokenRule[] = [];
  const broken = (fields: readonly string[], message: string): void => {
    rules.push({ paths: fields.map((field) => [...path, field]), message });
  };
  if (hasPlaceholderInHost(access.uri))
    broken(['uri'], 'a placeholder in the host or port of a uri is refused: a request would choose the server that is asked');
  if (hasCredentials(access.uri))
    broken(['uri'], 'a user name or password in the uri would be shown to every client in the names of sources; use username and password, or token');
  if (gitTransport(access.uri) === null) broken(['uri'], 'this transport is not spoken; use https, http, ssh or file');
  if (access.username !== null && access.password === null) broken(['username', 'password'], 'username needs a password');
  if (access.username === null && access.password !== null) broken(['password', 'username'], 'password needs a username');
  if (access.token !== null && access.username !== null) broken(['token', 'username'], 'token and username are both set; a request can carry one of them only');
  if (access.privateKey !== null && access.privateKeyFile !== null) broken(['privateKey', 'privateKeyFile'], 'privateKey and privateKeyFile are both set');
  if (access.knownHosts !== null && access.knownHostsFile !== null) broken(['knownHosts', 'knownHostsFile'], 'knownHosts and knownHostsFile are both set');
  if (access.caFile !== null && access.skipSslValidation) broken(['skipSslValidation', 'caFile'], 'skipSslValidation makes caFile useless; set one of them');
  return [...rules, ...stalenessRule(path, access.pollIntervalMs, access.maxStalenessMs)];
}

function stalenessRule(path: readonly string[], pollIntervalMs: number, maxStalenessMs: number): readonly BrokenRule[] {
  if (maxStalenessMs > pollIntervalMs) return [];
  const message = `maxStaleness ${formatDuration(maxStalenessMs)} must be longer than pollInterval ${formatDuration(pollIntervalMs)}, else every answer is stale between two looks`;
  return [
    {
      paths: [
        [...path, 'maxStaleness'],
        [...path, 'pollInterval'],
      ],
      message,
    },
  ];
}
