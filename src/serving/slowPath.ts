// Everything but the plain read: routing, negotiation, refusals, plain-text files, and requests whose answer must be computed.
import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { encryptionAnswer } from '../core/http/encryptionAnswer.ts';
import { matchRoute, type RouteMatch } from '../core/http/matchRoute.ts';
import { COMPRESSED_BYTES_MIN } from '../model/limits.ts';
import { errorCodes, type ErrorCode } from '../model/errorCodes.ts';
import type { ContentEncoding, EntryRequest, Representation } from '../model/request.ts';
import { routeTemplates } from '../model/routes.ts';
import type { EpochSwitch } from '../snapshot/epochSwitch.ts';
import type { ServedEntry } from '../snapshot/directory.hot.ts';
import { variantOf } from '../snapshot/segmentLayout.ts';
import { answerEntry, count, refuse } from './answers.ts';
import type { MissAnswers } from './missAnswers.ts';
import { withCharset, type Negotiation } from './negotiation.hot.ts';
import type { ServingOptions, ServingRuntime } from './servingPlane.ts';
import { targetPaths } from './targetPath.ts';
import type { RequestFacts, Waiter } from './waiter.ts';

const UNMATCHED = routeTemplates.indexOf('unmatched');

type ConfigMatch = RouteMatch & { readonly kind: 'config' };

export class SlowPath {
  closing = false;
  /** As ReadPath.nowSeconds. */
  nowSeconds = 0;
  private readonly options: ServingOptions;
  private readonly runtime: ServingRuntime;
  private readonly epochs: EpochSwitch;
  private readonly negotiation: Negotiation;
  private readonly misses: MissAnswers;

  constructor(options: ServingOptions, runtime: ServingRuntime, epochs: EpochSwitch, negotiation: Negotiation, misses: MissAnswers) {
    this.options = options;
    this.runtime = runtime;
    this.epochs = epochs;
    this.negotiation = negotiation;
    this.misses = misses;
  }

  request(res: HttpResponse, req: HttpRequest, method: string): void {
    const path = req.getUrl();
    const query = req.getQuery();
    const { target, match } = this.match(method, path, query);
    const facts: RequestFacts = {
      method,
      path,
      accept: req.getHeader('accept'),
      ifNoneMatch: req.getHeader('if-none-match'),
      ifModifiedSince: req.getHeader('if-modified-since'),
      ifUnmodifiedSince: req.getHeader('if-unmodified-since'),
      template: match.kind === 'config' ? routeTemplates.indexOf(match.template) : UNMATCHED,
      startedMs: performance.now(),
    };
    switch (match.kind) {
      case 'config':
        this.config(res, req, target, match, facts);
        return;
      case 'options':
        res.writeHeader('allow', match.allow.join(', ')).endWithoutBody(0, this.closing);
        count(this.runtime.lane, facts, 200);
        return;
      case 'encryption': {
        const answer = encryptionAnswer(match.route);
        if (answer.kind === 'error') this.refuse(res, facts, answer.code, []);
        else {
          res.writeStatus(answer.statusLine).writeHeader('content-type', answer.contentType);
          if (method === 'HEAD') res.endWithoutBody(Buffer.byteLength(answer.body), this.closing);
          else res.end(answer.body, this.closing);
          count(this.runtime.lane, facts, answer.status);
        }
        return;
      }
      case 'rejected':
        this.refuse(res, facts, match.code, match.allow === null ? [] : [['allow', match.allow.join(', ')]]);
        return;
    }
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
    const negotiated = this.negotiate(match, facts.accept);
    if (negotiated.kind === 'rejected') {
      if (negotiated.emptyBody404) {
        refuse(res, this.runtime.lane, facts, { status: 404, emptyBody: true, closing: this.closing, headers: [] });
      } else this.refuse(res, facts, negotiated.code, negotiated.headers);
      return;
    }
    const charset = match.request.kind === 'resource' ? req.getHeader('accept-charset') : '';
    const representation = withCharset(negotiated.representation, charset);
    const accepted = representation.kind === 'binary' ? 'identity' : this.negotiation.encoding(req.getHeader('accept-encoding'));
    const key = entryKey(target, match, representation);
    const variants = this.epochs.current.find(key)?.variants;
    const identity = variants?.[variantOf(representation.kind, 'identity')];
    const encoding = this.encodingFor(identity, accepted);
    const variant = variantOf(representation.kind, encoding);
    const entry = encoding === 'identity' ? identity : variants?.[variant];
    if (entry !== undefined) {
      this.runtime.lane.countHit();
      entry.touchWords[entry.touchIndex] = this.nowSeconds;
      answerEntry(res, this.runtime, facts, entry, negotiated.contentType, encoding, this.closing);
      return;
    }
    const request: EntryRequest = { key, template: match.template, request: match.request, representation, encoding };
    const waiter: Waiter = { response: res, facts, contentType: negotiated.contentType, accepted, aborted: false };
    this.misses.wait(request, waiter);
  }

  private negotiate(match: ConfigMatch, accept: string): ReturnType<Negotiation['environment']> {
    switch (match.request.kind) {
      case 'environment':
        return this.negotiation.environment(accept, match.request.label !== null);
      case 'flat':
        return { kind: 'ok', representation: { kind: 'flat' }, contentType: match.request.format === 'json' ? 'application/json' : 'text/plain' };
      case 'resource':
        return this.negotiation.resource(accept);
    }
  }

  /** An unknown or small body is asked for as it is; only a large one has compressed variants. */
  private encodingFor(identity: ServedEntry | undefined, accepted: ContentEncoding): ContentEncoding {
    if (identity === undefined || identity.status !== 200 || identity.body.length < COMPRESSED_BYTES_MIN) return 'identity';
    return accepted;
  }

  private refuse(res: HttpResponse, facts: RequestFacts, code: ErrorCode, headers: readonly (readonly [string, string])[]): void {
    refuse(res, this.runtime.lane, facts, { status: errorCodes[code].status, emptyBody: false, closing: this.closing, headers });
  }
}

function entryKey(target: string, match: ConfigMatch, representation: Representation): string {
  const query = match.canonicalQuery === '' ? '' : `?${match.canonicalQuery}`;
  const charset = representation.kind === 'text' && representation.charset !== null ? `#${representation.charset}` : '';
  return `${target}${query}${charset}`;
}

function rejected(code: ErrorCode): RouteMatch {
  return { kind: 'rejected', code, allow: null, template: 'unmatched' };
}
