// The encryption routes of a worker: what depends on no key is answered at once, bodies go to a compile thread by way of the primary.
import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { answerWithoutKey, problemBody } from '../core/encryption/encryptionAnswers.ts';
import type { EncryptionRoute } from '../core/http/routeShape.ts';
import type { EncryptionAnswer, EncryptionQuestion } from '../model/encryption.ts';
import { errorCodes, type ErrorCode } from '../model/errorCodes.ts';
import { ENCRYPTION_BODY_BYTES_MAX, ENCRYPTION_WAITERS_MAX } from '../model/limits.ts';
import { namedCounterSlot } from '../telemetry/laneLayout.ts';
import { count, refuse } from './answers.ts';
import { collectBody } from './collectBody.ts';
import type { RequestFacts } from './requestFacts.ts';
import type { ServingOptions, ServingRuntime } from './servingRuntime.ts';
import { statusLine } from './statusLine.ts';

interface Asker {
  readonly response: HttpResponse;
  readonly facts: RequestFacts;
  /** The client went away, or was answered. */
  isDone: boolean;
}

const ABORTED = namedCounterSlot('requestAborted');

export class EncryptionDesk {
  private readonly options: ServingOptions;
  private readonly runtime: ServingRuntime;
  private readonly askers = new Map<number, Asker>();
  private nextId = 1;

  constructor(options: ServingOptions, runtime: ServingRuntime) {
    this.options = options;
    this.runtime = runtime;
  }

  get waiting(): number {
    return this.askers.size;
  }

  request(res: HttpResponse, req: HttpRequest, route: EncryptionRoute, facts: RequestFacts): void {
    const asker: Asker = { response: res, facts, isDone: false };
    res.onAborted(() => {
      if (!asker.isDone) this.runtime.lane.increment(ABORTED);
      asker.isDone = true;
    });
    const contentType = req.getHeader('content-type');
    // The package's types promise a string, but there is none without a question mark.
    const query: string | undefined = req.getQuery();
    const { encryption } = this.options;
    if (facts.method !== 'POST') {
      this.send(asker, answerWithoutKey(route, contentType, 0, encryption) ?? { kind: 'text', text: '{"status":"OK"}' }, route === 'R11');
      return;
    }
    const operation = route === 'R9' ? 'encrypt' : 'decrypt';
    // What still comes of a body that is too large must not be waited for.
    const isTooLarge = (): void => this.refuse(asker, 'BODY_TOO_LARGE', true);
    if (Number(req.getHeader('content-length')) > ENCRYPTION_BODY_BYTES_MAX) {
      isTooLarge();
      return;
    }
    const isOver = (): boolean => asker.isDone;
    collectBody(res, ENCRYPTION_BODY_BYTES_MAX, isOver, (body) => {
      if (body === null) {
        isTooLarge();
        return;
      }
      const answer = answerWithoutKey(route, contentType, body.length, encryption);
      if (answer !== null) this.send(asker, answer, false);
      else this.ask(asker, { operation, contentType, hasQuery: query !== undefined, body });
    });
  }

  answer(questionId: number, answer: EncryptionAnswer): void {
    const asker = this.askers.get(questionId);
    this.askers.delete(questionId);
    if (asker === undefined || asker.isDone) return;
    asker.response.cork(() => this.send(asker, answer, false));
  }

  /** For a primary that does not answer at all. */
  expire(nowMs: number): void {
    for (const [questionId, asker] of this.askers) {
      if (nowMs - asker.facts.startedMs < this.options.waitMaxMs) return;
      this.askers.delete(questionId);
      if (!asker.isDone) asker.response.cork(() => this.refuse(asker, 'MISS_TIMEOUT', false));
    }
  }

  private ask(asker: Asker, question: EncryptionQuestion): void {
    if (this.askers.size >= ENCRYPTION_WAITERS_MAX) {
      this.refuse(asker, 'OVERLOADED', false);
      return;
    }
    const questionId = this.nextId;
    this.nextId += 1;
    this.askers.set(questionId, asker);
    this.runtime.worker.send({ kind: 'encryption', questionId, question });
  }

  private send(asker: Asker, answer: EncryptionAnswer, isJson: boolean): void {
    switch (answer.kind) {
      case 'text':
        this.write(asker, 200, isJson ? 'application/json' : 'text/plain;charset=UTF-8', answer.text);
        return;
      case 'problem':
        this.write(asker, answer.problem.status, 'application/json', problemBody(answer.problem));
        return;
      case 'failed':
        this.refuse(asker, answer.code, false);
    }
  }

  /** Secrets: nobody on the way may keep them. */
  private write(asker: Asker, status: number, contentType: string, body: string): void {
    const { response, facts } = asker;
    const { closing } = this.runtime.worker;
    asker.isDone = true;
    response.writeStatus(statusLine(status)).writeHeader('content-type', contentType).writeHeader('cache-control', 'no-store');
    if (facts.method === 'HEAD') response.endWithoutBody(Buffer.byteLength(body), closing);
    else response.end(body, closing);
    count(this.runtime, facts, status);
  }

  private refuse(asker: Asker, code: ErrorCode, closing: boolean): void {
    asker.isDone = true;
    const { status } = errorCodes[code];
    const headers = status === 503 ? ([['retry-after', '1']] as const) : [];
    refuse(asker.response, this.runtime, asker.facts, { status, emptyBody: false, closing: closing || this.runtime.worker.closing, headers });
  }
}
