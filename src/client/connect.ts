// vortex-config/client: the resolved configuration of an application, kept up to date. Node >= 20.11 and browsers, no dependency.
//
//   const configuration = await connect({ url: 'http://config:8080', application: 'orders', profile: 'prod' });
//   configuration.number('server.port', 8080);
//   configuration.onChange('feature', ({ changes }) => …);
import { Configuration, type Value } from './configuration.ts';
import { readCache, writeCache } from './fileCache.ts';
import { Subscription, type SubscriptionOptions } from './subscription.ts';
import type { TransportName } from './transports.ts';

export { Configuration, ConfigurationTypeError } from './configuration.ts';
export type { ChangeEvent, ChangeListener, KeyDifference, Value } from './configuration.ts';
export { RefusedError } from './transports.ts';
export type { TransportName } from './transports.ts';

export interface ConnectOptions {
  /** Of the server, with its prefix: `http://config:8080`. */
  readonly url: string;
  readonly application: string;
  /** Several with commas. Default: `default`. */
  readonly profile?: string;
  /** Default: the server's. */
  readonly label?: string;
  /** In the order in which they are tried. Default: WebSocket where there is one, server-sent events, long poll. */
  readonly transports?: readonly TransportName[];
  /** For event streams and polls (a WebSocket takes none). */
  readonly headers?: Readonly<Record<string, string>>;
  /** Node: the last content is kept here, and used when the server does not answer in time. */
  readonly cacheFile?: string;
  /** For the first content. Default: 10,000. */
  readonly timeoutMs?: number;
  /** What went wrong while the client goes on trying. */
  readonly onError?: (error: Error) => void;
  /** In [0, 1), for tests. */
  readonly random?: () => number;
}

export interface ConnectedConfiguration extends Configuration {
  /** The content is that of the cache file: the server has not answered yet. */
  readonly isFromCache: boolean;
  /** Ends the connection; the content stays as it is. */
  close(): void;
}

class Connected extends Configuration implements ConnectedConfiguration {
  isFromCache = false;
  close: () => void = () => undefined;
}

/**
 * Resolves with the first content. Rejects with the last error when none comes in time and there is no cache.
 *
 * @throws {RangeError} when application, profile or label is none
 */
export async function connect(options: ConnectOptions): Promise<ConnectedConfiguration> {
  const configuration = new Connected();
  const { timeoutMs = 10_000, cacheFile } = options;
  const path = configurationPath(options.application, options.profile ?? 'default', options.label);
  const source = `${options.url.replace(/\/+$/, '')}${path}`;
  const onError = options.onError ?? ((): void => undefined);
  const cached = cacheFile === undefined ? null : await readCache(cacheFile, source);
  if (cached !== null) {
    // Before the server is asked, so that it sends only what has changed since.
    configuration.replace(cached.properties, cached.revision, cached.hash, cached.secrets);
    configuration.isFromCache = true;
  }
  let writing = Promise.resolve();
  const store = (): void => {
    configuration.isFromCache = false;
    if (cacheFile === undefined) return;
    const properties = Object.fromEntries(configuration.all()) as Record<string, Value>;
    const secrets = [...configuration.all().keys()].filter((key) => configuration.isSecret(key));
    const { revision, hash } = configuration;
    writing = writing.then(() => writeCache(cacheFile, { source, revision, hash, properties, secrets })).catch((error: unknown) => onError(asError(error)));
  };
  const subscriptionOptions: SubscriptionOptions = {
    baseUrl: options.url.replace(/\/+$/, ''),
    path,
    subject: { application: options.application, profile: options.profile ?? 'default', label: options.label ?? null },
    headers: options.headers ?? {},
    transports: options.transports ?? (typeof WebSocket === 'undefined' ? ['events', 'poll'] : ['websocket', 'events', 'poll']),
    random: options.random ?? Math.random,
    onContent: store,
    onError,
  };
  const subscription = new Subscription(configuration, subscriptionOptions);
  configuration.close = () => subscription.close();
  try {
    await subscription.firstContent(timeoutMs);
  } catch (error) {
    if (cached !== null) return configuration;
    subscription.close();
    throw error;
  }
  return configuration;
}

/** `/{application}/{profile}[/{label}]` as the server's routes want it. @throws {RangeError} */
export function configurationPath(application: string, profile: string, label?: string): string {
  return [application, profile, ...(label === undefined ? [] : [label])].map(pathSegment).join('');
}

/** `.` and `..` would be taken out of the path before it is sent. */
function pathSegment(text: string): string {
  if (text === '' || text === '.' || text === '..') throw new RangeError(`'${text}' is no application, profile or label`);
  return `/${encodeURIComponent(text.replaceAll('/', '(_)'))}`;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
