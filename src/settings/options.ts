// The only list of options: type, default, bounds and one line of help each. File keys, environment names, flags, help,
// README table, JSON schema and the Settings type are made from it.
import { stalePolicies } from '../model/staleness.ts';
import { boolean, bytes, choice, derivedString, duration, entries, fraction, integer, list, map, named, secret, string } from './option.ts';
import type { EntryOf, Platform, SettingsOf } from './option.ts';
import { sqlBackend, urlFacts as sqlUrlFacts } from './sqlOptions.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const KiB = 1_024;
const MiB = 1_024 * KiB;
const GiB = 1_024 * MiB;

const portMax = 65_535;
const host = { regex: /^[A-Za-z0-9.:_%-]+$/, says: 'a host name or address without port' };
const prefix = { regex: /^(\/[A-Za-z0-9._~-]+)*$/, says: 'a path such as /config, with a slash at the start and none at the end' };
const keyStoreLocation = { regex: /^(?!classpath:)(file:.|(?![A-Za-z][A-Za-z0-9+.-]+:).)/, says: 'a path or a file: uri' };
const keyStoreType = { regex: /^(jks|pkcs12)$/i, says: 'jks or pkcs12' };
const gitUri = {
  // `transport::address` runs a helper program, and a leading hyphen would be read as an option of git.
  regex: /^(?!-)(?!\w+::)\S+$/,
  says: 'an https, http, ssh or file uri, user@host:path, or a directory',
};

const onStale = choice('serve', stalePolicies, {
  help: 'What happens to answers after maxStaleness: serve them, serve them with a warning header and log line, or refuse them with 503.',
});
const natsServers = {
  regex: /^(nats|tls):\/\/[A-Za-z0-9.:_[\]-]+(,(nats|tls):\/\/[A-Za-z0-9.:_[\]-]+)*$/,
  says: 'nats://host:port or tls://host:port without a user, several with commas between them',
};
const subjectPrefix = { regex: /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, says: 'words of letters, digits, - and _ with dots between them' };

const evenHex = { regex: /^([0-9A-Fa-f]{2})+$/, says: 'pairs of hexadecimal digits' };

const previousKey = {
  key: secret({ help: 'The password, or an RSA private key as PEM.' }),
  keyFile: string(null, { help: 'File that holds it, instead of key.' }),
  salt: string('deadbeef', { rule: evenHex, help: 'Salt of the password.' }),
};

const gitAccess = {
  username: string(null, { help: 'User name for https and http.' }),
  password: secret({ help: 'Password for https and http, with username.' }),
  token: secret({ help: 'Access token for https and http, instead of username and password.' }),
  privateKey: secret({ help: 'SSH private key, the PEM text itself.' }),
  privateKeyFile: string(null, { help: 'File that holds the SSH private key, instead of privateKey.' }),
  passphrase: secret({ help: 'Passphrase of the SSH private key.' }),
  knownHosts: string(null, { help: 'SSH host keys to trust, the lines of a known_hosts file themselves.' }),
  knownHostsFile: string(null, { help: 'File of the SSH host keys to trust, instead of knownHosts.', unsetMeans: "that of the server's user" }),
  strictHostKeyChecking: boolean(true, { help: 'Refuse an SSH server whose host key is not known.' }),
  skipSslValidation: boolean(false, { help: 'Accept any certificate of an https server. For tests only.' }),
  caFile: string(null, { help: 'PEM file of the certificate authorities to trust for https.', unsetMeans: 'those of the system' }),
  timeout: duration(30 * second, second, hour, { help: 'Longest time of one fetch.' }),
  pollInterval: duration(30 * second, second, day, { help: 'Time between two fetches, give or take a tenth.' }),
  maxStaleness: duration(5 * minute, second, 30 * day, {
    help: 'Age of the last confirmed revision from which answers carry x-vortex-stale and health is degraded.',
  }),
  onStale,
};

const uriFacts = { rule: gitUri, changesAnswers: true, help: 'The repository; {application}, {profile} and {label} are allowed in its path.' };

const webhookUris = list([], 0, { help: 'Further uris under which webhooks name the repository: the public one, where the uri is an internal one.' });

const gitSearch = {
  searchPaths: list([], 0, { changesAnswers: true, help: 'Directories searched after the root; *, ** and placeholders are allowed.' }),
  defaultLabel: string(null, { changesAnswers: true, help: 'Label of requests without one.', unsetMeans: 'main' }),
  tryMasterBranch: boolean(true, { changesAnswers: true, help: 'Try master when the label is main and fails.' }),
  continueOnMultipleLabelFailure: boolean(false, { changesAnswers: true, help: 'Skip the labels of a list that fail, instead of answering 404.' }),
};

const gitPatternRepository = {
  webhookUris,
  pattern: list([], 0, { changesAnswers: true, help: 'Which application/profile it serves; * matches anything.', unsetMeans: 'its name' }),
  uri: string('', { ...uriFacts, required: true }),
  ...gitSearch,
  ...gitAccess,
};

const webhookVendor = (name: string, carrier: string) => ({
  enabled: boolean(true, { help: `Recognise the webhooks of ${name}.` }),
  secret: secret({ help: `${carrier} of ${name}; once any secret is set, deliveries without one are refused.` }),
});

const gitBackend = {
  webhookUris,
  ...gitSearch,
  ...gitAccess,
  repos: named(gitPatternRepository, {
    changesAnswers: true,
    help: 'Further repositories by name, each for the applications and profiles of its pattern, tried in order before the one of uri.',
  }),
};

const nativeBackend = {
  searchLocations: list(['file:./config/'], 1, { changesAnswers: true, help: 'Directories to serve, the last wins; placeholders and * are allowed.' }),
  version: string(null, { changesAnswers: true, help: 'Text of the version field of answers.' }),
  addLabelLocations: boolean(true, { changesAnswers: true, help: "Search the label's sub-directory of each location too." }),
  defaultLabel: string(null, { changesAnswers: true, help: 'Label of requests without one.', unsetMeans: 'master' }),
  pollInterval: duration(5 * second, 100, day, { help: 'Time between two looks at the directories, for changes that no event told.' }),
  maxStaleness: duration(minute, second, 30 * day, {
    help: 'Age of the last successful look from which answers carry x-vortex-stale and health is degraded.',
  }),
  onStale,
};

const bucketFacts = {
  rule: { regex: /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/, says: 'the name of a bucket' },
  changesAnswers: true,
  help: 'The bucket to serve.',
};
const s3Endpoint = { regex: /^https?:\/\/[^/\s@?#]+\/?$/, says: 'an http or https uri of a host, without a path' };
const s3Prefix = { regex: /^(?!\/)(?!.*\/\/)[^\0]*$/, says: 'the beginning of keys, without a slash at its start' };

const s3Backend = {
  region: string(null, { help: 'Region of the bucket.', unsetMeans: 'that of the AWS environment; us-east-1 with an endpoint' }),
  endpoint: string(null, { rule: s3Endpoint, help: 'Where a server that is not AWS is.', unsetMeans: 'AWS' }),
  pathStyle: boolean(false, { help: 'Name the bucket in the path of requests, not in the host; many servers that are not AWS need it.' }),
  prefix: string('', {
    rule: s3Prefix,
    changesAnswers: true,
    help: 'Directory of the bucket to serve; nothing else is listed or read.',
    unsetMeans: 'all of it',
  }),
  accessKeyId: string(null, { help: 'Access key, with secretAccessKey.', unsetMeans: 'from the environment, shared files, a web identity or the instance' }),
  secretAccessKey: secret({ help: 'Secret of the access key.' }),
  sessionToken: secret({ help: 'Token of a temporary access key.' }),
  useDirectoryLayout: boolean(false, { changesAnswers: true, help: 'Objects are app/application-profile.yml, not app-profile.yml.' }),
  defaultLabel: string(null, { changesAnswers: true, help: 'Label of requests without one.', unsetMeans: 'none: keys without a label before them' }),
  timeout: duration(30 * second, second, hour, { help: 'Longest time of one look at the bucket; the first one has ten times as long.' }),
  pollInterval: duration(30 * second, second, day, { help: 'Time between two looks at the bucket, give or take a tenth.' }),
  maxStaleness: duration(5 * minute, second, 30 * day, {
    help: 'Age of the last successful look from which answers carry x-vortex-stale and health is degraded.',
  }),
  onStale,
};

const orderLowest = 2_147_483_647;
const orderHelp = 'Precedence among the entries: the smallest wins, equal ones as listed.';
const order = integer(orderLowest, -orderLowest - 1, orderLowest, { changesAnswers: true, help: orderHelp, unsetMeans: 'lowest' });

// A further kind of backend is one more line here, with a default order of its own where upstream has one. (compatibility document 6.9)
const compositeVariants = {
  native: { order, ...nativeBackend },
  git: { order, uri: string('', { ...uriFacts, required: true }), ...gitBackend },
  s3: { order, bucket: string('', { ...bucketFacts, required: true }), ...s3Backend },
  sql: {
    order: integer(orderLowest - 10, -orderLowest - 1, orderLowest, { changesAnswers: true, help: orderHelp, unsetMeans: 'before those without order' }),
    url: string('', { ...sqlUrlFacts, required: true }),
    ...sqlBackend,
    onStale,
  },
};

export const options = {
  server: {
    host: string('0.0.0.0', { rule: host, help: 'Address that the API listens on.' }),
    port: integer(8080, 0, portMax, { help: 'Port of the API; 0 lets the system choose.' }),
    workers: integer(0, 0, 256, { help: 'Serving threads; 0 takes as many as the CPU quota, else the CPUs.' }),
    prefix: string('', { rule: prefix, changesAnswers: true, help: 'Path before every route of the API.' }),
    drain: {
      propagationDelay: duration(5 * second, 0, hour, { help: 'Time between SIGTERM and the end of accepting, while load balancers take the server out.' }),
      spread: duration(10 * second, 0, hour, { help: 'Time over which the closing of long-lived connections is spread.' }),
      timeout: duration(30 * second, second, 2 * hour, { help: 'Longest time from SIGTERM to the end of the process.' }),
    },
    limits: {
      headerBytesMax: bytes(16 * KiB, 4 * KiB, MiB, { help: 'Header block of a request; above, 431.' }),
      urlBytesMax: bytes(8 * KiB, 256, MiB, { help: 'Target of a request; above, 414.' }),
      idleTimeout: duration(75 * second, 8 * second, 960 * second, { help: 'Time without a byte after which a connection is closed.' }),
      missQueueMax: integer(1_000, 1, 1_000_000, { help: 'Answers waiting to be computed; above, 503 with Retry-After.' }),
      missTimeout: duration(10 * second, 100, 10 * minute, { help: 'Longest wait for an answer that is not in the snapshot; then 503.' }),
      fileBytesMax: bytes(32 * MiB, KiB, GiB, { help: 'One file of a source; above, the file is refused.' }),
      treeBytesMax: bytes(GiB, MiB, 64 * GiB, { help: 'All files of one revision; above, the last good revision stays.' }),
      treeFilesMax: integer(100_000, 1, 10_000_000, { help: 'Files of one revision; above, the last good revision stays.' }),
      yamlNodesMax: integer(2_000_000, 1_000, 100_000_000, { help: 'Nodes that one YAML file may expand to; above, the file is refused.' }),
      nestingDepthMax: integer(100, 10, 1_000, { help: 'Levels of a file or of nested placeholders; above, it is refused.' }),
      listIndexMax: integer(10_000, 100, 1_000_000, { help: 'Highest list index that the .yml and .json formats build; above, an error.' }),
      bodyBytesMax: bytes(64 * MiB, 64 * KiB, GiB, { help: 'One rendered answer; above, an error.' }),
      repositoriesMax: integer(100, 1, 100_000, { help: 'Git repositories made from uris with placeholders; above, they are refused.' }),
      labelsMax: integer(1_000, 1, 1_000_000, { help: 'Labels kept up to date at once; above, the one unused for longest is dropped.' }),
    },
    heartbeat: {
      timeout: duration(10 * second, second, hour, { help: 'Silence of a worker after which health is degraded.' }),
      exitAfter: duration(30 * second, 2 * second, hour, { help: 'Silence of a worker after which the process exits.' }),
    },
  },
  management: {
    host: string('0.0.0.0', { rule: host, help: 'Address that health, metrics and explain listen on.' }),
    port: integer(9090, 0, portMax, { help: 'Port of health, metrics and explain; 0 lets the system choose.' }),
  },
  cache: {
    enabled: boolean(true, { help: 'Keep computed answers in the snapshot; false computes each request.' }),
    ttlSeconds: integer(300, 1, 2_592_000, { help: 'Seconds without a request after which an answer may leave the snapshot.' }),
    maxCapacity: integer(10_000, 1, 1_000_000, { help: 'Answers in the snapshot; above, the one unused for longest leaves.' }),
    maxBytes: bytes(256 * MiB, MiB, 64 * GiB, { help: 'Size of the snapshot; above, the answer unused for longest leaves.' }),
  },
  push: {
    heartbeatInterval: duration(30 * second, second, hour, { help: 'Time between two heartbeats to a subscriber, with revision and hash.' }),
    admissionsPerSecond: integer(500, 1, 1_000_000, { help: 'New subscribers in a second; further ones get 503 with Retry-After.' }),
    connectionAgeMax: duration(0, 0, 30 * day, { help: 'Age at which a subscriber is asked to come anew, give or take a fifth; 0 never.' }),
    subscriptionsPerConnection: integer(32, 1, 10_000, { help: 'Subscriptions of one WebSocket.' }),
    slowMax: duration(minute, second, hour, { help: 'Time that a subscriber may fall behind before it is closed.' }),
    pollMax: duration(30 * second, second, 10 * minute, { help: 'Longest wait of a long poll.' }),
  },
  monitor: {
    enabled: boolean(true, { help: 'Take webhooks at POST /monitor of the management port, and poll the sources that they name at once.' }),
    onApiPort: boolean(false, { help: 'Take them on the API port too; needs a secret.' }),
    path: string('', { rule: prefix, help: 'Path before /monitor.' }),
    bodyBytesMax: bytes(MiB, KiB, 25 * MiB, { help: 'Body of a delivery; above, 413.' }),
    token: secret({ help: 'Token of the generic form, sent as Authorization: Bearer.' }),
    github: webhookVendor('GitHub', 'Secret'),
    gitlab: webhookVendor('GitLab', 'Secret token'),
    gitea: webhookVendor('Gitea and Forgejo', 'Secret'),
    gogs: webhookVendor('Gogs', 'Secret'),
    gitee: webhookVendor('Gitee', 'Password or signature key'),
    bitbucket: webhookVendor('Bitbucket Cloud and Data Center', 'Secret'),
  },
  bus: {
    spread: duration(second, 0, minute, { help: 'Time over which servers that are told of a change spread their fetches.' }),
    nats: {
      url: string(null, { rule: natsServers, help: 'NATS servers over which the servers of a fleet tell each other of changes.', unsetMeans: 'no bus' }),
      subjectPrefix: string('vortex.config', { rule: subjectPrefix, help: 'Beginning of the subjects; one per fleet with the same repositories.' }),
      durable: boolean(false, { help: 'Keep the last word on every source in a JetStream stream, for servers that were away.' }),
      username: string(null, { help: 'User name, with password.' }),
      password: secret({ help: 'Password, with username.' }),
      token: secret({ help: 'Token, instead of username and password.' }),
      credentialsFile: string(null, { help: 'File of credentials (.creds: JWT and key), instead of the others.' }),
      caFile: string(null, { help: 'PEM file of the certificate authorities to trust.', unsetMeans: 'those of the system' }),
      certificateFile: string(null, { help: 'PEM file of a client certificate, with keyFile.' }),
      keyFile: string(null, { help: 'PEM file of its private key, with certificateFile.' }),
    },
  },
  storage: {
    enabled: boolean(true, { help: 'Keep the last good snapshot and the mirrors of Git repositories on disk.' }),
    directory: derivedString(
      { derive: storageDirectory, says: '/var/lib/vortex-config as root, else $XDG_STATE_HOME/vortex-config or ~/.local/state/vortex-config' },
      { help: 'Where they are kept.' },
    ),
  },
  config: {
    defaultLabel: string(null, { changesAnswers: true, help: 'Label of requests without one, for every backend.', unsetMeans: "the backend's own" }),
    acceptEmpty: boolean(true, { changesAnswers: true, help: 'Answer 200 when nothing was found; false answers 404.' }),
    overrides: map({ changesAnswers: true, masked: true, help: 'Properties that win over every source, in every answer.' }),
    stripDocumentFromYaml: boolean(true, { changesAnswers: true, help: 'Serve a YAML document that is a list or text without its document key.' }),
    reverseLocationOrder: boolean(false, { changesAnswers: true, help: 'Search plain-text files from the lowest location upwards.' }),
    failOnCompositeError: boolean(true, { changesAnswers: true, help: 'Let one failing backend of several fail the answer.' }),
    validateProfiles: boolean(true, { changesAnswers: true, help: 'Refuse profile names with characters other than letters, digits and - _ . + @.' }),
  },
  encrypt: {
    key: secret({ changesAnswers: true, help: 'Key of {cipher} values: a password, or an RSA private key as PEM (BEGIN RSA PRIVATE KEY).' }),
    keyFile: string(null, { changesAnswers: true, help: 'File that holds the key, instead of key.' }),
    salt: string('deadbeef', { rule: evenHex, changesAnswers: true, help: 'Salt of a password.' }),
    previousKeys: named(previousKey, { changesAnswers: true, help: 'Keys by name that decrypt what the current one does not, and never encrypt.' }),
    keyStore: {
      location: string(null, { rule: keyStoreLocation, changesAnswers: true, help: 'Key store file, JKS or PKCS#12, instead of key; a file: uri or a path.' }),
      type: string(null, { rule: keyStoreType, help: 'What kind of file it is; looked at, not needed.', unsetMeans: 'told from the file' }),
      password: secret({ changesAnswers: true, help: 'Password of the key store.' }),
      secret: secret({ changesAnswers: true, help: 'Password of the keys in it, if it is another.' }),
      alias: string(null, { changesAnswers: true, help: 'Key of values without a {key:alias} prefix.' }),
    },
    rsa: {
      algorithm: choice('DEFAULT', ['DEFAULT', 'OAEP'], { changesAnswers: true, help: 'Padding of RSA, for keys of a key store: PKCS#1 v1.5 or OAEP.' }),
      strong: boolean(false, { changesAnswers: true, help: 'AES-GCM instead of AES-CBC, for keys of a key store.' }),
      salt: string('deadbeef', { changesAnswers: true, help: 'Salt of the AES layer, for keys of a key store; hexadecimal, or any text.' }),
    },
    enabled: boolean(true, { changesAnswers: true, help: 'Decrypt {cipher} values; false leaves that to clients.' }),
    plainTextEncrypt: boolean(false, { changesAnswers: true, help: 'Decrypt them in plain-text files too (.properties, .json, .yml, .yaml).' }),
    prefixInvalidProperties: boolean(true, {
      changesAnswers: true,
      help: 'Name a value that cannot be decrypted invalid.KEY, with <n/a>; false serves its ciphertext.',
    }),
  },
  backends: {
    native: nativeBackend,
    git: { uri: string(null, { ...uriFacts, unsetMeans: 'no Git' }), ...gitBackend },
    s3: { bucket: string(null, { ...bucketFacts, unsetMeans: 'no S3' }), ...s3Backend },
    sql: { url: string(null, { ...sqlUrlFacts, unsetMeans: 'no database' }), ...sqlBackend, onStale },
    composite: entries(compositeVariants, {
      changesAnswers: true,
      help: 'Several backends at once, in order of precedence where their order is equal; instead of the others.',
    }),
  },
  logging: {
    level: choice('info', ['trace', 'debug', 'info', 'warn', 'error', 'fatal'], { atRunTime: 'on the management port', help: 'Least level that is logged.' }),
    format: choice('json', ['json', 'pretty'], { help: 'One JSON object a line, or lines for people.' }),
    access: {
      sampleRate: fraction(0, 0, 1, { help: 'Part of the requests that is logged.' }),
    },
  },
} as const;

/** Durations are in milliseconds and named so (`server.drain.timeoutMs`), sizes in bytes; unset texts are null. */
export type Settings = SettingsOf<typeof options>;

/** One repository of `backends.git.repos`, with what it inherits filled in. `uri` and `pattern` are always set. */
export type GitPatternRepositorySettings = SettingsOf<typeof gitPatternRepository>;

/** One entry of `backends.composite`, by `type`. */
export type CompositeEntrySettings = EntryOf<typeof compositeVariants>;

/** One bucket. */
export type S3Settings = Extract<CompositeEntrySettings, { readonly type: 's3' }>;

/** How a Git repository is reached: the part that `backends.git` and its `repos` have in common. */
export type GitAccessSettings = SettingsOf<typeof gitAccess>;

function storageDirectory(platform: Platform): string {
  if (platform.isRoot) return '/var/lib/vortex-config';
  const stateHome = platform.environment['XDG_STATE_HOME'];
  const base = stateHome !== undefined && stateHome.startsWith('/') ? stateHome : `${platform.homeDirectory}/.local/state`;
  return `${base}/vortex-config`;
}
