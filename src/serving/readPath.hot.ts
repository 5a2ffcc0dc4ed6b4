// The read path: request target → slot → variant → bytes. What it can't answer goes to the slow path, unchanged.
import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import type { WorkerRuntime } from '../cluster/workerRuntime.ts';
import { COMPRESSED_BYTES_MIN } from '../model/limits.ts';
import { routeTemplates } from '../model/routes.ts';
import type { EpochSwitch } from '../snapshot/epochSwitch.ts';
import type { ServedEntry, Slot } from '../snapshot/directory.hot.ts';
import { variantOf } from '../snapshot/segmentLayout.ts';
import { methodIndex, type LaneWriter } from '../telemetry/lane.hot.ts';
import { environmentType, V2_TYPE, type EncodingNegotiation } from './negotiation.hot.ts';
import { sendEntry, type Sending } from './sendEntry.hot.ts';
import type { ServingRuntime } from './servingRuntime.ts';
import { queryOf, type SlowPath } from './slowPath.ts';
import { INGRESS_PREFIX } from './targetPath.ts';

const ENVIRONMENT = routeTemplates.indexOf('/{name}/{profiles}');
const ENVIRONMENT_WITH_LABEL = routeTemplates.indexOf('/{name}/{profiles}/{label}');
const FLAT_FIRST = routeTemplates.indexOf('/{name}-{profiles}.properties');
const FLAT_LAST = routeTemplates.indexOf('/{label}/{name}-{profiles}.json');
/** Content type of a flat format by template, from FLAT_FIRST. (compatibility document 1.3: no charset) */
const flatTypes = routeTemplates.slice(FLAT_FIRST, FLAT_LAST + 1).map((template) => (template.endsWith('.json') ? 'application/json' : 'text/plain'));

const V1 = variantOf('v1', 'identity');
const V2 = variantOf('v2', 'identity');
const FLAT = variantOf('flat', 'identity');
const GET = methodIndex('GET');

/** Only a path that begins with this letter needs a closer look for INGRESS_PREFIX. */
const LETTER_C = 'c'.charCodeAt(0);

export class ReadPath {
  /** Seconds of the process's clock, moved by a timer: what is stored as the time of the last request. */
  nowSeconds = 0;
  private readonly serverPrefix: string;
  private readonly lane: LaneWriter;
  private readonly runtime: WorkerRuntime;
  private readonly staleSeconds: Int32Array;
  private readonly sending: Sending;
  private readonly epochs: EpochSwitch;
  private readonly encodings: EncodingNegotiation;
  private readonly slowPath: SlowPath;

  constructor(serverPrefix: string, runtime: ServingRuntime, epochs: EpochSwitch, encodings: EncodingNegotiation, slowPath: SlowPath) {
    this.serverPrefix = serverPrefix;
    this.lane = runtime.lane;
    this.runtime = runtime.worker;
    this.sending = runtime.sending;
    this.staleSeconds = runtime.worker.controlBlock.staleSeconds;
    this.epochs = epochs;
    this.encodings = encodings;
    this.slowPath = slowPath;
  }

  get(res: HttpResponse, req: HttpRequest): void {
    const startedMs = performance.now();
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
    let contentType: string;
    let variant: number;
    if (template === ENVIRONMENT || template === ENVIRONMENT_WITH_LABEL) {
      contentType = environmentType(req.getHeader('accept'));
      if (contentType === '') return false;
      variant = contentType === V2_TYPE ? V2 : V1;
    } else if (template >= FLAT_FIRST && template <= FLAT_LAST) {
      contentType = flatTypes[template - FLAT_FIRST]!;
      variant = FLAT;
    } else {
      return false;
    }
    let entry = slot.variants[variant];
    if (entry === undefined || entry.status !== 200) return false;
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
    const stale = this.staleSeconds[entry.repositorySlot]!;
    const status = sendEntry(res, entry, contentType, encoding, req.getHeader('if-none-match'), false, this.runtime.closing, stale, '', this.sending);
    this.lane.incrementRequest(template, GET, status);
    this.lane.countHit();
    this.lane.observeDuration(template, (performance.now() - startedMs) / 1000);
    return true;
  }

  private touch(entry: ServedEntry): void {
    entry.touchWords[entry.touchIndex] = this.nowSeconds;
  }
}
