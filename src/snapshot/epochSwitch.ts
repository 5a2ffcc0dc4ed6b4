// Changes a worker from one epoch to the next without stalling it: the new directory grows in slices, then one reference is swapped.
import { SLICE_ENTRIES } from '../model/limits.ts';
import { Directory } from './directory.hot.ts';
import { SegmentReader } from './segmentReader.ts';

interface Building {
  readonly epoch: number;
  readonly directory: Directory;
  readonly pending: { readonly reader: SegmentReader; readonly words: Uint32Array; next: number }[];
}

/**
 * State: idle ──begin──► building ──(slices)──► swap ──► idle. An addendum that comes while building goes behind the
 * segments under construction when it belongs to the new epoch, else to the directory in use. A newer epoch that
 * begins meanwhile replaces the one under construction.
 */
export class EpochSwitch {
  current = new Directory();
  epoch = 0;
  private building: Building | null = null;
  private readonly schedule: (slice: () => void) => void;
  private readonly served: (epoch: number) => void;

  /** `schedule` runs a slice in a later turn of the loop (setImmediate); `served` tells that an epoch is in use. */
  constructor(schedule: (slice: () => void) => void, served: (epoch: number) => void) {
    this.schedule = schedule;
    this.served = served;
  }

  begin(epoch: number, segment: SharedArrayBuffer): void {
    const building = { epoch, directory: new Directory(), pending: [pendingSegment(segment)] };
    this.building = building;
    this.step(building);
  }

  add(epoch: number, segment: SharedArrayBuffer): void {
    if (this.building !== null && epoch === this.building.epoch) {
      this.building.pending.push(pendingSegment(segment));
      return;
    }
    if (epoch !== this.epoch) return;
    const { reader, words } = pendingSegment(segment);
    this.current.install(reader, words, 0, reader.entries);
  }

  private step(building: Building): void {
    if (this.building !== building) return;
    const first = building.pending[0];
    if (first === undefined) {
      this.current = building.directory;
      this.epoch = building.epoch;
      this.building = null;
      this.served(building.epoch);
      return;
    }
    const to = Math.min(first.next + SLICE_ENTRIES, first.reader.entries);
    building.directory.install(first.reader, first.words, first.next, to);
    first.next = to;
    if (to === first.reader.entries) building.pending.shift();
    if (building.pending.length === 0) this.step(building);
    else this.schedule(() => this.step(building));
  }
}

function pendingSegment(segment: SharedArrayBuffer): { reader: SegmentReader; words: Uint32Array; next: number } {
  return { reader: new SegmentReader(segment), words: new Uint32Array(segment), next: 0 };
}
