// The read path: request target → slot → variant → bytes. What it can't answer goes to the slow path, unchanged.
import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import type { WorkerRuntime } from '../cluster/workerRuntime.ts';
import { COMPRESSED_BYTES_MIN } from '../model/limits.ts';
import { routeTemplates } from '../model/routes.ts';
import { isRefused } from '../model/staleness.ts';
import type { EpochSwitch } from '../snapshot/epochSwitch.ts';
import type { ServedEntry, Slot } from '../snapshot/directory.hot.ts';
import { variantOf } from '../snapshot/segmentLayout.ts';
import { methodIndex, type LaneWriter } from '../telemetry/lane.hot.ts';
import { environmentVariant, type EncodingNegotiation } from './negotiation.hot.ts';
import { sendEntry, type Sending } from './sendEntry.hot.ts';
import type { ServingRuntime } from './servingRuntime.ts';
import { queryOf, type SlowPath } from './slowPath.ts';
import { INGRESS_PREFIX } from './targetPath.ts';

const ENVIRONMENT = routeTemplates.indexOf('/{name}/{profiles}');
const ENVIRONMENT_WITH_LABEL = routeTemplates.indexOf('/{name}/{profiles}/{label}');
const FLAT_FIRST = routeTemplates.indexOf('/{name}-{profiles}.properties');
const FLAT_LAST = routeTemplates.indexOf('/{label}/{name}-{profiles}.json');
const FLAT = variantOf('flat', 'identity');
const GET = methodIndex('GET');

/** Only a path that begins with this letter needs a closer look for INGRESS_PREFIX. */
const LETTER_C = 'c'.charCodeAt(0);

/** Two clock reads cost as much as the lookup: one request of these is timed and stands for the others in the histogram. */
const TIMED_EVERY = 16;

export class ReadPath {
  /** Seconds of the process's clock, moved by a timer: what is stored as the time of the last request. */
  nowSeconds = 0;
  private turn = -1;
  private lastSeconds = 0;
  private readonly serverPrefix: string;
  private readonly lane: LaneWriter;
  private readonly runtime: WorkerRuntime;
  private readonly staleness: Int32Array;
  private readonly sending: Sending;
  private readonly epochs: EpochSwitch;
  private readonly encodings: EncodingNegotiation;
  private readonly slowPath: SlowPath;

  constructor(serverPrefix: string, runtime: ServingRuntime, epochs: EpochSwitch, encodings: EncodingNegotiation, slowPath: SlowPath) {
    this.serverPrefix = serverPrefix;
    this.lane = runtime.lane;
    this.runtime = runtime.worker;
    this.sending = runtime.sending;
    this.staleness = runtime.worker.controlBlock.staleness;
    this.epochs = epochs;
    this.encodings = encodings;
    this.slowPath = slowPath;
  }

  get(res: HttpResponse, req: HttpRequest): void {
    this.turn = (this.turn + 1) % TIMED_EVERY;
    const startedMs = this.turn === 0 ? performance.now() : 0;
    const slot = this.epochs.current.find(this.target(req.getUrl()));
    // The query of an environment without label never matters; elsewhere it selects another slot.
    if (slot !== undefined && (slot.template === ENVIRONMENT || queryOf(req) === '') && this.serve(res, req, slot, startedMs)) return;
    this.slowPath.request(res, req, 'GET');
  }

  /** The path without the deployment's prefix. Where a prefix can be read in two ways the slow path knows (targetPath.ts). */
  private target(url: string): string {
    if (this.serverPrefix !== '') return url.startsWith(this.serverPrefix) ? url.slice(this.serverPrefix.length) : '';
    return url.charCodeAt(1) === LETTER_C && url.startsWith('/config/') ? url.slice(INGRESS_PREFIX.length) : url;
  }

  /** False when the slot has no answer for this request: nothing was written then. */
  private serve(res: HttpResponse, req: HttpRequest, slot: Slot, startedMs: number): boolean {
    const template = slot.template;
    let variant: number;
    if (template === ENVIRONMENT || template === ENVIRONMENT_WITH_LABEL) {
      variant = environmentVariant(req.getHeader('accept'));
    } else if (template >= FLAT_FIRST && template <= FLAT_LAST) {
      variant = FLAT;
    } else {
      return false;
    }
    let entry = slot.variants[variant];
    if (entry === undefined || entry.status !== 200) return false;
    const ifNoneMatch = req.getHeader('if-none-match');
    let encoding = 'identity';
    if (entry.body.length >= COMPRESSED_BYTES_MIN) {
      const accepted = req.getHeader('accept-encoding');
      if (accepted !== '') {
        encoding = this.encodings.encoding(accepted);
        if (encoding !== 'identity') {
          entry = slot.variants[variant + (encoding === 'gzip' ? 1 : 2)];
          if (entry === undefined) return false;
        }
      }
    }
    this.touch(entry);
    const staleness = this.staleness[entry.repositorySlot]!;
    // Before this and what else came with it 11.43 µs of CPU per request, after it 11.21 (interleaved).
    if (isRefused(staleness)) return false;
    const status = sendEntry(res, entry, '', encoding, ifNoneMatch, false, this.runtime.closing, staleness, '', this.sending);
    this.lane.incrementRequest(template, GET, status);
    this.lane.countHit();
    if (startedMs !== 0) this.lastSeconds = (performance.now() - startedMs) / 1000;
    this.lane.observeDuration(template, this.lastSeconds);
    return true;
  }

  private touch(entry: ServedEntry): void {
    entry.touchWords[entry.touchIndex] = this.nowSeconds;
  }
}
