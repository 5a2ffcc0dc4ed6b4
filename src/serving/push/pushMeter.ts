// Counts what push hands to subscribers, by carrier and kind, and how long a change took to reach the last socket of its answer.
import { monotonicMs } from '../../cluster/monotonicClock.ts';
import type { Frame } from '../../core/push/frame.ts';
import type { LaneWriter } from '../../telemetry/lane.hot.ts';
import { namedCounterSlot, pushedSlot } from '../../telemetry/laneLayout.ts';
import { pushCarriers, pushKinds } from '../../telemetry/metricCatalogue.ts';
import type { PreparedFrame } from './preparedFrame.ts';

export type Carrier = (typeof pushCarriers)[number];

const slots = new Map(pushCarriers.map((carrier) => [carrier, new Map(pushKinds.map((kind) => [kind, pushedSlot(carrier, kind)]))]));
const RESYNC_SLOW = namedCounterSlot('pushResyncSlow');
const RESYNC_ASKED = namedCounterSlot('pushResyncAsked');

export class PushMeter {
  private readonly lane: LaneWriter;
  private readonly startedAtMs: number;

  /** `startedAtMs`: of the process, on the clock that all threads share. */
  constructor(lane: LaneWriter, startedAtMs: number) {
    this.lane = lane;
    this.startedAtMs = startedAtMs;
  }

  /** `bytes`: of one frame. */
  handed(carrier: Carrier, kind: Frame['type'], bytes: number, subscribers: number): void {
    this.lane.countPushed(slots.get(carrier)!.get(kind)!, subscribers, bytes * subscribers);
  }

  resynced(reason: 'slow' | 'asked'): void {
    this.lane.increment(reason === 'slow' ? RESYNC_SLOW : RESYNC_ASKED);
  }

  /** The frame is in the hands of everybody who was to get it. */
  complete({ seenAtMs }: PreparedFrame): void {
    if (seenAtMs > 0) this.lane.observePropagation((monotonicMs() - this.startedAtMs - seenAtMs) / 1_000);
  }
}
