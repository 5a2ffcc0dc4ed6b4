// What happens to requests whose answer must be computed: asked for once, waited for within limits, answered from the addendum.
import type { EntryRequest } from '../model/request.ts';
import { servedEntry, type ServedEntry } from '../snapshot/directory.hot.ts';
import { SegmentReader } from '../snapshot/segmentReader.ts';
import { variantOf } from '../snapshot/segmentLayout.ts';
import { namedCounterSlot } from '../telemetry/laneLayout.ts';
import { MissTable, type Miss } from './missTable.ts';
import type { ServingOptions, ServingRuntime } from './servingRuntime.ts';
import type { RefusalCode, Waiter } from './waiter.ts';

const refusedCounters: Readonly<Record<RefusalCode, number>> = {
  OVERLOADED: namedCounterSlot('missRefusedOverloaded'),
  NOT_READY: namedCounterSlot('missRefusedNotReady'),
  MISS_TIMEOUT: namedCounterSlot('missRefusedTimeout'),
};

export class MissAnswers {
  private readonly table: MissTable;
  private readonly options: ServingOptions;
  private readonly runtime: ServingRuntime;

  constructor(options: ServingOptions, runtime: ServingRuntime) {
    this.table = new MissTable(options.waitersMax);
    this.options = options;
    this.runtime = runtime;
  }

  get waiting(): number {
    return this.table.waiters;
  }

  wait(entry: EntryRequest, waiter: Waiter): void {
    this.runtime.lane.countMiss();
    this.ask(entry, waiter);
  }

  answer(missIds: readonly number[], segment: SharedArrayBuffer): void {
    if (missIds.length === 0) return;
    const entries = entriesByName(segment);
    for (const missId of missIds) {
      const miss = this.table.take(missId);
      if (miss === null) continue;
      const entry = entries.get(`${variantOf(miss.entry.representation.kind, miss.entry.encoding)} ${miss.entry.key}`);
      if (entry === undefined) this.refuseMiss(miss, 'MISS_TIMEOUT', 1);
      else this.answerMiss(miss, entry);
    }
  }

  refuse(missIds: readonly number[], code: RefusalCode, retryAfterSeconds: number): void {
    for (const missId of missIds) {
      const miss = this.table.take(missId);
      if (miss !== null) this.refuseMiss(miss, code, retryAfterSeconds);
    }
  }

  /** The primary answers within server.limits.missTimeout; this is for a primary that does not answer at all. */
  expire(nowMs: number): void {
    for (const miss of this.table.olderThan(nowMs - this.options.waitMaxMs)) this.refuseMiss(miss, 'MISS_TIMEOUT', 1);
  }

  private ask(entry: EntryRequest, waiter: Waiter): void {
    const added = this.table.add(entry, waiter);
    if (added.kind === 'ask') this.runtime.worker.send({ kind: 'miss', missId: added.missId, entry });
    if (added.kind === 'full') this.refuseWaiter(waiter, 'OVERLOADED', 1);
  }

  private answerMiss(miss: Miss, entry: ServedEntry): void {
    for (const waiter of miss.waiters) {
      const encoding = waiter.answer(entry, miss.entry);
      if (encoding !== null) this.ask({ ...miss.entry, encoding }, waiter);
    }
  }

  private refuseMiss(miss: Miss, code: RefusalCode, retryAfterSeconds: number): void {
    for (const waiter of miss.waiters) this.refuseWaiter(waiter, code, retryAfterSeconds);
  }

  private refuseWaiter(waiter: Waiter, code: RefusalCode, retryAfterSeconds: number): void {
    this.runtime.lane.increment(refusedCounters[code]);
    waiter.refuse(code, retryAfterSeconds);
  }
}

function entriesByName(segment: SharedArrayBuffer): ReadonlyMap<string, ServedEntry> {
  const reader = new SegmentReader(segment);
  const words = new Uint32Array(segment);
  const entries = new Map<string, ServedEntry>();
  for (let index = 0; index < reader.entries; index += 1) {
    entries.set(`${reader.variant(index)} ${reader.key(index)}`, servedEntry(reader, words, index));
  }
  return entries;
}
