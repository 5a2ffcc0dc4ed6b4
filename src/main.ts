// Wires the server by hand: control plane, workers, ports, telemetry and the drain that ends it all.
import { availableParallelism } from 'node:os';
import { entryUrl } from './base/entry.ts';
import { createAcceptor, type Acceptor } from './cluster/acceptor.ts';
import { ControlBlock, createControlBlock, threadsPerWorker } from './cluster/controlBlock.ts';
import { drainDefaults } from './cluster/drain.ts';
import { DrainDriver } from './cluster/drainDriver.ts';
import { configureHttpLimits } from './cluster/httpLimits.ts';
import { monotonicMs } from './cluster/monotonicClock.ts';
import type { SignalInbox } from './cluster/signalInbox.ts';
import { RollingRestart } from './cluster/rollingRestart.ts';
import { supervisionDefaults } from './cluster/supervision.ts';
import { WorkerPool } from './cluster/workerPool.ts';
import { ControlPlane, type ControlPlaneEvents } from './control/controlPlane.ts';
import { EventLog } from './control/eventLog.ts';
import { FleetBus } from './control/fleetBus.ts';
import { ManagementServer } from './control/management/managementServer.ts';
import { loadKeys, type LoadedKeys } from './control/encryption/loadKeys.ts';
import { missIdsByThread } from './control/publish/missQueue.ts';
import { ServerStatus } from './control/serverStatus.ts';
import { deliveryOfMessage, deliveryOfRequest } from './control/webhook/webhookDelivery.ts';
import { WebhookReceiver } from './control/webhook/webhookReceiver.ts';
import { errorCodes } from './model/errorCodes.ts';
import { Failure } from './model/failure.ts';
import { COMPILE_THREADS_MAX, REPOSITORY_SLOTS, WEBHOOK_POLL_DELAY_MS } from './model/limits.ts';
import type { ServingOptions } from './serving/servingRuntime.ts';
import { readCpuQuota, workerCount } from './settings/cpuQuota.ts';
import { backendEntries } from './settings/backendEntries.ts';
import type { Settings } from './settings/options.ts';
import { resolutionOptions } from './settings/resolutionOptions.ts';
import { createLane, createLanes } from './telemetry/lane.ts';
import { LaneWriter } from './telemetry/lane.hot.ts';
import { LazySink } from './telemetry/lazySink.ts';
import { Logger } from './telemetry/logger.ts';
import { createLogLevel, type SharedLogLevel } from './telemetry/logLevel.ts';
import { PrimaryMetrics } from './telemetry/primaryMetrics.ts';

const heartbeatMs = 1_000;
/** A worker's own limit on waiting: later than the primary's, which answers with more knowledge. */
const waitGraceMs = 2_000;
/** What has come in on the management port when the workers have ended. */
const managementGraceMs = 500;

/** Resolves when the server has started, with 0, or when it could not, with the exit code of why. */
export async function serve(settings: Settings, version: string, signals: SignalInbox): Promise<number> {
  const keys = await usableKeys(settings);
  if (typeof keys === 'number') return keys;
  configureHttpLimits(settings.server.limits.headerBytesMax);
  const cpus = workerCount(readCpuQuota(), availableParallelism());
  const workers = settings.server.workers > 0 ? settings.server.workers : cpus;
  const threads = workers * threadsPerWorker;
  const controlBlock = new ControlBlock(createControlBlock(threads, REPOSITORY_SLOTS, monotonicMs()));
  const lanes = createLanes(threads);
  const managementLane = createLane();
  const level = createLogLevel(settings.logging.level);
  const sink = new LazySink({ format: settings.logging.format, fd: 1 });
  const log = new Logger(level, sink, 'server');
  const metrics = new PrimaryMetrics();
  const events = new EventLog(log, metrics, backendName(settings));
  const acceptor = await createAcceptor();
  const bus = settings.bus.nats.url === null ? null : new FleetBus(settings.bus, () => plane, metrics, log.child('bus'));
  const webhooks = settings.monitor.enabled ? createWebhooks(settings, () => plane, metrics, log.child('webhooks')) : null;
  const shared = { settings, keys, version, workers, controlBlock, lanes, level, sink, log, events, acceptor, bus, webhooks };

  const plane: ControlPlane = new ControlPlane(
    { settings, resolution: resolutionOptions(settings, process.cwd()), keys, version, compileThreads: Math.min(COMPILE_THREADS_MAX, cpus), controlBlock },
    { ...events.controlPlaneEvents(), ...postsOf(() => pool, controlBlock), onPoll: polledBy(events, bus) },
  );
  const pool: WorkerPool = createPool(
    shared,
    plane,
    () => status,
    () => drain,
  );
  const status = new ServerStatus({
    version,
    plane,
    pool,
    controlBlock,
    lanes: [...lanes, managementLane],
    metrics,
    snapshot: () => events.snapshot,
    bus: () => bus?.state() ?? null,
  });
  const restart = new RollingRestart(pool, workers, controlBlock);
  const management = createManagement(shared, plane, status, restart, managementLane);
  const drain: DrainDriver = createDrain(shared, plane, pool, management);
  drain.installSignals(signals);
  process.on('uncaughtException', (error) => {
    log.fatal('a bug in the primary', { code: 'INTERNAL', error });
    drain.fault(errorCodes.INTERNAL.exitCode);
  });
  return start(shared, { plane, pool, status, management, drain });
}

/** The exit code when they cannot be used, after a log line that says why. */
async function usableKeys(settings: Settings): Promise<LoadedKeys | number> {
  try {
    return await loadKeys(settings.encrypt);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const sink = new LazySink({ format: settings.logging.format, fd: 1 });
    new Logger(createLogLevel(settings.logging.level), sink, 'server').fatal('cannot start', { code: error.code, error });
    await sink.flush();
    return error.exitCode;
  }
}

/** What every part of the primary may need. */
interface Shared {
  readonly settings: Settings;
  readonly keys: LoadedKeys;
  readonly version: string;
  readonly workers: number;
  readonly controlBlock: ControlBlock;
  readonly lanes: readonly SharedArrayBuffer[];
  readonly level: SharedLogLevel;
  readonly sink: LazySink;
  readonly log: Logger;
  readonly events: EventLog;
  readonly acceptor: Acceptor;
  /** null without bus.nats.url. */
  readonly bus: FleetBus | null;
  /** null without monitor.enabled. */
  readonly webhooks: WebhookReceiver | null;
}

interface Parts {
  readonly plane: ControlPlane;
  readonly pool: WorkerPool;
  readonly status: ServerStatus;
  readonly management: ManagementServer;
  readonly drain: DrainDriver;
}

/** Everything at once, and the API port when there is a worker behind it. A signal meanwhile ends it: the drain goes on alone. */
async function start({ settings, version, workers, log, acceptor, bus }: Shared, { plane, pool, status, management, drain }: Parts): Promise<number> {
  try {
    const opened = plane.start().catch((error: unknown) => log.error('the sources could not be opened', { error }));
    bus?.start();
    const [managementPort] = await Promise.all([management.listen(), pool.start()]);
    if (drain.draining) return 0;
    const port = await acceptor.listen(settings.server.host, settings.server.port);
    drain.started();
    log.info('serving', { port, managementPort, workers, version, node: process.version });
    await opened;
    await status.scraper.warmUp();
    return 0;
  } catch (error) {
    if (drain.draining) return 0;
    const failure = error instanceof Failure ? error : new Failure('INTERNAL', error instanceof Error ? error.message : String(error), { cause: error });
    log.fatal('cannot start', { code: failure.code, error: failure });
    drain.fault(failure.exitCode);
    return failure.exitCode;
  }
}

function createPool(shared: Shared, plane: ControlPlane, status: () => ServerStatus, drain: () => DrainDriver): WorkerPool {
  const { settings, keys, version, workers, controlBlock, lanes, level, log, events, acceptor, webhooks } = shared;
  const pool: WorkerPool = new WorkerPool({
    entry: entryUrl('worker'),
    workers,
    controlBlock,
    lanes,
    settings: servingOptions(settings, keys, version, level, workers),
    acceptor,
    timings: { ...supervisionDefaults, hungReportMs: settings.server.heartbeat.timeoutMs, hungExitMs: settings.server.heartbeat.exitAfterMs },
    heartbeatMs,
    welcome: () => plane.welcome(),
    onMiss: (from, message) => plane.miss(message.entry, from, message.missId),
    onAsk: (from, { what, askId }) => {
      void status()
        .answer(what)
        .then(
          (answer) => pool.post(from, { kind: 'answer', askId, ...answer }),
          (error: unknown) => log.error('a worker asked in vain', { what, error }),
        );
    },
    onWebhook: (from, message) => {
      const { webhookId } = message;
      void webhooks?.receive(deliveryOfMessage(message)).then(
        ({ status, contentType, headers = [], body }) => pool.post(from, { kind: 'webhookAnswered', webhookId, status, contentType, headers, body }),
        (error: unknown) => log.error('a webhook could not be judged', { code: 'INTERNAL', error }),
      );
    },
    onEncryption: (from, { question, questionId }) => {
      void plane.encryption(question).then((answer) => pool.post(from, { kind: 'encryptionAnswer', questionId, answer }));
    },
    onEpochServed: () => undefined,
    onReport: (report) => events.worker(report),
    onHung: (from, silentMs) => {
      log.fatal('a worker stopped its heartbeat', { code: 'WORKER_HUNG', worker: from.worker, silentMs });
      drain().fault(errorCodes.WORKER_HUNG.exitCode);
    },
  });
  return pool;
}

function createManagement(
  { settings, log, level, webhooks }: Shared,
  plane: ControlPlane,
  status: ServerStatus,
  restart: RollingRestart,
  lane: SharedArrayBuffer,
): ManagementServer {
  return new ManagementServer(
    {
      host: settings.management.host,
      port: settings.management.port,
      headerBytesMax: settings.server.limits.headerBytesMax,
      validateProfiles: settings.config.validateProfiles,
      webhookPrefix: settings.monitor.path,
      log: log.child('management'),
      lane: new LaneWriter(lane),
    },
    {
      health: (question) => status.verdict(question),
      scrape: () => status.scraper.scrape(),
      explain: (request) => plane.explain(request),
      logLevel: () => level.get(),
      setLogLevel: (changed) => level.set(changed),
      restartWorkers: () => restart.run(),
      webhook: webhooks === null ? null : (request) => webhooks.receive(deliveryOfRequest(request)),
    },
  );
}

function createDrain(shared: Shared, plane: ControlPlane, pool: WorkerPool, management: ManagementServer): DrainDriver {
  const { settings, controlBlock, acceptor, events, sink, bus } = shared;
  const { propagationDelayMs, spreadMs, timeoutMs } = settings.server.drain;
  return new DrainDriver(
    controlBlock,
    { ...drainDefaults, propagationDelayMs, spreadMs, timeoutMs },
    {
      enterLameDuck: () => pool.postAll({ kind: 'lameDuck' }),
      spread: (overMs) => pool.postAll({ kind: 'spread', spreadMs: overMs }),
      subscribersOpen: () => pool.subscribersOpen(),
      closeListener: () => acceptor.stopAccepting(),
      stopWorkers: (deadlineAtMs, idleMs) => pool.stop(deadlineAtMs, idleMs),
      closePrimary: async () => {
        acceptor.close();
        await Promise.all([plane.close(), management.close(managementGraceMs), bus?.close()]);
        await sink.flush();
      },
      onReport: (report) => {
        events.drain(report, pool);
        if (report.kind === 'kill') sink.flushNow();
      },
    },
  );
}

function createWebhooks(settings: Settings, plane: () => ControlPlane, metrics: PrimaryMetrics, log: Logger): WebhookReceiver {
  return new WebhookReceiver(settings.monitor, {
    targets: () =>
      plane()
        .openSources()
        .map(({ repository, urls = [] }) => ({ repository, urls })),
    poll: (repository) => plane().pollSoon(repository, WEBHOOK_POLL_DELAY_MS),
    nowMs: Date.now,
    metrics,
    log,
  });
}

function polledBy(events: EventLog, bus: FleetBus | null): ControlPlaneEvents['onPoll'] {
  const { onPoll } = events.controlPlaneEvents();
  return (source, result, isRelayed) => {
    onPoll(source, result, isRelayed);
    if (result.problem === null) bus?.polled(source, isRelayed);
  };
}

/** How the control plane reaches the workers. */
function postsOf(pool: () => WorkerPool, controlBlock: ControlBlock): Pick<ControlPlaneEvents, 'postEpoch' | 'postAddendum' | 'postRefusal' | 'epochReleased'> {
  return {
    postEpoch: (epoch, segment, changes, seenAtMs) => {
      controlBlock.setEpoch(epoch);
      pool().postAll({ kind: 'epoch', epoch, segment, changes, seenAtMs });
    },
    epochReleased: () => pool().epochReleased(),
    postAddendum: (epoch, segment, install, origins) => {
      const misses = missIdsByThread(origins);
      for (const to of install ? pool().threads() : misses.threads()) {
        pool().post(to, { kind: 'addendum', epoch, segment, install, missIds: misses.of(to) });
      }
    },
    postRefusal: (origins, code) => {
      const misses = missIdsByThread(origins);
      for (const to of misses.threads()) pool().post(to, { kind: 'missRefused', missIds: misses.of(to), code, retryAfterSeconds: 1 });
    },
  };
}

/** As label of metrics. */
function backendName(settings: Settings): string {
  const [only, ...others] = backendEntries(settings);
  return only === undefined || others.length > 0 ? 'composite' : only.settings.type;
}

function servingOptions(settings: Settings, keys: LoadedKeys, version: string, level: SharedLogLevel, workers: number): ServingOptions {
  const { limits, prefix } = settings.server;
  return {
    serverPrefix: prefix,
    validateProfiles: settings.config.validateProfiles,
    hasResources: true,
    urlBytesMax: limits.urlBytesMax,
    idleTimeoutSeconds: Math.ceil(limits.idleTimeoutMs / 1_000),
    waitersMax: limits.missQueueMax,
    waitMaxMs: limits.missTimeoutMs + waitGraceMs,
    version,
    webhooks: { onApiPort: settings.monitor.enabled && settings.monitor.onApiPort, path: settings.monitor.path, bodyBytesMax: settings.monitor.bodyBytesMax },
    logFormat: settings.logging.format,
    logLevel: level.buffer,
    accessSampleRate: settings.logging.access.sampleRate,
    encryption: keys.facts,
    push: {
      heartbeatMs: settings.push.heartbeatIntervalMs,
      admissionsPerSecond: Math.ceil(settings.push.admissionsPerSecond / workers),
      connectionAgeMaxMs: settings.push.connectionAgeMaxMs,
      subscriptionsPerConnection: settings.push.subscriptionsPerConnection,
      slowMaxMs: settings.push.slowMaxMs,
      pollMaxMs: settings.push.pollMaxMs,
    },
  };
}
