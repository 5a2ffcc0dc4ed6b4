// Everything but the plain read: routing, negotiation, refusals, plain-text files, and requests whose answer must be computed.
import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { matchRoute, type ConfigMatch, type RouteMatch } from '../core/http/matchRoute.ts';
import { ENVIRONMENT_MEDIA_TYPES, negotiate } from '../core/http/negotiate.ts';
import { COMPRESSED_BYTES_MIN } from '../model/limits.ts';
import { errorCodes, type ErrorCode } from '../model/errorCodes.ts';
import type { ContentEncoding, EntryRequest, Representation } from '../model/request.ts';
import { routeTemplates } from '../model/routes.ts';
import type { EpochSwitch } from '../snapshot/epochSwitch.ts';
import type { ServedEntry } from '../snapshot/directory.hot.ts';
import { variantOf } from '../snapshot/segmentLayout.ts';
import { answerEntry, count, refuse } from './answers.ts';
import type { MissAnswers } from './missAnswers.ts';
import type { EncryptionDesk } from './encryptionDesk.ts';
import type { EncodingNegotiation } from './negotiation.hot.ts';
import type { ServingOptions, ServingRuntime } from './servingRuntime.ts';
import { targetPaths } from './targetPath.ts';
import type { RequestFacts } from './requestFacts.ts';
import { HttpWaiter } from './waiter.ts';

export class SlowPath {
  /** As ReadPath.nowSeconds. */
  nowSeconds = 0;
  private readonly options: ServingOptions;
  private readonly runtime: ServingRuntime;
  private readonly epochs: EpochSwitch;
  private readonly encodings: EncodingNegotiation;
  private readonly misses: MissAnswers;
  private readonly encryptions: EncryptionDesk;

  constructor(
    options: ServingOptions,
    runtime: ServingRuntime,
    epochs: EpochSwitch,
    encodings: EncodingNegotiation,
    misses: MissAnswers,
    encryptions: EncryptionDesk,
  ) {
    this.options = options;
    this.runtime = runtime;
    this.epochs = epochs;
    this.encodings = encodings;
    this.misses = misses;
    this.encryptions = encryptions;
  }

  /** `remoteAddress` is null unless the access log samples the request. */
  request(res: HttpResponse, req: HttpRequest, method: string, remoteAddress: string | null = null): void {
    const path = req.getUrl();
    const { target, match } = this.match(method, path, queryOf(req));
    const facts = factsOf(req, method, path, routeTemplates.indexOf(match.template), remoteAddress);
    switch (match.kind) {
      case 'config':
        this.config(res, req, target, match, facts);
        return;
      case 'options':
        this.allow(res, facts, match.allow.join(', '));
        return;
      case 'encryption':
        this.encryptions.request(res, req, match.route, facts);
        return;
      case 'rejected':
        this.refuse(res, facts, match.code, match.allow === null ? [] : [['allow', match.allow.join(', ')]]);
        return;
    }
  }

  /** A probe or scrape with a method that is neither GET nor HEAD. */
  notARead(res: HttpResponse, req: HttpRequest, template: number): void {
    const facts = factsOf(req, req.getCaseSensitiveMethod(), req.getUrl(), template, null);
    const allow = 'GET, HEAD, OPTIONS';
    if (facts.method === 'OPTIONS') this.allow(res, facts, allow);
    else this.refuse(res, facts, 'METHOD_NOT_ALLOWED', [['allow', allow]]);
  }

  private allow(res: HttpResponse, facts: RequestFacts, allow: string): void {
    res.writeHeader('allow', allow).endWithoutBody(0, this.runtime.worker.closing);
    count(this.runtime, facts, 200);
  }

  private match(method: string, path: string, query: string): { readonly target: string; readonly match: RouteMatch } {
    if (path.length + query.length > this.options.urlBytesMax) return { target: path, match: rejected('URL_TOO_LONG') };
    let best: { target: string; match: RouteMatch } | null = null;
    for (const target of targetPaths(path, this.options.serverPrefix)) {
      const match = matchRoute(method, target, query, this.options);
      // A second reading of the path counts only where the first has no route at all.
      if (best === null || (best.match.kind === 'rejected' && best.match.code === 'ROUTE_UNKNOWN')) best = { target, match };
    }
    return best ?? { target: path, match: rejected('ROUTE_UNKNOWN') };
  }

  private config(res: HttpResponse, req: HttpRequest, target: string, match: ConfigMatch, facts: RequestFacts): void {
    const negotiated = negotiate(match, facts.accept, req.getHeader('accept-charset'), this.options.hasResources);
    if (negotiated.kind === 'rejected') {
      if (negotiated.emptyBody404) this.refuseWith(res, facts, 404, true, []);
      else this.refuse(res, facts, negotiated.code, negotiated.code === 'NOT_ACCEPTABLE' ? [['accept', ENVIRONMENT_MEDIA_TYPES.join(', ')]] : []);
      return;
    }
    const { representation, contentType } = negotiated;
    const accepted = representation.kind === 'binary' ? 'identity' : this.encodings.encoding(req.getHeader('accept-encoding'));
    const key = entryKey(target, match, representation);
    const variants = this.epochs.current.find(key)?.variants;
    const identity = variants?.[variantOf(representation.kind, 'identity')];
    const encoding = encodingFor(identity, accepted);
    const entry = encoding === 'identity' ? identity : variants?.[variantOf(representation.kind, encoding)];
    if (entry !== undefined) {
      this.runtime.lane.countHit();
      entry.touchWords[entry.touchIndex] = this.nowSeconds;
      answerEntry(res, this.runtime, facts, entry, contentType, encoding);
      return;
    }
    const request: EntryRequest = { key, template: match.template, request: match.request, representation, encoding };
    this.misses.wait(request, new HttpWaiter(res, this.runtime, facts, contentType, accepted));
  }

  private refuse(res: HttpResponse, facts: RequestFacts, code: ErrorCode, headers: Headers): void {
    this.refuseWith(res, facts, errorCodes[code].status, false, headers);
  }

  private refuseWith(res: HttpResponse, facts: RequestFacts, status: number, emptyBody: boolean, headers: Headers): void {
    refuse(res, this.runtime, facts, { status, emptyBody, closing: this.runtime.worker.closing, headers });
  }
}

function factsOf(req: HttpRequest, method: string, path: string, template: number, remoteAddress: string | null): RequestFacts {
  return {
    method,
    path,
    accept: req.getHeader('accept'),
    ifNoneMatch: req.getHeader('if-none-match'),
    ifModifiedSince: req.getHeader('if-modified-since'),
    ifUnmodifiedSince: req.getHeader('if-unmodified-since'),
    template,
    startedMs: performance.now(),
    remoteAddress,
  };
}

type Headers = readonly (readonly [name: string, value: string])[];

/** An unknown or small body is asked for as it is; only a large one has compressed variants. */
function encodingFor(identity: ServedEntry | undefined, accepted: ContentEncoding): ContentEncoding {
  if (identity === undefined || identity.status !== 200 || identity.body.length < COMPRESSED_BYTES_MIN) return 'identity';
  return accepted;
}

function entryKey(target: string, match: ConfigMatch, representation: Representation): string {
  const query = match.canonicalQuery === '' ? '' : `?${match.canonicalQuery}`;
  const charset = representation.kind === 'text' && representation.charset !== null ? `#${representation.charset}` : '';
  return `${target}${query}${charset}`;
}

/** The package's types promise a string, but there is none without a question mark. */
export function queryOf(req: HttpRequest): string {
  const query: string | undefined = req.getQuery();
  return query ?? '';
}

function rejected(code: ErrorCode): RouteMatch {
  return { kind: 'rejected', code, allow: null, template: 'unmatched' };
}
