// The routes of the management port, without HTTP: from a request to an answer.
//
//   GET /health/live, /health/ready, /health      health verdict
//   GET /metrics                                  text exposition
//   GET /explain/{app}/{profiles}[/{label}]       per key what won and what it hides
//   GET /vortex/v1/logging/level                  {"level":"info","levels":[...]}
//   PUT /vortex/v1/logging/level                  {"level":"debug"} → as GET; counts for all threads at once
//   POST /monitor                                 webhooks → applications that the change concerns
//   POST /vortex/v1/workers/restart               new threads for all workers, one after the other → {"restarted":N}
import { matchRoute } from '../../core/http/matchRoute.ts';
import { reasonPhrase } from '../../core/http/reasonPhrase.ts';
import { errorCodes, type ErrorCode } from '../../model/errorCodes.ts';
import { Failure } from '../../model/failure.ts';
import type { EnvironmentRequest } from '../../model/request.ts';
import { isLogLevel, logLevels, type LogLevel } from '../../telemetry/logLevel.ts';
import type { pathValues } from '../../telemetry/metricCatalogue.ts';
import type { ScrapeAnswer } from '../../telemetry/scraper.ts';
import type { HealthQuestion, HealthVerdict } from './healthVerdict.ts';

export interface ManagementActions {
  health(question: HealthQuestion): HealthVerdict;
  scrape(): Promise<ScrapeAnswer>;
  /** The JSON body. Rejects with a Failure: its code and message are shown to the caller. */
  explain(request: EnvironmentRequest): Promise<string>;
  logLevel(): LogLevel;
  setLogLevel(level: LogLevel): void;
  /** How many workers there are now with a new thread. Rejects with a Failure. */
  restartWorkers(): Promise<number>;
  /** null where webhooks are switched off. */
  readonly webhook: ((request: ManagementRequest) => Promise<ManagementAnswer>) | null;
}

export interface ManagementRequest {
  readonly method: string;
  /** The request target, raw. */
  readonly target: string;
  /** The first value of a header, by its name in lower case; '' when absent. */
  readonly header: (name: string) => string;
  /** Read only where a route wants it; null when it is larger. Rejects when the client goes away. */
  readonly readBody: (bytesMax: number) => Promise<Buffer | null>;
}

export interface ManagementAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** For OPTIONS and 405. */
  readonly allow: string | null;
  /** Further ones, names in lower case. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
}

export interface ManagementRoute {
  /** What metrics call it. */
  readonly path: (typeof pathValues)[number];
  readonly methods: readonly string[];
  readonly answer: (request: ManagementRequest) => Promise<ManagementAnswer>;
}

const readOnly = ['GET', 'HEAD', 'OPTIONS'] as const;
const levelBytesMax = 1_024;
const explainPrefix = '/explain/';

export class ManagementRoutes {
  private readonly actions: ManagementActions;
  private readonly validateProfiles: boolean;

  private readonly webhookPath: string;

  /** `webhookPath`: monitor.path and /monitor. */
  constructor(actions: ManagementActions, validateProfiles: boolean, webhookPath: string) {
    this.actions = actions;
    this.validateProfiles = validateProfiles;
    this.webhookPath = webhookPath;
  }

  /** Never null: an unknown path has a route that answers 404. */
  find(target: string): ManagementRoute {
    const path = pathOf(target);
    const { webhook } = this.actions;
    if (webhook !== null && path === this.webhookPath) return { path: '/monitor', methods: ['POST', 'OPTIONS'], answer: webhook };
    switch (path) {
      case '/health':
        return this.healthRoute('full');
      case '/health/ready':
        return this.healthRoute('ready');
      case '/health/live':
        return this.healthRoute('live');
      case '/metrics':
        return { path: 'metrics', methods: readOnly, answer: () => this.metrics() };
      case '/vortex/v1/logging/level':
        return { path: 'management', methods: ['GET', 'HEAD', 'PUT', 'OPTIONS'], answer: (request) => this.level(request) };
      case '/vortex/v1/workers/restart':
        return { path: 'management', methods: ['POST', 'OPTIONS'], answer: async () => jsonAnswer(200, { restarted: await this.actions.restartWorkers() }) };
      default:
        if (path.startsWith(explainPrefix)) return { path: 'management', methods: readOnly, answer: (request) => this.explain(request) };
        return { path: 'unmatched', methods: [], answer: (request) => Promise.resolve(errorAnswer('ROUTE_UNKNOWN', request.target)) };
    }
  }

  /** The answer to any request; rejects only because of a bug. */
  async answer(route: ManagementRoute, request: ManagementRequest): Promise<ManagementAnswer> {
    if (route.methods.length > 0) {
      const allow = route.methods.join(', ');
      if (request.method === 'OPTIONS') return { status: 200, contentType: 'application/json', body: '', allow };
      if (!route.methods.includes(request.method)) return { ...errorAnswer('METHOD_NOT_ALLOWED', request.target), allow };
    }
    try {
      return await route.answer(request);
    } catch (error) {
      if (error instanceof Failure) return errorAnswer(error.code, request.target, error.message);
      throw error;
    }
  }

  private healthRoute(question: HealthQuestion): ManagementRoute {
    return {
      path: 'probe',
      methods: readOnly,
      answer: () => {
        const { httpStatus, body } = this.actions.health(question);
        return Promise.resolve(jsonAnswer(httpStatus, body));
      },
    };
  }

  private async metrics(): Promise<ManagementAnswer> {
    const { contentType, body } = await this.actions.scrape();
    return { status: 200, contentType, body, allow: null };
  }

  private async explain({ target }: ManagementRequest): Promise<ManagementAnswer> {
    const path = pathOf(target).slice(explainPrefix.length - 1);
    const match = matchRoute('GET', path, '', { validateProfiles: this.validateProfiles, hasResources: false });
    if (match.kind === 'rejected') return errorAnswer(match.code, target);
    if (match.kind !== 'config' || match.request.kind !== 'environment') return errorAnswer('ROUTE_UNKNOWN', target);
    return { status: 200, contentType: 'application/json', body: await this.actions.explain(match.request), allow: null };
  }

  private async level({ method, target, readBody }: ManagementRequest): Promise<ManagementAnswer> {
    if (method === 'PUT') {
      const body = await readBody(levelBytesMax);
      if (body === null) return errorAnswer('BODY_TOO_LARGE', target);
      const level = levelOf(body.toString('utf8'));
      if (level === null) return errorAnswer('BODY_INVALID', target, `expected {"level": one of ${logLevels.join(', ')}}`);
      this.actions.setLogLevel(level);
    }
    return jsonAnswer(200, { level: this.actions.logLevel(), levels: logLevels });
  }
}

/** The fields of the API's error object, and why. */
export function errorAnswer(code: ErrorCode, target: string, message: string = errorCodes[code].help): ManagementAnswer {
  const status = errorCodes[code].status === 0 ? 500 : errorCodes[code].status;
  return jsonAnswer(status, { timestamp: new Date().toISOString(), status, error: reasonPhrase(status), path: pathOf(target), code, message });
}

function jsonAnswer(status: number, value: unknown): ManagementAnswer {
  return { status, contentType: 'application/json', body: JSON.stringify(value), allow: null };
}

function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}

function levelOf(body: string): LogLevel | null {
  try {
    const parsed: unknown = JSON.parse(body);
    const level = typeof parsed === 'object' && parsed !== null ? (parsed as { readonly level?: unknown }).level : undefined;
    return isLogLevel(level) ? level : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
